"""Workers and connections killed in the middle of a run: recovered, nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
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

PATIENCE_SECONDS = 90


def await_until(condition):
    tick = threading.Event()
    for _turn in range(PATIENCE_SECONDS * 10):
        if found := condition():
            return found
        tick.wait(0.1)
    raise AssertionError("it did not come to that")


def kill(process):
    """SIGKILL to a worker and its children: no farewell of any kind."""
    if process.poll() is None:
        children = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        psutil.wait_procs(children, timeout=10)


@pytest.fixture
def worker(transactional_db, tmp_path):
    """Starts real Celery workers on the test's database; ``hanging`` ones stop before each commit."""
    started = []

    def start(*, hanging, stage="commit"):
        base = os.environ["DATABASE_URL"].rpartition("/")[0]
        environ = {
            **os.environ,
            "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
            "DJANGO_SETTINGS_MODULE": "agricredit.settings",
            "HANG_AT": stage,
        }
        command = [sys.executable, "-m", "celery", "-A", "agricredit.celery", "worker", "-c", "1"]
        command += ["--without-gossip", "--without-mingle", "-n", f"w{len(started)}@%h"]
        command += ["-I", "tests.rating.hanging"] if hanging else []
        with (tmp_path / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=environ, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
            )
        started.append(process)
        return process

    start.started = started
    yield start
    for process in started:
        kill(process)
    connection.close()


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
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND wait_event = 'advisory'"
        )
        return [pid for (pid,) in cursor.fetchall()]


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
def test_a_worker_killed_mid_run_loses_and_doubles_nothing(run, gate, worker, tmp_path):
    victim = worker(hanging=True)
    await_until(waiting_backends)
    assert RunShard.objects.filter(run=run, state="computing").count() == 1
    kill(victim)
    gate()
    await_until(lambda: not waiting_backends())
    assert not RunShard.objects.filter(run=run, state="done").exists()
    assert revive_silent() == 1
    worker(hanging=False)
    await_until(lambda: computed(run))
    assert_whole(run, tmp_path)
    assert sorted(run.shards.values_list("attempts", flat=True))[-1] == 2


@pytest.mark.engines
def test_a_database_connection_killed_mid_shard_is_tried_again(run, gate, worker, tmp_path):
    worker(hanging=True)
    [backend] = await_until(waiting_backends)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    await_until(lambda: Job.objects.filter(state=State.QUEUED, attempts=1).exists())
    gate()
    await_until(lambda: retried_and_computed(run))
    assert_whole(run, tmp_path)


def retried_and_computed(run):
    """A retry's waiting time is not waited for."""
    Job.objects.filter(state=State.QUEUED, attempts__gt=0).update(not_before=clock.now())
    sweeping.redispatch()
    return computed(run)


@pytest.mark.engines
def test_two_workers_share_a_run(run, worker, tmp_path):
    worker(hanging=False)
    worker(hanging=False)
    await_until(lambda: computed(run))
    assert_whole(run, tmp_path)
    assert set(run.shards.values_list("attempts", flat=True)) == {1}


@pytest.mark.engines
def test_rate_with_wait_needs_no_worker_and_can_share_with_one(gate, worker, tmp_path, capsys):
    shipped()
    examples.load()
    gate()
    worker(hanging=False)
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
