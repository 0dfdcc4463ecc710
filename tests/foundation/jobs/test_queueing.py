"""Putting jobs on the list, once per key, whatever the broker does."""

import threading

import pytest
from celery import current_app
from django.db import connection, transaction

from agricredit.foundation.jobs import registry, services
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import queueing, running, sweeping
from tests.factories.jobs import JobFactory

COUNT = {"kind": "tests.count", "title": "数数", "args": {"to": 1}}


@pytest.fixture
def broker_away(monkeypatch):
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis+socket:///nowhere/v.sock")


def waiting_messages():
    with current_app.connection_for_write() as broker:
        return broker.default_channel.client.llen("celery")


@pytest.mark.django_db
def test_row_is_there_at_once_and_message_after_commit(django_capture_on_commit_callbacks):
    before = waiting_messages()
    with django_capture_on_commit_callbacks(execute=True):
        job = services.enqueue(**COUNT, key="k", region_code="4408")
        assert waiting_messages() == before
    job.refresh_from_db()
    assert (job.state, job.args, job.region_code, job.dispatches) == (State.QUEUED, {"to": 1}, "4408", 1)
    assert job.dispatched_at is not None
    assert waiting_messages() == before + 1


@pytest.mark.django_db
def test_same_key_is_the_same_job_while_it_is_active():
    first = services.enqueue(**COUNT, key="k")
    assert services.enqueue(**COUNT, key="k") == first
    assert services.enqueue(**COUNT, key="other") != first
    running.claim(first.pk)
    assert services.enqueue(**COUNT, key="k") == first
    Job.objects.filter(pk=first.pk).update(state=State.DONE)
    assert services.enqueue(**COUNT, key="k") != first


@pytest.mark.django_db
def test_jobs_without_key_are_all_different():
    assert services.enqueue(**COUNT) != services.enqueue(**COUNT)


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", ["done", "refused", "cancelled"])
def test_running_job_is_run_once_more_when_asked_for(outcome, monkeypatch):
    job = services.enqueue(kind="tests.asked_again", title="再来", args={"outcome": outcome}, key="k")

    runs = []

    def work(handle, *, outcome):
        runs.append(handle.job.attempts)
        if len(runs) == 2:
            return
        if outcome == "cancelled":
            services.cancel(job=job)
        again = {"kind": "tests.asked_again", "title": "再来", "key": "k", "again_if_running": True}
        assert services.enqueue(**again) == job
        assert services.enqueue(**again) == job
        if outcome == "refused":
            raise registry.JobRefused("先不行")
        if outcome == "cancelled":
            handle.progress(1, 2)

    monkeypatch.setitem(registry._functions, "tests.asked_again", work)
    assert running.run(job.pk, inline=True)
    job.refresh_from_db()
    assert (job.state, job.run_again, job.attempts, job.error) == (State.QUEUED, False, 0, "")
    assert running.run(job.pk, inline=True)
    job.refresh_from_db()
    assert (job.state, job.cancel_requested, runs) == (State.DONE, False, [1, 1])


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_make_one_row():
    barrier = threading.Barrier(4)
    made = []

    def ask():
        try:
            barrier.wait()
            made.append(services.enqueue(**COUNT, key="race").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 4
    assert len(set(made)) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_rolled_back_job_is_never_sent():
    before = waiting_messages()
    with transaction.atomic():
        services.enqueue(**COUNT)
        transaction.set_rollback(True)
    assert Job.objects.count() == 0
    assert waiting_messages() == before


@pytest.mark.django_db(transaction=True)
def test_broker_away_at_commit_fails_nothing_and_loses_nothing(broker_away, monkeypatch, caplog):
    with transaction.atomic():
        jobs = [services.enqueue(**COUNT) for _n in range(5)]
    assert set(Job.objects.values_list("state", "dispatched_at")) == {(State.QUEUED, None)}
    # One failure, then the broker is spared.
    assert [record.reason for record in caplog.records] == ["OperationalError"]
    assert sweeping.send_again() == 0

    monkeypatch.setattr(current_app.conf, "broker_write_url", None)
    queueing.breaker.resting_until = 0.0
    Job.objects.update(not_before=Job.objects.first().not_before - sweeping.UNSENT_AFTER)
    before = waiting_messages()
    assert sweeping.redispatch()["sent"] == 5
    assert waiting_messages() == before + 5
    assert sweeping.redispatch()["sent"] == 0
    for job in jobs:
        assert running.run(job.pk)
    assert set(Job.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.django_db
def test_the_database_itself_refuses_two_active_jobs_of_one_key():
    JobFactory(key="k")
    with pytest.raises(Exception, match="jobs_one_active_per_key"), transaction.atomic():
        JobFactory(key="k", state=State.RUNNING)
    JobFactory(key="k", state=State.FAILED)
