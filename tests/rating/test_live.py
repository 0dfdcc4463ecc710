"""The live score: rolling days, the same engine, never the official columns."""

from datetime import date, timedelta

import pytest

from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs.models import Job
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services.ledger import post, reverse
from rating import tasks
from rating.models import Rating, Standing
from rating.services import live, runs, standings
from tests.factories.archives import ProducerFactory
from tests.factories.ledger import draft
from tests.factories.rating import make_run, shipped
from tests.factories.shops import ShopFactory
from tests.rating import examples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scheme():
    return shipped()


def test_on_new_years_eve_the_live_score_is_the_years_rating():
    """The 365 days that end on 2023-12-31 are the year 2023."""
    producers = examples.load()
    run = runs.start(scheme="gd-r1", region="44", year=2023, actor=None)
    run_all_jobs()
    live.rescore([producer.pk for producer in producers.values()], day=date(2023, 12, 31))
    results = Rating.objects.filter(run=run).values_list("producer", "score", "grade", "status")
    scored = Standing.objects.exclude(live_status="none")
    assert len(results) > 10
    assert set(scored.values_list("producer", "live_score", "live_grade", "live_status")) == set(results)


def test_new_evidence_scores_its_producer_within_the_jobs():
    producer, other = ProducerFactory(), ProducerFactory()
    post([draft(producer=producer, kind="pledge.signed", outcome="none", occurred_on=today())])
    run_all_jobs()
    standing = Standing.objects.get(producer=producer)
    assert (standing.live_status, standing.live_on) == ("not_rated", today())
    assert standing.live_score > 0
    before = standing.live_score
    reverse(uid=producer_event(), by_uid="r1", source="test")
    run_all_jobs()
    standing.refresh_from_db()
    assert standing.live_score < before
    assert not Standing.objects.filter(producer=other).exists()


def producer_event():
    from archives.models import CreditEvent

    return CreditEvent.objects.get(kind__isnull=False, reverses__isnull=True).uid


def test_the_official_grade_is_never_touched():
    producer = ProducerFactory()
    run = make_run(results=[{"producer": producer}], state="effective", effective_on=date(2025, 3, 1))
    standings.apply_run(run)
    live.rescore([producer.pk])
    standing = Standing.objects.get(producer=producer)
    assert (standing.official_grade, standing.official_score, standing.status) == ("AAA", 8500, "rated")
    assert standing.live_status == "not_rated"


def test_evidence_leaves_the_rolling_days():
    producer = ProducerFactory()
    day = date(2026, 6, 30)
    post([draft(producer=producer, kind="pledge.signed", outcome="none", occurred_on=day)])
    live.rescore([producer.pk], day=day + timedelta(days=364))
    with_it = Standing.objects.get(producer=producer).live_score
    live.rescore([producer.pk], day=day + timedelta(days=365))
    assert Standing.objects.get(producer=producer).live_score < with_it


def test_a_merged_producer_is_scored_at_the_end_of_its_chain():
    root = ProducerFactory()
    middle = ProducerFactory(status="merged", merged_into=root)
    alias = ProducerFactory(status="merged", merged_into=middle)
    assert live.rescore([alias.pk]) == 1
    assert list(Standing.objects.values_list("producer", flat=True)) == [root.pk]


def test_a_closed_producer_loses_its_live_score():
    producer = ProducerFactory()
    live.rescore([producer.pk])
    producer.status = "closed"
    producer.save()
    assert live.rescore([producer.pk]) == 0
    standing = Standing.objects.get(producer=producer)
    assert (standing.live_status, standing.live_score, standing.live_grade) == ("none", None, "")


def test_a_region_without_a_scheme_has_no_live_score():
    assert live.rescore([ProducerFactory(region="110105").pk]) == 0
    assert live.rescore([]) == 0


def test_an_older_score_never_overwrites_a_newer_one(monkeypatch):
    producer = ProducerFactory()
    live.rescore([producer.pk])
    newer = Standing.objects.get(producer=producer)
    monkeypatch.setattr(live, "now", lambda: newer.live_at - timedelta(seconds=1))
    live.rescore([producer.pk], day=date(2020, 1, 1))
    assert Standing.objects.get(producer=producer).live_on == newer.live_on


def test_the_nightly_round_covers_everyone_once():
    producers = [ProducerFactory() for _ in range(5)]
    low, high = producers[0].pk, producers[-1].pk
    assert live.ranges(2)[0][0] == low
    assert live.ranges(2)[-1][1] == high
    assert len(live.ranges(2)) == 3
    tasks.rescore_everyone()
    tasks.rescore_everyone()
    assert Job.objects.filter(kind="rating.rescore_range").count() == 1
    run_all_jobs()
    assert Standing.objects.exclude(live_at=None).count() == 5


def test_scoring_many_takes_no_more_queries_than_scoring_one(django_assert_max_num_queries):
    ids = [ProducerFactory().pk for _ in range(30)]
    live.rescore(ids[:1])
    with django_assert_max_num_queries(40):
        live.rescore(ids)


def test_whoever_produces_has_a_row_that_says_it_has_no_grade():
    """Found by the row's index; a shop is not rated, a merged file is read as another."""
    closed, shop = ProducerFactory(region="500101", status="closed"), ShopFactory()
    kept = ProducerFactory(region="500101")
    merged = ProducerFactory(status="merged", merged_into=kept)
    live.rescore([closed.pk, shop.pk, merged.pk])
    rows = Standing.objects.values_list("producer_id", "official_grade", "live_status")
    assert sorted(rows) == sorted([(closed.pk, "", "none"), (kept.pk, "", "none")])
    live.rescore([closed.pk, kept.pk])
    assert Standing.objects.count() == 2
