"""Cancelling and running again, with their refusals and audit lines."""

import pytest

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.jobs import services
from agricredit.foundation.jobs.models import State
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


def test_queued_job_is_cancelled_at_once(django_user_model):
    who = django_user_model.objects.create_user("wang", role="county_officer", region_code="440802")
    job = JobFactory(title="年度评价", region_code="440802")
    services.cancel(job=job, actor=who)
    job.refresh_from_db()
    assert job.state == State.CANCELLED
    assert job.finished_at is not None
    line = AuditLine.objects.get(verb="job.cancelled")
    assert (line.actor, line.target_name, line.region_code) == (who, "年度评价", "440802")


def test_running_job_is_asked_to_stop():
    job = JobFactory(state=State.RUNNING, run_again=True)
    services.cancel(job=job)
    job.refresh_from_db()
    assert (job.state, job.cancel_requested, job.run_again) == (State.RUNNING, True, False)


@pytest.mark.parametrize("state", [State.DONE, State.FAILED, State.CANCELLED])
def test_ended_job_cannot_be_cancelled(state):
    job = JobFactory(state=state)
    with pytest.raises(services.NotPossible, match="任务已经结束，不能取消。"):
        services.cancel(job=job)
    job.refresh_from_db()
    assert job.state == state
    assert AuditLine.objects.count() == 0


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_failed_or_cancelled_job_runs_again_from_the_start(state):
    job = JobFactory(state=state, attempts=3, error="坏了", progress_done=5, progress_total=9)
    services.retry(job=job)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error, job.progress_done) == (State.QUEUED, 0, "", 0)
    assert AuditLine.objects.get().verb == "job.retried"


@pytest.mark.parametrize("state", [State.DONE, State.QUEUED, State.RUNNING])
def test_other_jobs_cannot_be_run_again(state):
    job = JobFactory(state=state)
    with pytest.raises(services.NotPossible, match="只有失败或已取消的任务可以重新运行。"):
        services.retry(job=job)
    assert AuditLine.objects.count() == 0


def test_failed_job_waits_for_its_like():
    JobFactory(key="k")
    job = JobFactory(key="k", state=State.FAILED)
    with pytest.raises(services.NotPossible, match="同一任务已在排队或进行中。"):
        services.retry(job=job)
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert AuditLine.objects.count() == 0
