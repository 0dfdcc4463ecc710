"""Workers and connections killed in the middle of a run: recovered, nothing lost, nothing doubled."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, connections

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import sweeping
from agricredit.foundation.jobs.testing import run_all_jobs
from rating.models import Rating, RatingRun, RunShard
from rating.services import runs, shards
from tests.factories.archives import ProducerFactory
from tests.factories.rating import shipped
from tests.rating import examples
from tests.rating.hanging import GATE
from tests.workers import Workers, kill


@pytest.fixture
def workers(transactional_db, tmp_path):
    """Real Celery workers on the test's database."""
    made = Workers(tmp_path / "worker.log")
    yield made
    made.end()
    connection.close()


def start_hanging(workers, stage="commit"):
    """A worker that stops at a stage until the gate is opened."""
    return workers.start("tests.rating.hanging", HANG_AT=stage)


@pytest.fixture
def gate(transactional_db):
    """Closed at first; calling it opens it, ``close()`` closes it again."""

    def close():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])

    def open_gate():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")

    close()
    open_gate.close = close
    yield open_gate
    open_gate()


@pytest.fixture
def run(transactional_db):
    shipped()
    examples.load()
    return runs.start(scheme="gd-r1", region="44", year=2024, actor=None, shard_producers=10)


def waiting_backends():
    """Who stands at the gate, and at no other lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
            " AND classid = 0 AND objid = %s"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [GATE],
        )
        return [pid for (pid,) in cursor.fetchall()]


def let_go(workers, gate, victims):
    """Open the gate, and wait until the killed worker's transactions are rolled back."""
    gate()
    workers.await_until(lambda: not living(victims), swept=False)


def living(backends):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s)", [backends])
        return cursor.fetchall()


def revive_silent():
    stale = clock.now() - sweeping.STALE_AFTER - timedelta(seconds=1)
    Job.objects.filter(state=State.RUNNING).update(heartbeat_at=stale)
    return sweeping.redispatch()["revived"]


def computed(run):
    run.refresh_from_db()
    return run.state == RatingRun.State.COMPUTED


def assert_whole(run, tmp_path):
    """Every result once, equal to the contract's file."""
    file = tmp_path / "ratings.csv"
    call_command("export_ratings", str(run.pk), str(file))
    assert file.read_bytes() == (examples.FOLDER / "ratings-gd-r1.csv").read_bytes()
    assert Rating.objects.filter(run=run).count() == run.producers


@pytest.mark.engines
def test_a_worker_killed_mid_run_loses_and_doubles_nothing(run, gate, workers, tmp_path):
    victim = start_hanging(workers)
    victims = workers.await_until(waiting_backends)
    assert RunShard.objects.filter(run=run, state="computing").count() == 1
    kill(victim)
    let_go(workers, gate, victims)
    assert not RunShard.objects.filter(run=run, state="done").exists()
    assert revive_silent() == 1
    workers.start()
    workers.await_until(lambda: computed(run))
    assert_whole(run, tmp_path)
    assert sorted(run.shards.values_list("attempts", flat=True))[-1] == 2


@pytest.mark.engines
def test_a_database_connection_killed_mid_shard_is_tried_again(run, gate, workers, tmp_path):
    start_hanging(workers)
    [backend] = workers.await_until(waiting_backends)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    workers.await_until(lambda: Job.objects.filter(state=State.QUEUED, attempts=1).exists(), swept=False)
    gate()
    workers.await_until(lambda: computed(run))
    assert_whole(run, tmp_path)


@pytest.mark.engines
def test_two_workers_share_a_run(run, workers, tmp_path):
    workers.start()
    workers.start()
    workers.await_until(lambda: computed(run))
    assert_whole(run, tmp_path)
    assert set(run.shards.values_list("attempts", flat=True)) == {1}


@pytest.mark.engines
def test_rate_with_wait_needs_no_worker_and_can_share_with_one(gate, workers, tmp_path, capsys):
    shipped()
    examples.load()
    gate()
    workers.start()
    call_command("rate", "--year", "2024", "--scheme", "gd-r1", "--region", "44", "--wait")
    run = RatingRun.objects.get()
    assert capsys.readouterr().out == f"{run.pk}\n"
    assert run.state == "computed"
    assert_whole(run, tmp_path)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_start_at_once_one_starts():
    shipped()
    ProducerFactory()
    barrier, outcomes = threading.Barrier(2), []

    def start():
        barrier.wait()
        try:
            outcomes.append(runs.start(scheme="gd-r1", region="440823", year=2024, actor=None).state)
        except runs.AlreadyStarted:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=start) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["computing", "refused"]
    assert RatingRun.objects.count() == RunShard.objects.count() == 1
    assert Job.objects.filter(kind="rating.run_shard").count() == 1


@pytest.mark.django_db
def test_a_worker_whose_claim_was_taken_writes_nothing(monkeypatch):
    shipped()
    ProducerFactory()
    run = runs.start(scheme="gd-r1", region="440823", year=2024, actor=None)
    [job] = Job.objects.filter(kind="rating.run_shard")
    honest = shards._commit_claim

    def robbed(shard, claim, path):
        RunShard.objects.filter(pk=shard.pk).update(claim="00000000-0000-0000-0000-000000000001")
        honest(shard, claim, path)

    monkeypatch.setattr(shards, "_commit_claim", robbed)
    with pytest.raises(shards.ClaimLost):
        shards.compute(shard_id=run.shards.get().pk, handle=Quiet(job))
    assert run.shards.get().state == "computing"
    monkeypatch.undo()
    run_all_jobs()
    assert Rating.objects.filter(run=run).count() == 1


class Quiet:
    """A handle that reports to nobody."""

    def __init__(self, job):
        self.job = job

    def progress(self, done, total, message=""):
        self.done = done
