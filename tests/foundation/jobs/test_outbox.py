"""A fact told in the writer's transaction becomes exactly one job per listener."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs.models import Job, OutboxMessage, State
from agricredit.foundation.jobs.services import running
from agricredit.foundation.jobs.testing import run_all_jobs


def jobs():
    return list(Job.objects.order_by("pk").values_list("kind", "title", "key", "args"))


@pytest.mark.django_db(transaction=True)
def test_each_listener_gets_one_job_after_commit():
    outbox.subscribe("t", "tests.a", "甲")
    outbox.subscribe("t", "tests.b", "乙")
    outbox.subscribe("t", "tests.a", "甲")
    outbox.subscribe("other", "tests.c", "丙")
    with transaction.atomic():
        outbox.emit("t", day="2026-01-02", n=1)
        assert jobs() == []
    keys = {"day": "2026-01-02", "n": 1}
    text = '{"day":"2026-01-02","n":1}'
    assert jobs() == [
        ("tests.a", "甲", f"t:tests.a:{text}", keys),
        ("tests.b", "乙", f"t:tests.b:{text}", keys),
    ]
    message = OutboxMessage.objects.get()
    assert message.delivered_at is not None
    assert not outbox.deliver(message.pk)
    assert outbox.deliver_waiting(10) == 0
    assert len(jobs()) == 2


@pytest.mark.django_db(transaction=True)
def test_rolled_back_fact_is_never_told():
    outbox.subscribe("t", "tests.a", "甲")
    with transaction.atomic():
        outbox.emit("t")
        transaction.set_rollback(True)
    assert OutboxMessage.objects.count() == 0
    assert jobs() == []


@pytest.mark.django_db(transaction=True)
def test_failing_delivery_fails_no_request_and_the_sweep_delivers(monkeypatch, caplog):
    outbox.subscribe("t", "tests.a", "甲")
    real = outbox.enqueue

    def broken(**_fields):
        raise DatabaseError

    monkeypatch.setattr(outbox, "enqueue", broken)
    with transaction.atomic():
        outbox.emit("t")
    assert jobs() == []
    assert [record.reason for record in caplog.records] == ["DatabaseError"]
    monkeypatch.setattr(outbox, "enqueue", real)
    assert outbox.deliver_waiting(10) == 1
    assert [kind for kind, *_rest in jobs()] == ["tests.a"]


@pytest.mark.django_db(transaction=True)
def test_message_in_delivery_is_left_to_its_deliverer():
    outbox.subscribe("t", "tests.a", "甲")
    message = OutboxMessage.objects.create(topic="t", keys={}, created_at="2026-11-21T00:00:00Z")
    found = []

    def other():
        try:
            found.append(outbox.deliver(message.pk))
        finally:
            connection.close()

    with transaction.atomic():
        OutboxMessage.objects.select_for_update().get(pk=message.pk)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found == [False]
    assert outbox.deliver(message.pk)


@pytest.mark.django_db
def test_fact_told_while_its_job_runs_is_not_lost():
    outbox.subscribe("t", "tests.mark", "记")
    outbox.emit("t", day="2030-01-01")
    outbox.deliver_waiting(10)
    job = Job.objects.get()
    running.claim(job.pk)
    outbox.emit("t", day="2030-01-01")
    outbox.deliver_waiting(10)
    assert Job.objects.count() == 1
    job.refresh_from_db()
    assert (job.state, job.run_again) == (State.RUNNING, True)


def test_long_keys_are_hashed():
    key = outbox.job_key("ledger.posted", "rating.rescore", {"producer_ids": list(range(1000))})
    assert len(key) == len("ledger.posted:rating.rescore:") + 64
    assert key != outbox.job_key("ledger.posted", "rating.rescore", {"producer_ids": list(range(1001))})
    assert outbox.job_key("t", "k", {"b": 1, "a": 2}) == outbox.job_key("t", "k", {"a": 2, "b": 1})


@pytest.mark.django_db
def test_helper_runs_what_jobs_set_off_and_stops_at_a_failure():
    outbox.subscribe("t", "tests.count", "数")
    outbox.emit("t", to=2)
    assert [job.progress_done for job in run_all_jobs()] == [2]
    outbox.subscribe("bad", "tests.refuse", "拒")
    outbox.emit("bad")
    with pytest.raises(AssertionError, match="没有可评价的主体"):
        run_all_jobs()
