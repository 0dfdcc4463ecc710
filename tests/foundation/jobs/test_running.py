"""Claim, progress, outcome, retry, and stepping aside."""

import pytest
from django.core.exceptions import ValidationError

from agricredit.foundation.audit import actor
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import registry
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import handles, running
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


def run(kind, **fields):
    job = JobFactory(kind=kind, **fields)
    assert running.run(job.pk, inline=True)
    job.refresh_from_db()
    return job


def test_a_job_runs_once_and_says_how_far_it_came():
    job = run("tests.count", args={"to": 4})
    assert (job.state, job.progress_done, job.progress_total, job.message) == (State.DONE, 4, 4, "第4步")
    assert (job.attempts, job.percent, job.error) == (1, 100, "")
    assert job.finished_at >= job.started_at
    assert not running.run(job.pk, inline=True)


def test_only_one_claim_wins_and_not_before_its_time():
    job = JobFactory(kind="tests.count")
    assert running.claim(job.pk).attempts == 1
    assert running.claim(job.pk) is None
    later = JobFactory(not_before=clock.now() + running.BACK_OFF)
    assert running.claim(later.pk) is None


def test_refusal_is_final_and_shown_as_its_own_sentence():
    job = run("tests.refuse")
    assert (job.state, job.error, job.attempts) == (State.FAILED, "没有可评价的主体。", 1)


def test_fault_is_tried_three_times_with_growing_patience_and_then_steps_aside(caplog, monkeypatch):
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    job = run("tests.break", not_before=moment)
    waits = []
    for _attempt in range(2):
        assert (job.state, job.error) == (State.QUEUED, "RuntimeError: 坏了")
        waits.append((job.not_before - moment).total_seconds())
        Job.objects.update(not_before=moment)
        running.run(job.pk, inline=True)
        job.refresh_from_db()
    assert waits == [20, 40]
    assert (job.state, job.attempts, job.error) == (State.FAILED, 3, "RuntimeError: 坏了")
    assert not running.run(job.pk, inline=True)


def test_kind_without_function_fails_with_a_sentence():
    assert run("tests.none").error == "没有程序处理这种任务：tests.none。"


def test_cancelled_job_stops_at_its_next_report(monkeypatch):
    seen = []

    @registry.job("tests.cancelled_midway")
    def work(handle):
        for n in range(10):
            if n == 3:
                Job.objects.update(cancel_requested=True)
            handle.progress(n, 10)
            seen.append(n)

    job = run("tests.cancelled_midway")
    assert seen == [0, 1, 2]
    assert (job.state, job.cancel_requested) == (State.CANCELLED, False)


def test_worker_that_lost_its_claim_writes_nothing():
    @registry.job("tests.lost")
    def work(handle):
        Job.objects.update(attempts=2, message="另一个")
        handle.progress(1, 1)

    job = run("tests.lost")
    assert (job.state, job.attempts, job.message, job.progress_done) == (State.RUNNING, 2, "另一个", 0)


def test_outcome_of_a_lost_claim_is_not_written_either():
    @registry.job("tests.lost_silently")
    def work(handle):
        Job.objects.update(attempts=2)

    assert run("tests.lost_silently").state == State.RUNNING


def test_job_acts_as_the_person_who_asked(django_user_model):
    who = django_user_model.objects.create_user("wang", role="county_officer", region_code="440802")
    seen = []

    @registry.job("tests.actor")
    def work(handle):
        seen.append(actor.current())

    run("tests.actor", created_by=who)
    run("tests.actor")
    assert seen == [who, None]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValidationError(["一", "二"]), "一；二"),
        (registry.JobRefused("不行"), "不行"),
        (ValueError(), "ValueError: "),
        (ValueError("x" * 5000), "ValueError: " + "x" * 1988),
    ],
)
def test_errors_in_words(error, text):
    assert running.describe(error) == text


def test_one_name_has_one_function():
    @registry.job("tests.twice")
    def one(handle):
        """First."""

    def two(handle):
        """Second."""

    with pytest.raises(ValueError, match="two functions"):
        registry.job("tests.twice")(two)


@pytest.mark.django_db(transaction=True)
def test_progress_and_heartbeat_of_a_long_transaction_are_seen_from_outside(monkeypatch):
    from django.db import connection, transaction

    monkeypatch.setattr(handles, "PROGRESS_SECONDS", 0.0)
    seen = []

    @registry.job("tests.long_transaction")
    def work(handle):
        with transaction.atomic():
            connection.cursor().execute("SELECT 1")
            handle.progress(5, 10, "一半")
            other = connection.copy()
            try:
                while not seen:
                    with other.cursor() as cursor:
                        cursor.execute("SELECT progress_done, message FROM jobs_job WHERE progress_done > 0")
                        seen.extend(cursor.fetchall())
            finally:
                other.close()

    job = JobFactory(kind="tests.long_transaction")
    assert running.run(job.pk)
    job.refresh_from_db()
    assert seen == [(5, "一半")]
    assert (job.state, job.progress_done) == (State.DONE, 5)
