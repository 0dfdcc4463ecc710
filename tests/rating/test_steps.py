"""Review, public notice, effect: each in its turn, by whom it may be, on its day."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs.models import OutboxMessage
from rating.models import RatingRun, Standing
from rating.services import steps
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory
from tests.factories.rating import make_rating, make_run
from tests.rating.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(steps, "today", lambda: date(2025, 3, 14))


def test_steps_lead_to_effect_with_their_dates_and_audit_lines():
    producer = ProducerFactory()
    run = make_run(results=[{"producer": producer}])
    first, second = UserFactory(), UserFactory()
    steps.to_review(run=run, actor=first)
    run = steps.to_notice(run=run, actor=first)
    assert (run.state, run.noticed_on, run.notice_until) == (
        "public_notice",
        date(2025, 3, 14),
        date(2025, 3, 21),
    )
    refused("notice_running", steps.take_effect, run=run, actor=second)
    steps.today = lambda: date(2025, 3, 22)
    run = steps.take_effect(run=run, actor=second)
    assert (run.state, run.effective_on) == ("effective", date(2025, 3, 22))
    standing = Standing.objects.get(producer=producer)
    assert (standing.official_grade, standing.official_score, standing.official_year) == ("AAA", 8500, 2024)
    assert (standing.since, standing.status, standing.official_run) == (date(2025, 3, 22), "rated", run)
    assert list(AuditLine.objects.order_by("id").values_list("verb", flat=True))[-3:] == [
        "run.in_review",
        "run.public_notice",
        "run.effective",
    ]
    message = OutboxMessage.objects.get(topic="rating.effective")
    assert message.keys == {"run_id": run.pk, "region_code": "440823", "year": 2024}


def test_the_person_who_published_the_notice_cannot_give_effect():
    run = make_run(state="in_review")
    officer = UserFactory()
    run = steps.to_notice(run=run, actor=officer)
    steps.today = lambda: date(2025, 3, 22)
    refused("same_person", steps.take_effect, run=run, actor=officer)
    run.refresh_from_db()
    assert run.state == "public_notice"
    assert not Standing.objects.exists()


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("computing", steps.to_review),
        ("in_review", steps.to_review),
        ("computed", steps.to_notice),
        ("in_review", steps.take_effect),
        ("effective", steps.take_effect),
    ],
)
def test_a_step_out_of_turn_is_refused(state, step):
    run = make_run(state=state)
    refused("state", step, run=run, actor=None)
    run.refresh_from_db()
    assert run.state == state


def test_a_stale_page_cannot_take_a_step_twice():
    run = make_run()
    stale = RatingRun.objects.get(pk=run.pk)
    steps.to_review(run=run, actor=None)
    refused("state", steps.to_review, run=stale, actor=None)
    assert AuditLine.objects.filter(verb="run.in_review").count() == 1


@pytest.mark.parametrize("role", ["township_supervisor", "province_officer", "system_admin", "producer"])
def test_steps_need_their_permission(role):
    run = make_run()
    with pytest.raises(PermissionDenied):
        steps.to_review(run=run, actor=UserFactory(role=role))


def test_steps_need_the_region():
    run = make_run(region="440825")
    with pytest.raises(PermissionDenied):
        steps.to_review(run=run, actor=UserFactory(region_code="440823"))
    run.refresh_from_db()
    assert run.state == "computed"


def test_a_person_cannot_date_a_step_back_but_the_system_may_enter_a_past_year():
    run = make_run()
    refused("date", steps.to_review, run=run, actor=UserFactory(), on=date(2025, 3, 13))
    steps.to_review(run=run, actor=None, on=date(2025, 1, 6))
    run = steps.to_notice(run=run, actor=None, on=date(2025, 1, 6))
    refused("notice_running", steps.take_effect, run=run, actor=None, on=date(2025, 1, 13))
    run = steps.take_effect(run=run, actor=None, on=date(2025, 1, 14))
    assert run.effective_on == date(2025, 1, 14)


@pytest.mark.parametrize("on", [date(2024, 12, 31), date(2025, 3, 15)])
def test_a_step_is_never_before_the_year_is_over_nor_in_the_future(on):
    refused("date", steps.to_review, run=make_run(), actor=None, on=on)


def test_the_run_before_is_superseded_and_the_grade_before_is_kept():
    producer = ProducerFactory()
    last = make_run(results=[{"producer": producer, "grade": "AA", "score": 7500}], year=2023)
    this = make_run(results=[{"producer": producer}], year=2024)
    for run, day in ((last, date(2024, 3, 1)), (this, date(2025, 3, 1))):
        steps.to_review(run=run, actor=None, on=day)
        steps.to_notice(run=run, actor=None, on=day)
        steps.take_effect(run=run, actor=None, on=day.replace(day=12))
    last.refresh_from_db()
    assert (last.state, last.superseded_on) == ("superseded", date(2025, 3, 12))
    standing = Standing.objects.get(producer=producer)
    assert (standing.official_grade, standing.official_year) == ("AAA", 2024)
    assert (standing.previous_grade, standing.previous_year) == ("AA", 2023)


def test_an_older_year_cannot_take_effect_after_a_newer_one():
    make_run(year=2024, state="effective", effective_on=date(2025, 3, 1))
    older = make_run(year=2023, state="public_notice", notice_until=date(2025, 3, 1))
    refused("later_year", steps.take_effect, run=older, actor=None)


def test_a_scheme_of_another_region_stays_a_comparison():
    run = make_run(scheme="hz-r1", state="public_notice", notice_until=date(2025, 3, 1))
    refused("not_the_regions_scheme", steps.take_effect, run=run, actor=None)


def test_a_pending_result_leaves_the_old_grade_standing():
    producer, unrated = ProducerFactory(), ProducerFactory()
    last = make_run(results=[{"producer": producer}, {"producer": unrated}], year=2023)
    this = make_run(year=2024)
    make_rating(run=this, producer=producer, grade="C", score=3000, status="pending", vetoes=1)
    make_rating(run=this, producer=unrated, grade="", score=3000, status="not_rated")
    for run, day in ((last, date(2024, 3, 1)), (this, date(2025, 3, 1))):
        RatingRun.objects.filter(pk=run.pk).update(state="public_notice", notice_until=day)
        run.refresh_from_db()
        steps.take_effect(run=run, actor=None, on=day.replace(day=12))
    standing = Standing.objects.get(producer=producer)
    assert (standing.status, standing.official_grade, standing.official_year) == ("pending", "AAA", 2023)
    assert standing.pending_run == this
    standing = Standing.objects.get(producer=unrated)
    assert (standing.status, standing.official_grade, standing.official_year) == ("not_rated", "", 2024)
    assert (standing.previous_grade, standing.previous_year) == ("AAA", 2023)
