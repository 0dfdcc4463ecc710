"""What a producer is told to do: honest acts only, verified by the engine, its officer told the same."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from agricredit.foundation.accounts.roles import Role
from archives.ledger.kinds import KINDS, Polarity
from archives.services.ledger import post
from rating.engine.columns import Window
from rating.engine.scheme import Outcome
from rating.models import Standing
from rating.schemes import acts_document
from rating.services import acts, advice, explaining, live, ranks
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_run, shipped

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 30)


@pytest.fixture(autouse=True)
def scheme():
    return shipped()


def farm(**fields):
    """A cooperative with a year of middling records."""
    producer = ProducerFactory(
        region="440823", registered_on=date(2020, 1, 1), **{"kind": "cooperative", **fields}
    )
    facts = [("harvest.recorded", "pass")] * 7 + [("harvest.recorded", "fail")] * 3
    facts += [("sale.recorded", "pass")] * 4 + [("sale.certified", "pass")] * 3 + [("sale.certified", "fail")]
    facts += [("visit.made", "pass"), ("sampling.tested", "pass"), ("input.used", "pass")]
    post(
        draft(
            producer=producer,
            kind=kind,
            outcome=outcome,
            uid=f"{producer.key}:{n}",
            occurred_on=date(2026, 3, 1),
        )
        for n, (kind, outcome) in enumerate(facts)
    )
    return producer


def test_no_act_takes_anything_away_or_is_anothers():
    """Acts add what producers' own forms and offices record; never a fault, an inspection or a sample."""
    others = {"visit.made", "sampling.tested", "repair.granted", "problem.self_reported", "honour.granted"}
    for row in acts_document()["acts"]:
        for fact in row["facts"]:
            assert fact["kind"] in KINDS
            assert fact["kind"] not in others
            assert KINDS[fact["kind"]].polarity is not Polarity.NEGATIVE or fact.get("outcome") == "pass"
        assert row["effort"] > 0
        assert row["days"] > 0
        assert list(row["steps"]) == sorted(set(row["steps"]))


def test_doing_what_is_advised_lifts_the_live_grade():
    producer = farm()
    live.rescore([producer.pk], day=DAY)
    before = Standing.objects.get(producer=producer)
    advised = advice.advise(producer, DAY)
    assert advised.path is not None
    post(
        draft(
            producer=producer,
            kind=next(kind.name for kind in KINDS.values() if kind.number == fact.kind),
            outcome={Outcome.none: "none", Outcome.passed: "pass", Outcome.failed: "fail"}[fact.outcome],
            value=None if fact.value < 0 else fact.value,
            uid=f"done:{step.act.code}:{again}:{n}",
            occurred_on=DAY,
        )
        for step in advised.path.steps
        for again in range(step.times)
        for n, fact in enumerate(step.act.facts)
        if not (fact.once and again)
    )
    live.rescore([producer.pk], day=DAY)
    after = Standing.objects.get(producer=producer)
    assert (after.live_score, after.live_grade) == (advised.path.score, advised.target.code)
    assert after.live_score > before.live_score


def test_reasons_are_few_and_sum_to_the_loss():
    advised = advice.advise(farm(), DAY)
    assert 1 <= len(advised.reasons) <= 4
    assert sum(part.points for part in advised.reasons) == 10000 - advised.score
    words = advice.in_words(advised)
    assert len(words["reasons"]) == len(advised.reasons)
    assert "其余" in words["reasons"][-1]["label"]


def test_only_what_can_still_be_done_is_advised():
    window = Window.rolling(DAY)
    codes = {act.code for act in acts.possible(acts.Situation(2, (), window, 180))}
    assert {"pledge", "licence", "training", "certification"} <= codes
    assert not codes & {"use", "packaging", "purchase", "sale"}  # nothing of the kind has been recorded yet
    short = {act.code: act.steps for act in acts.possible(acts.Situation(2, (), window, 9))}
    assert "licence" not in short
    assert short["training"] == (1,)
    assert acts.possible(acts.Situation(2, (), window, 0)) == []
    persons = {act.code for act in acts.possible(acts.Situation(7, (), window, 180))}
    assert not persons & {"licence", "training", "quality_person"}


def test_no_more_packaging_is_returned_than_was_used():
    producer = farm()
    post(
        [
            draft(
                producer=producer, kind="packaging.used", outcome="none", value=500, uid="u", occurred_on=DAY
            ),
            draft(
                producer=producer,
                kind="packaging.returned",
                outcome="none",
                value=200,
                uid="r",
                occurred_on=DAY,
            ),
        ]
    )
    facts = explaining.live_facts(producer, DAY)
    situation = acts.Situation(2, tuple(facts.lines), facts.window, 100)
    [packaging] = [act for act in acts.possible(situation) if act.code == "packaging"]
    assert [fact.value for fact in packaging.facts] == [300]


def test_a_veto_is_said_and_no_way_is_promised():
    producer = farm()
    post([draft(producer=producer, kind="banned.found", outcome="none", uid="v", occurred_on=DAY)])
    advised = advice.advise(producer, DAY)
    assert (advised.path, advised.why_not) == (None, "veto")
    assert "认定程序" in advice.why_not_text(advised)


def test_new_evidence_is_seen_at_once():
    producer = farm()
    before = advice.advise(producer, DAY)
    post([draft(producer=producer, kind="pledge.signed", outcome="none", uid="p", occurred_on=DAY)])
    assert advice.advise(producer, DAY).score > before.score


def test_whoever_is_not_rated_is_refused():
    with pytest.raises(ValidationError, match="目前不参加评价"):
        advice.advise(ProducerFactory(region="110101", status="closed"), DAY)


def test_the_history_ends_with_todays_estimate():
    producer = farm()
    months = advice.estimates(producer, DAY)
    assert [day for day, _score, _grade in months[-2:]] == [date(2026, 5, 31), DAY]
    assert len(months) == 13
    assert months[-1][1] == advice.advise(producer, DAY).score
    assert months[0][1] < months[-1][1]


def ranked(scores, region="440823"):
    producers = [ProducerFactory(region=region) for _ in scores]
    results = [{"producer": one, "score": score} for one, score in zip(producers, scores, strict=True)]
    run = make_run(state="effective", results=results)
    for one, score in zip(producers, scores, strict=True):
        Standing.objects.update_or_create(
            producer=one,
            defaults={
                "official_run": run,
                "official_score": score,
                "official_grade": "AAA",
                "official_version": 1,
            },
        )
    return [Standing.objects.get(producer=one) for one in producers]


def test_the_place_counts_who_has_more_and_who_has_less():
    standings = ranked([9000, 8000, 8000, *range(7000, 7010)])
    [place] = ranks.places(standings[1])
    assert (place.rank, place.lower, place.total, place.percentile) == (2, 10, 13, 83)
    assert "第 2 名，共 13 家" in place.says
    [best] = ranks.places(standings[0])
    assert (best.rank, best.percentile) == (1, 100)


def test_among_few_no_place_is_told():
    [place] = ranks.places(ranked(range(7000, 7000 + ranks.LEAST - 1))[0])
    assert (place.shown, place.rank, place.total) == (False, 0, 0)
    assert "不显示位次" in place.says


def test_the_officer_sees_the_same_and_a_stranger_nothing(client):
    producer = farm()
    live.rescore([producer.pk])
    page = f"/admin/rating/standing/{producer.pk}/advice/"
    officer = enter(client, UserFactory(role=Role.COUNTY_OFFICER, region_code="440823"))
    html = officer.get(page).content.decode()
    assert "最省事的路" in html
    assert "不是等级，也不改变等级" in html
    assert officer.get(f"/admin/rating/standing/{producer.pk}/change/").status_code == 200
    stranger = enter(client, UserFactory(role=Role.COUNTY_OFFICER, region_code="440881"))
    assert stranger.get(page).status_code == 404
