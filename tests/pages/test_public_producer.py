"""The producer's public page: every state in exact words, and nothing of what must not show."""

import pytest

from archives.models import ProducerStatus
from rating.models import Standing
from tests.factories.archives import ProducerFactory
from tests.pages.city import NOT_APPLICABLE, effective_run, rate

pytestmark = pytest.mark.django_db


def page(client, producer, status=200, **extra):
    response = client.get(f"/p/{producer.key}/", **extra)
    assert response.status_code == status
    return response.content.decode()


def test_a_rated_producer_shows_grade_meaning_dates_reasons_and_history(client):
    producer = ProducerFactory(name="遂溪红土地蔬菜合作社")
    rate(producer, "AA", effective_run(2024), score=7200)
    rate(producer, "AAA", effective_run(2025), points={"GD401": 200, "GD501": NOT_APPLICABLE})
    html = page(client, producer)
    assert 'aria-label="农安信用等级 AAA 信用优良"' in html
    assert "质量安全管理优良，记录齐全" in html
    assert "2025年度评价结果，2026年3月1日起生效。" in html
    assert "有效至新的评价结果生效；每年评价一次，评的是上一年度。" in html
    assert "生产记录覆盖率：满分 8 分，得 8 分" in html
    assert "自检、委托检测频次：满分 6 分，得 2 分" in html
    assert html.count('<span class="tag ') == 3
    assert "2024年度" in html
    assert 'aria-label="农安信用等级 AA 信用良好"' in html
    assert "不作金融征信依据" in html


def test_without_a_sample_it_says_so_and_never_that_all_passed(client, noon):
    producer = ProducerFactory()
    rate(producer)
    html = page(client, producer)
    assert "2026年：本年未抽查" in html
    assert "2025年：当年未抽查" in html
    assert "次合格" not in html


def test_a_producer_never_rated_is_not_called_bad(client):
    html = page(client, ProducerFactory())
    assert 'aria-label="农安信用等级 未评价"' in html
    assert "目前没有生效的农安信用等级。" in html
    assert "没有等级不表示不合格" in html
    assert "还没有生效过的年度评价结果。" in html


def test_a_producer_not_rated_for_want_of_evidence_says_why(client):
    producer = ProducerFactory()
    rate(producer, "", status="not_rated")
    html = page(client, producer)
    assert "2025年度未评价：可用的记录或检查信息不足，或者建档时间太短。" in html
    assert "未评价不表示不合格" in html


def test_an_undecided_result_leaves_the_old_grade_and_no_trace(client):
    old, new = effective_run(2024), effective_run(2025)
    producer = ProducerFactory()
    rate(producer, "AAA", old)
    before = page(client, producer)
    rate(producer, "C", new, status="pending", official=False, vetoes=1)
    Standing.objects.filter(producer=producer).update(status="pending", pending_run=new)
    assert page(client, producer) == before
    assert "信用较差" not in before
    assert "待认定" not in before


def test_an_undecided_first_result_looks_like_none(client):
    producer, other = ProducerFactory(), ProducerFactory()
    rate(producer, "C", status="pending", official=False)
    Standing.objects.create(producer=producer, status="pending")
    assert "目前没有生效的农安信用等级。" in page(client, producer)
    assert "目前没有生效的农安信用等级。" in page(client, other)


@pytest.mark.parametrize(
    ("status", "words"),
    [(ProducerStatus.PAUSED, "该主体目前停产"), (ProducerStatus.CLOSED, "该主体已经停止经营")],
)
def test_paused_and_closed_are_said_and_the_grade_stays(client, status, words):
    producer = ProducerFactory(status=status)
    rate(producer)
    html = page(client, producer)
    assert words in html
    assert "信用优良" in html


def test_a_merged_producer_leads_to_what_it_became(client):
    survivor = ProducerFactory(name="合并后的合作社")
    middle = ProducerFactory(status="merged", merged_into=survivor, credit_code=None)
    alias = ProducerFactory(name="合并前的合作社", status="merged", merged_into=middle, credit_code=None)
    assert client.get(f"/p/{alias.key}/").url == f"/p/{survivor.key}/"
    assert "合并前的名称：" in page(client, survivor)


def test_a_natural_person_is_as_unknown_as_nobody(client):
    person = ProducerFactory(natural=True, name="陈小农")
    rate(person)
    known = client.get(f"/p/{person.key}/")
    unknown = client.get("/p/T-999999999/")
    assert known.status_code == unknown.status_code == 404
    assert known.content.replace(person.key.encode(), b"") == unknown.content.replace(b"T-999999999", b"")
    assert client.get(f"/p/{person.key}/proof/").status_code == 404


def test_a_natural_person_merged_into_a_cooperative_stays_unknown(client):
    person = ProducerFactory(
        natural=True, name="陈小农", status="merged", merged_into=ProducerFactory(name="大合作社")
    )
    assert client.get(f"/p/{person.key}/").status_code == 404
    assert "陈小农" not in page(client, person.merged_into)


def test_reasons_for_a_low_grade_begin_with_what_went_wrong(client):
    producer = ProducerFactory()
    rate(producer, "B", score=5000, points={"GD201": 0, "GD301": 0, "GD-N1": 1000})
    html = page(client, producer)
    first = html.index("扣 10 分")
    assert first < html.index("得 0 分") < html.index("历年等级")
    assert '<span class="tag warning">有不足</span>' in html


def test_the_code_colours_of_hangzhou_have_their_own_words_and_shapes(client):
    producer = ProducerFactory()
    rate(producer, "B", effective_run(2025, code="hz-r1"))
    html = page(client, producer)
    assert 'aria-label="农安信用等级 B 蓝码"' in html
    assert "信用警示" not in html


def test_the_name_is_shown_as_text_whatever_is_in_it(client):
    html = page(client, ProducerFactory(name='<script>alert("x")</script>合作社'))
    assert "<script" not in html


def test_generated_producers_are_marked(client):
    assert "这是系统生成的示例，不是真实的生产主体。" in page(client, ProducerFactory(is_generated=True))
