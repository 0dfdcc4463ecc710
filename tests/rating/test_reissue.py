"""A result issued anew is the same result when nothing changed, and the right one when something did."""

from datetime import date

import pytest

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.models import OutboxMessage
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.services import ledger
from rating.models import Rating, RatingRun, Standing
from rating.services import explaining, reissue, runs, standings, telling
from tests.factories.ledger import draft
from tests.factories.rating import make_rating, shipped
from tests.rating import examples

pytestmark = pytest.mark.django_db
SAME = ("base", "bonus", "deductions", "score", "able", "grade", "status", "vetoes", "kind", "region_id")


@pytest.fixture
def archive():
    shipped()
    return examples.load()


@pytest.fixture
def run(archive):
    run = runs.start(scheme="gd-r1", region="44", year=2024, actor=None)
    run_all_jobs()
    RatingRun.objects.filter(pk=run.pk).update(state="effective", effective_on=date(2025, 3, 1))
    run.refresh_from_db()
    standings.apply_run(run)
    return run


def test_issued_anew_without_new_facts_every_result_is_the_same(run):
    for first in list(Rating.objects.filter(run=run).select_related("producer")):
        [again] = reissue.reissue(producer_id=first.producer_id, cause="objection:1")
        again.refresh_from_db()
        assert [getattr(again, name) for name in SAME] == [getattr(first, name) for name in SAME]
        assert bytes(again.points) == bytes(first.points)
        assert bytes(again.readings) == bytes(first.readings)
        assert (again.version, again.cause) == (2, "objection:1")
        standing = Standing.objects.get(producer=first.producer)
        if first.status != "pending":
            assert (standing.official_grade, standing.official_version) == (first.grade, 2)


def test_a_merged_producer_is_issued_as_what_it_became(run, archive):
    rated = set(Rating.objects.filter(run=run).values_list("producer", flat=True))
    merged = next(p for p in archive.values() if p.merged_into_id and p.resolved.pk in rated)
    [rating] = reissue.reissue(producer_id=merged.pk, cause="repair:1")
    first = Rating.objects.get(run=run, producer=merged.resolved, version=1)
    assert (rating.producer_id, rating.score) == (first.producer_id, first.score)


def test_the_same_cause_issues_once(run):
    first = Rating.objects.filter(run=run).first()
    assert len(reissue.reissue(producer_id=first.producer_id, cause="repair:9")) == 1
    assert reissue.reissue(producer_id=first.producer_id, cause="repair:9") == []
    assert Rating.objects.filter(run=run, producer=first.producer).count() == 2


def test_late_facts_count_and_the_explanation_reads_the_new_seal(run, archive):
    first = Rating.objects.filter(run=run, status="rated", deductions=0).order_by("-score").first()
    ledger.post([draft(uid="late", producer=first.producer, kind="sampling.exceeded", outcome="none")])
    [again] = reissue.reissue(producer_id=first.producer_id, cause="objection:3")
    assert again.deductions == 1000
    assert again.seal_size == run.seal_size + 1
    told = telling.as_document(explaining.explain_rating(again))
    assert (told["deductions"], told["score"]) == ("10.00", f"{again.score / 100:.2f}")
    old = telling.as_document(explaining.explain_rating(first))
    assert (old["deductions"], old["score"]) == ("0.00", f"{first.score / 100:.2f}")
    line = AuditLine.objects.get(verb="rating.reissued")
    assert (line.facts["version"], line.facts["cause"]) == (2, "objection:3")
    message = OutboxMessage.objects.get(topic="rating.reissued")
    assert message.keys["run_id"] == run.pk


def test_a_confirmed_lowest_grade_stays_decided_and_new_grounds_wait(run):
    pending = Rating.objects.filter(run=run, status="pending", vetoes__gt=0).first()
    producer = pending.producer
    make_rating(
        run=run, producer=producer, version=2, status="rated", grade=pending.grade, vetoes=pending.vetoes
    )
    [covered] = reissue.reissue(producer_id=producer.pk, cause="repair:1")
    assert (covered.version, covered.status, covered.grade) == (3, "rated", pending.grade)
    # a veto that the decision did not name
    ledger.post([draft(uid="v2", producer=producer, kind="record.forged", outcome="none")])
    ledger.post([draft(uid="v8", producer=producer, kind="mark.misused", outcome="none")])
    [anew] = reissue.reissue(producer_id=producer.pk, cause="repair:2")
    assert anew.status == "pending"
    assert Standing.objects.get(producer=producer).status == "pending"


def test_a_run_in_public_notice_is_corrected_before_it_takes_effect(run):
    RatingRun.objects.filter(pk=run.pk).update(state="public_notice", effective_on=None)
    Standing.objects.all().delete()
    first = Rating.objects.filter(run=run, status="rated").first()
    [again] = reissue.reissue(producer_id=first.producer_id, cause="objection:5")
    assert again.version == 2
    assert not Standing.objects.filter(producer=first.producer).exists()
    assert not OutboxMessage.objects.filter(topic="rating.reissued").exists()


@pytest.mark.parametrize("state", ["computed", "cancelled", "failed"])
def test_runs_without_effect_are_left_alone(run, state):
    RatingRun.objects.filter(pk=run.pk).update(state=state)
    Standing.objects.all().delete()
    assert reissue.reissue(producer_id=Rating.objects.first().producer_id, cause="repair:1") == []
