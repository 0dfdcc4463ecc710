"""The portal's home and score: official grade and estimate apart, every lost point with its records."""

import datetime
from dataclasses import replace
from decimal import Decimal

import pytest

from agricredit.foundation.accounts.roles import Role
from agricredit.pages.advice import _BY_KIND, advice_for
from agricredit.pages.estimate import Next, estimate_of
from agricredit.pages.portal import greeting
from archives.ledger.kinds import KINDS
from archives.models import Producer
from archives.services.ledger import post
from archives.services.records import record_harvest
from rating.models import Decision, Standing
from rating.services.live import rescore
from tests.archives.portal.farm import make_farm
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_rating, make_run
from tests.pages.city import effective_run, rate, scheme

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("agricredit.foundation.common.clock.now", lambda: NOW)


@pytest.fixture
def farm(db):
    return make_farm()


@pytest.fixture
def rated(farm):
    """AAA for 2025, AA for 2024, and one harvest without a plot this week."""
    rate(farm.producer, "AA", effective_run(2024), score=7300)
    rate(farm.producer, "AAA", effective_run(2025), score=8250)
    farm.harvest = record_harvest(
        producer=farm.producer, occurred_on=TODAY, product=farm.product, quantity=Decimal("9"), unit="公斤"
    )
    rescore([farm.producer.pk])
    return farm


def test_home_without_anything_says_what_to_do_next(farm):
    html = farm.get("/my/")
    assert "早上好，遂溪红土地蔬菜合作社" in html
    assert "还没有生效的等级" in html
    assert "没有要办的事" in html
    assert "记第一笔" in html
    assert "目前不参加评价，没有预估分。" in html


def test_official_grade_and_estimate_stand_in_blocks_of_their_own(rated):
    html = rated.get("/my/")
    official = html[html.index('<section class="official"') :]
    official = official[: official.index("</section>")]
    assert 'aria-label="农安信用等级 AAA 信用优良"' in official
    assert "2025年度评价，2026年3月1日起生效" in official
    assert "预估" not in official
    estimate = html[html.index('<section class="estimate"') :]
    estimate = estimate[: estimate.index("</section>")]
    assert "只供自己参考，不是等级，也不改变等级" in estimate
    assert "AAA" not in estimate


def test_the_three_dearest_losses_say_what_to_do(rated):
    found = estimate_of(rated.producer, evidence=False)
    html = rated.get("/my/")
    lost = [loss.lost for loss in found.losses]
    assert lost == sorted(lost, reverse=True)
    for loss in found.losses[:3]:
        assert loss.name in html
    assert html.count('<span class="lost">') == 3


def test_the_estimate_is_remembered_until_it_was_computed_anew(rated, count_calls):
    rated.get("/my/")
    calls = count_calls("agricredit.pages.portal.estimate_of")
    rated.get("/my/")
    assert calls == []
    Standing.objects.update(live_at=NOW + datetime.timedelta(seconds=1))
    rated.get("/my/")
    assert len(calls) == 1


@pytest.fixture
def count_calls(monkeypatch):
    """Count the calls of a function by its dotted name."""

    def spy(name):
        calls = []
        monkeypatch.setattr(name, lambda *args, **kwargs: calls.append(args))
        return calls

    return spy


def test_score_shows_every_lost_point_with_clause_advice_and_record(rated):
    html = rated.get("/my/score/")
    found = estimate_of(rated.producer)
    for loss in found.losses:
        assert loss.name in html
        assert loss.clause in html
    [coverage] = [loss for loss in found.losses if loss.code == "GD201"]
    assert (coverage.lost, coverage.most) == (800, 800)
    assert coverage.advice.url == "/my/records/new/harvest/"
    [evidence] = coverage.evidence
    assert evidence.url == f"/my/records/harvest/{rated.harvest.uid}/"
    assert evidence.label == "采收记录：不通过"
    assert evidence.note == "缺少地块，或用药记录不全（来源、用法）"
    assert f'href="{evidence.url}"' in html


def test_losses_add_up_to_what_the_scheme_says_is_missing(rated):
    found = estimate_of(rated.producer, evidence=False)
    assert sum(group.lost for group in found.groups) == sum(loss.lost for loss in found.losses)
    assert all(0 < loss.lost <= loss.most for loss in found.losses)


def test_the_history_shows_each_year_with_its_mark_and_score(rated):
    html = rated.get("/my/score/")
    assert html.index("2025年度") < html.index("2024年度")
    assert 'aria-label="农安信用等级 AA 信用良好"' in html
    assert "历年年度得分" in html


def test_what_the_next_grade_wants_is_named_in_points(rated):
    found = estimate_of(rated.producer, evidence=False)
    assert (found.next.grade, found.next.missing, found.next.conditions) == ("A", 6000 - found.score, [])
    assert f"离A（信用合格）的分数线还差 {found.next.missing / 100:g} 分" in rated.get("/my/score/")


def test_conditions_that_points_cannot_buy_are_named(rated, monkeypatch):
    found = estimate_of(rated.producer, evidence=False)
    wanted = Next("AAAA", "信用优秀", 0, ["本年度没有扣分", "建档满一年"])
    monkeypatch.setattr("agricredit.pages.portal.estimate_of", lambda _producer: replace(found, next=wanted))
    html = rated.get("/my/score/")
    assert "分数已到AAAA（信用优秀）的线" in html
    assert "还没做到：本年度没有扣分" in html
    assert "还没做到：建档满一年" in html


def test_a_young_producer_is_told_why_there_is_no_estimate_yet(rated):
    Producer.objects.filter(pk=rated.producer.pk).update(registered_on=TODAY - datetime.timedelta(days=10))
    html = rated.get("/my/score/")
    assert "依据还不够，暂时评不出" in html
    assert "建档不满 90 天" in html
    assert "再上一级还差什么" not in html


def test_a_licence_that_ends_soon_is_due(farm):
    scheme()
    post(
        [
            draft(
                producer=farm.producer,
                kind="licence.checked",
                occurred_on=datetime.date(2026, 1, 5),
                valid_until=datetime.date(2026, 12, 31),
            )
        ]
    )
    assert "证照2026年12月31日到期，请提前换证" in farm.get("/my/")


def test_an_ended_licence_is_late_and_says_so_in_a_word(farm):
    post(
        [
            draft(
                producer=farm.producer,
                kind="licence.checked",
                occurred_on=datetime.date(2025, 1, 5),
                valid_until=datetime.date(2026, 11, 1),
            )
        ]
    )
    html = farm.get("/my/")
    assert "证照已于2026年11月1日到期" in html
    assert "已过期" in html


def test_another_producers_grade_never_shows(rated):
    other = ProducerFactory(name="别家合作社")
    rate(other, "C", effective_run(2023), score=1000)
    for path in ("/my/", "/my/score/"):
        assert "别家合作社" not in rated.get(path)
        assert "信用较差" not in rated.get(path)


@pytest.mark.parametrize(
    ("hour", "words"),
    [(4, "晚上好"), (5, "早上好"), (11, "中午好"), (14, "下午好"), (18, "晚上好")],
)
def test_it_greets_by_the_hour(hour, words):
    assert greeting(hour) == words


def test_advice_is_given_for_known_kinds_only():
    assert set(_BY_KIND) <= set(KINDS)
    assert advice_for(("registry.status",)) is None
    assert all(advice.url or not advice.page for advice in _BY_KIND.values())


@pytest.mark.parametrize("role", [Role.PRODUCER, Role.HELPER])
def test_producers_and_helpers_land_in_the_portal_after_logging_in(client, role):
    user = UserFactory(role=role)
    response = client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    assert response["Location"] == "/my/"


def test_pages_are_kept_in_no_cache(rated):
    assert "no-store" in rated.client.get("/my/")["Cache-Control"]


def test_rights_that_run_out_stand_above_all_chores(rated):
    """A notice to answer, a result to object to: each with its day and its page; what is over is gone."""
    producer, officer = rated.producer, UserFactory()
    run = make_run(year=2025, state="public_notice", notice_until=datetime.date(2026, 11, 27))
    make_rating(run=run, producer=producer)
    facts = {"reasons": "抽检不合格", "basis": "方案", "noticed_by": officer, "noticed_on": TODAY}
    decision = Decision.objects.create(
        run=run, producer=producer, rating_version=1, ground="lowered", grade="B", **facts
    )
    html = rated.get("/my/")
    assert "请签收告知书：将你单位2025年度农安信用等级下调为B" in html
    assert "2025年度评价结果正在公示，11月27日前可以提出异议" in html
    Decision.objects.update(notice_served_on=TODAY, statement_until=datetime.date(2026, 11, 27))
    html = rated.get("/my/")
    assert "11月27日前可以陈述申辩：将你单位2025年度" in html
    assert f'href="/my/remedies/decisions/{decision.pk}/"' in html
    Decision.objects.update(statement_until=datetime.date(2026, 11, 20))
    assert "陈述申辩" not in rated.get("/my/")


def test_home_costs_a_known_number_of_queries(rated, django_assert_num_queries):
    rated.get("/my/")
    with django_assert_num_queries(31):
        rated.get("/my/")
