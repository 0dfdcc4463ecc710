"""Home and search: one box, exact codes lead straight on, natural persons never appear, no query runs."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from archives.models import Producer
from rating.models import RatingRun
from tests.factories.archives import ProducerFactory, RegionFactory
from tests.pages.city import effective_run, rate

pytestmark = pytest.mark.django_db

LIMIT = 50_000


def results(client, query, **extra):
    response = client.get("/search/", {"q": query, **extra})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def cooperative():
    producer = ProducerFactory(name="遂溪红土地蔬菜专业合作社")
    rate(producer, "AAA")
    return producer


@pytest.mark.parametrize("query", ["遂溪红土地蔬菜专业合作社", "红土地", "红土地 合作社", "sxhtd", "SXHTD"])
def test_a_name_a_part_of_it_or_its_initials_find_it(client, cooperative, query):
    html = results(client, query)
    assert "找到 1 家" in html
    assert f'href="/p/{cooperative.key}/">遂溪红土地蔬菜专业合作社</a>' in html
    assert 'aria-label="农安信用等级 AAA 信用优良"' in html


def test_a_credit_code_or_key_leads_straight_to_the_producer(client, cooperative):
    for query in (cooperative.credit_code, cooperative.credit_code.lower(), cooperative.key):
        assert client.get("/search/", {"q": query}).url == f"/p/{cooperative.key}/"


def test_the_credit_code_of_a_merged_producer_leads_to_what_it_became(client, cooperative):
    alias = ProducerFactory(status="merged", merged_into=cooperative)
    assert client.get("/search/", {"q": alias.credit_code}).url == f"/p/{cooperative.key}/"


def test_a_certificate_code_leads_to_its_page(client, monkeypatch):
    monkeypatch.setattr(
        "agricredit.pages.public.Certificate.objects", type("One", (), {"filter": _only("ABCD2345EFGH6789")})
    )
    assert client.get("/search/", {"q": "abcd-2345-efgh-6789"}).url.lower() == "/c/abcd2345efgh6789"


def _only(code):
    class Found:
        def __init__(self, found):
            self.found = found

        def exists(self):
            return self.found

    return staticmethod(lambda **given: Found(given == {"code": code}))


def test_nothing_found_says_what_to_try(client):
    html = results(client, "查无此社")
    assert "没有找到“查无此社”" in html
    assert "可以这样再试：" in html
    assert "统一社会信用代码（18 位）" in html


def test_natural_persons_are_nowhere(client):
    person = ProducerFactory(natural=True, name="陈阿水家庭农场主")
    rate(person, "AAAA")
    for query in (person.name, "陈阿水", "cas", person.key):
        assert "没有找到" in results(client, query)
    for path in ("/", "/rights/", "/seals.json", "/search/?q=陈阿水"):
        assert "陈阿水家" not in client.get(path).content.decode()


def test_markup_in_a_query_is_shown_as_text(client):
    html = results(client, '"><script>alert(1)</script>')
    assert "<script" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("query", ["%", "_", "'; DROP TABLE archives_producer; --", "啊" * 500, "(", "\\"])
def test_odd_queries_are_answered(client, query):
    assert client.get("/search/", {"q": query}).status_code in (200, 302)


def test_an_invisible_character_is_refused_in_words(client):
    answer = client.get("/search/", {"q": "\x00"})
    assert (answer.status_code, answer.content.decode()) == (400, "地址中含有不允许的字符。")


def test_an_empty_query_goes_home(client):
    assert client.get("/search/", {"q": "  "}).url == "/"


def test_many_results_are_counted_to_a_thousand_and_narrowed_by_county(client):
    region = RegionFactory()
    RegionFactory(code="440825")
    made = ProducerFactory.build_batch(1001, region=region, name="东方红农场")
    for number, row in enumerate(made):
        row.name_folded, row.initials = "东方红农场", "dfhnc"
        row.credit_code, row.key = None, f"M-{number}"
    Producer.objects.bulk_create(made)
    html = results(client, "东方红")
    assert "找到 1000+ 家，先列出最接近的 20 家" in html
    assert html.count('<div class="result">') == 20
    assert "没有找到" in results(client, "东方红", county="440825")
    assert "找到 1000+ 家" in results(client, "东方红", county="不存在")


def test_home_shows_the_distribution_that_the_run_counted(client, django_assert_max_num_queries):
    RegionFactory(code="4408")
    grades = {"AAAA": 100, "AAA": 900, "AA": 1200, "A": 700, "B": 300, "C": 12}
    effective_run(2025, summary={"grades": grades, "statuses": {"not_rated": 198, "pending": 2}})
    effective_run(2024, state="superseded", summary={"grades": {"AAAA": 7}})
    with django_assert_max_num_queries(4):
        html = client.get("/").content.decode()
    assert "湛江市 3,412 家主体参加2025年度评价，64.5%在AA级以上" in html
    assert '<td class="number">1,200</td><td class="number">35.2%</td>' in html
    assert '<td class="number">200</td><td class="number">5.9%</td>' in html


def test_home_without_results_says_so(client):
    assert "还没有生效的年度评价结果" in client.get("/").content.decode()


def test_home_announces_an_open_notice(client):
    effective_run(2025, state="public_notice", notice_until="2026-12-31")
    html = client.get("/").content.decode()
    assert "<strong>2025年度评价结果正在公示" in html
    county = RegionFactory(code="440823", name="遂溪县")
    RatingRun.objects.update(region_code=county.pk)
    assert "<strong>遂溪县 2025年度评价结果正在公示" in client.get("/").content.decode()
    assert "公示到2026年12月31日，期间可以提出异议。" in html


def test_every_public_page_weighs_less_than_50_kilobytes_and_runs_no_script(client, cooperative):
    css = sum(Path(finders.find(f"css/{name}.css")).stat().st_size for name in ("agricredit", "charts"))
    for path in (
        "/",
        "/search/?q=红土地",
        f"/p/{cooperative.key}/",
        f"/p/{cooperative.key}/proof/",
        "/rights/",
    ):
        response = client.get(path)
        html = response.content.decode()
        assert response.status_code == 200
        assert len(response.content) + css < LIMIT
        assert "<script" not in html
        assert " style=" not in html
        assert "<style" not in html
        assert " onclick" not in html
        assert "style-src 'self'" in response["Content-Security-Policy"]


def test_strangers_pages_may_be_cached_and_members_may_not(client, cooperative):
    response = client.get("/")
    assert "public" in response["Cache-Control"]
    assert "max-age=60" in response["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= {part.strip() for part in response["Vary"].split(",")}
    assert client.get("/", headers={"if-none-match": response["ETag"]}).status_code == 304
    client.cookies[settings.SESSION_COOKIE_NAME] = "somebody"
    assert "private" in client.get("/")["Cache-Control"]
    assert client.post("/").status_code == 405


def test_letter_size_and_language_are_remembered_without_a_script(client):
    response = client.post("/preferences/", {"text_size": "large", "next": "/rights/"})
    assert response.url == "/rights/"
    assert 'class="public large"' in client.get("/rights/").content.decode()
    client.post("/preferences/", {"language": "en", "next": "/"})
    assert '<html lang="en"' in client.get("/").content.decode()
    client.post("/preferences/", {"language": "xx", "text_size": "huge"})
    assert 'class="public large"' in client.get("/").content.decode()


def test_preferences_lead_to_no_foreign_site(client):
    assert client.post("/preferences/", {"next": "https://evil.example/"}).url == "/"
    assert client.get("/preferences/").status_code == 405


def test_each_language_has_an_address(client):
    assert '<html lang="en"' in client.get("/?lang=en").content.decode()
    html = client.get("/?lang=zh-hans", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="zh-hans"' in html
    assert 'hreflang="en"' in html


def test_the_proof_page_names_what_the_rating_read(client, cooperative):
    html = client.get(f"/p/{cooperative.key}/proof/").content.decode()
    assert "ab" * 32 in html
    assert "该主体没有已封存的公开抽查结果。" in html


def test_the_rights_page_explains_the_grades_of_the_scheme_in_force(client, cooperative):
    html = client.get("/rights/").content.decode()
    for word in ("信用优秀", "信用优良", "信用良好", "信用合格", "信用警示", "信用较差", "未评价", "12316"):
        assert word in html


def test_error_pages_are_in_chinese(client):
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "没有找到这一页" in response.content.decode()
