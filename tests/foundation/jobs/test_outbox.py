"""A fact told in the writer's transaction becomes exactly one job per listener."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from agricredit.foundation.jobs import outbox, registry
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


@pytest.fixture
def gathering(monkeypatch):
    """A topic with one gathering listener, whose job writes down what it took."""
    took: list[list[int]] = []

    def work(handle, *, topic):
        while True:
            with outbox.taken(topic, 2) as messages:
                took.append([keys["n"] for keys in messages])
            if not messages:
                return

    monkeypatch.setitem(registry._functions, "tests.gather", work)
    monkeypatch.setitem(outbox._subscriptions, "many", [outbox.Subscription("tests.gather", "集", True)])
    return took


@pytest.mark.django_db(transaction=True)
def test_many_messages_are_one_job_that_takes_them_all(gathering):
    for number in range(5):
        outbox.emit("many", n=number)
    assert [(kind, args) for kind, _title, _key, args in jobs()] == [("tests.gather", {"topic": "many"})]
    assert OutboxMessage.objects.filter(delivered_at__isnull=True).count() == 5
    assert running.run(Job.objects.get().pk, inline=True)
    assert gathering == [[0, 1], [2, 3], [4], []]
    assert not OutboxMessage.objects.filter(delivered_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_what_comes_while_the_gatherer_runs_is_taken_by_its_next_run(gathering, monkeypatch):
    outbox.emit("many", n=1)
    job = Job.objects.get()

    def late(handle, *, topic):
        with outbox.taken(topic, 10) as messages:
            gathering.append([keys["n"] for keys in messages])
        if len(gathering) == 1:
            outbox.emit("many", n=2)

    monkeypatch.setitem(registry._functions, "tests.gather", late)
    running.run(job.pk, inline=True)
    job.refresh_from_db()
    assert job.state == State.QUEUED
    running.run(job.pk, inline=True)
    assert gathering == [[1], [2]]
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_failure_leaves_the_messages_waiting_and_the_sweep_calls_again(gathering):
    outbox.emit("many", n=7)

    def die():
        with outbox.taken("many", 5) as messages:
            raise RuntimeError(f"the worker dies over {messages}")

    with pytest.raises(RuntimeError, match="the worker dies over"):
        die()
    Job.objects.all().delete()
    assert outbox.deliver_waiting(10) == 0
    run_all_jobs()
    assert gathering == [[7], []]


def test_a_gathered_topic_has_one_listener(monkeypatch):
    monkeypatch.setattr(outbox, "_subscriptions", {})
    outbox.subscribe("g", "tests.one", "一", gathered=True)
    outbox.subscribe("g", "tests.one", "一", gathered=True)
    with pytest.raises(ValueError, match="one listener"):
        outbox.subscribe("g", "tests.two", "二")
    outbox.subscribe("h", "tests.one", "一")
    with pytest.raises(ValueError, match="one listener"):
        outbox.subscribe("h", "tests.two", "二", gathered=True)
