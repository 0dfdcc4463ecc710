"""A real Celery worker, killed in the middle of a job."""

from datetime import timedelta

import pytest
from django.db import connection

from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import services
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import queueing, running, sweeping
from tests.workers import Workers, kill

DAY = "2031-01-01"
KINDS = "tests.foundation.jobs.kinds"


@pytest.fixture
def workers(transactional_db, tmp_path):
    made = Workers(tmp_path / "worker.log")
    yield made
    made.end()
    connection.close()


def state_of(job):
    return Job.objects.values_list("state", "progress_done", "attempts").get(pk=job.pk)


@pytest.mark.engines
def test_killed_worker_loses_no_job_and_doubles_no_effect(workers):
    job = services.enqueue(kind="tests.mark_then_hang_once", title="标记", args={"day": DAY})
    first = workers.start(KINDS)
    workers.await_until(lambda: state_of(job) == (State.RUNNING, 1, 1))
    kill(first)
    assert CalendarDay.objects.get(day=DAY).name == ""
    assert sweeping.redispatch()["revived"] == 0  # the heart beat a moment ago

    Job.objects.filter(pk=job.pk).update(
        heartbeat_at=clock.now() - sweeping.STALE_AFTER - timedelta(seconds=1)
    )
    assert sweeping.redispatch()["revived"] == 1
    workers.start(KINDS)
    workers.await_until(lambda: state_of(job)[0] == State.DONE)
    job.refresh_from_db()
    assert (job.attempts, job.error) == (2, "")
    assert [row.name for row in CalendarDay.objects.filter(day=DAY)] == ["完成"]

    # Late and repeated messages find nothing to do.
    assert not running.run(job.pk)
    other = services.enqueue(kind="tests.mark", title="另一个", args={"day": "2031-01-02"})
    queueing.publish([job.pk, job.pk, other.pk])
    workers.await_until(lambda: state_of(other)[0] == State.DONE)
    assert state_of(job)[2] == 2
