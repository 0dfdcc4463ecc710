"""A real Celery worker, killed in the middle of a job."""

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from django.db import connection

from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import services
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import queueing, running, sweeping

DAY = "2031-01-01"
PATIENCE_SECONDS = 60


def database_url():
    base, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    return f"{base}/{connection.settings_dict['NAME']}"


def await_until(condition):
    """Look every 100 ms for a minute; the last look's value is returned."""
    tick = threading.Event()
    for _turn in range(PATIENCE_SECONDS * 10):
        if found := condition():
            return found
        tick.wait(0.1)
    raise AssertionError("the worker did not get there")


@pytest.fixture
def worker(transactional_db, tmp_path):
    started = []

    def start():
        environ = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "agricredit.settings",
        }
        command = [sys.executable, "-m", "celery", "-A", "agricredit.celery", "worker", "-c", "1"]
        command += ["-I", "tests.foundation.jobs.kinds", "--without-gossip", "--without-mingle", "-l", "info"]
        with (tmp_path / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=environ, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
            )
        started.append(process)
        return process

    yield start
    for process in started:
        kill(process)
    connection.close()


def kill(process):
    """SIGKILL to the worker and its children: no farewell of any kind."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    psutil.wait_procs(children, timeout=10)


def state_of(job):
    return Job.objects.values_list("state", "progress_done", "attempts").get(pk=job.pk)


@pytest.mark.engines
def test_killed_worker_loses_no_job_and_doubles_no_effect(worker):
    job = services.enqueue(kind="tests.mark_then_hang_once", title="标记", args={"day": DAY})
    first = worker()
    await_until(lambda: state_of(job) == (State.RUNNING, 1, 1))
    kill(first)
    assert CalendarDay.objects.get(day=DAY).name == ""
    assert sweeping.redispatch()["revived"] == 0  # the heart beat a moment ago

    Job.objects.filter(pk=job.pk).update(
        heartbeat_at=clock.now() - sweeping.STALE_AFTER - timedelta(seconds=1)
    )
    assert sweeping.redispatch()["revived"] == 1
    worker()
    await_until(lambda: state_of(job)[0] == State.DONE)
    job.refresh_from_db()
    assert (job.attempts, job.error) == (2, "")
    assert [row.name for row in CalendarDay.objects.filter(day=DAY)] == ["完成"]

    # Late and repeated messages find nothing to do.
    assert not running.run(job.pk)
    other = services.enqueue(kind="tests.mark", title="另一个", args={"day": "2031-01-02"})
    queueing.publish([job.pk, job.pk, other.pk])
    await_until(lambda: state_of(other)[0] == State.DONE)
    assert state_of(job)[2] == 2
