"""What was lost is sent again; what died is revived; what keeps dying steps aside."""

from datetime import timedelta

import pytest

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, OutboxMessage, State
from agricredit.foundation.jobs.services import sweeping
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sent(monkeypatch):
    ids = []
    monkeypatch.setattr(sweeping, "publish", lambda jobs: ids.extend(jobs) or len(jobs))
    return ids


def queued(waits, ago=None, dispatches=0, **fields):
    moment = clock.now()
    return JobFactory(
        not_before=moment - waits,
        dispatched_at=moment - ago if ago is not None else None,
        dispatches=dispatches,
        **fields,
    ).pk


def test_unsent_and_lost_messages_are_sent_again_and_others_left_alone(sent):
    unsent = queued(MINUTE)
    lost = queued(10 * MINUTE, 3 * MINUTE, 1)
    queued(timedelta(0))  # its request is committing just now
    queued(10 * MINUTE, MINUTE, 1)  # sent a minute ago
    queued(60 * MINUTE, 3 * MINUTE, 2)  # sent again already: more patience
    queued(-MINUTE)  # its time has not come
    long_lost = queued(300 * MINUTE, 70 * MINUTE, 30)
    retried = queued(timedelta(0), attempts=1)
    JobFactory(state=State.DONE)
    assert sweeping.send_again() == 4
    assert sent == [unsent, lost, long_lost, retried]


def silent(attempts, **fields):
    return JobFactory(
        state=State.RUNNING, attempts=attempts, heartbeat_at=clock.now() - 2 * sweeping.STALE_AFTER, **fields
    )


def test_silent_job_goes_back_on_the_list_with_its_reason(sent):
    job = silent(1)
    alive = JobFactory(state=State.RUNNING)
    assert sweeping.redispatch()["revived"] == 1
    job.refresh_from_db()
    assert (job.state, job.error) == (State.QUEUED, "运行此任务的进程中断，将重新运行。")
    assert sent == [job.pk]
    assert Job.objects.get(pk=alive.pk).state == State.RUNNING


def test_third_silent_death_is_final(sent):
    job = silent(3)
    sweeping.revive()
    job.refresh_from_db()
    assert (job.state, job.error) == (State.FAILED, "运行此任务的进程三次中断，已停止尝试。")
    assert job.finished_at is not None


def test_silent_job_that_was_to_be_cancelled_is_cancelled(sent):
    job = silent(1, cancel_requested=True)
    sweeping.revive()
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == (State.CANCELLED, False)


@pytest.mark.parametrize("fields", [{"attempts": 3}, {"attempts": 1, "cancel_requested": True}])
def test_silent_job_that_was_asked_for_again_starts_anew(sent, fields):
    job = silent(run_again=True, **fields)
    sweeping.revive()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.run_again, job.cancel_requested) == (State.QUEUED, 0, False, False)


def test_old_rows_are_purged_but_failures_stay():
    old = clock.now() - timedelta(days=200)
    JobFactory(state=State.DONE, finished_at=old)
    JobFactory(state=State.CANCELLED, finished_at=old)
    failed = JobFactory(state=State.FAILED, finished_at=old)
    young = JobFactory(state=State.DONE, finished_at=clock.now())
    OutboxMessage.objects.create(topic="a", created_at=old, delivered_at=old)
    waiting = OutboxMessage.objects.create(topic="b", created_at=old)
    assert sweeping.purge() == 3
    assert set(Job.objects.all()) == {failed, young}
    assert list(OutboxMessage.objects.all()) == [waiting]
