"""Real Celery workers on the test's database: started, waited for, killed.

While a test waits it does now and then what the scheduler does in service: a message may be lost with a
worker that was killed (the broker hands it to a connection that is already dead), or stay unsent when the
broker answers late on a busy machine. The row is what counts; a test that waited for the message alone failed
about once in a hundred runs.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.db import connection

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import sweeping

PATIENCE_SECONDS = 180  # costs nothing when things go well; a busy machine starts a worker in ten
TICK_SECONDS = 0.1
SWEEP_EVERY = 20  # looks


class Workers:
    """Starts workers that import ``modules`` too; their log is one file."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, *modules: str, **environment: str) -> subprocess.Popen[bytes]:
        """A worker of one process on the test's own database."""
        base = os.environ["DATABASE_URL"].rpartition("/")[0]
        environ = {
            **os.environ,
            "DATABASE_URL": f"{base}/{connection.settings_dict['NAME']}",
            "DJANGO_SETTINGS_MODULE": "agricredit.settings",
            **environment,
        }
        command = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "agricredit.celery",
            "worker",
            "-c",
            "1",
            "-l",
            "info",
        ]
        command += ["--without-gossip", "--without-mingle", "-n", f"w{len(self.started)}@%h"]
        command += [word for module in modules for word in ("-I", module)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, env=environ, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(process)
        return process

    def await_until(self, condition: Callable[[], Any], *, swept: bool = True) -> Any:
        """Look every 100 ms; the last look's value is returned. ``swept``: send again what was lost."""
        tick = threading.Event()
        for turn in range(int(PATIENCE_SECONDS / TICK_SECONDS)):
            if found := condition():
                return found
            if swept and turn % SWEEP_EVERY == SWEEP_EVERY - 1:
                send_again()
            tick.wait(TICK_SECONDS)
        raise AssertionError(f"it did not come to that\n{self.said()}")

    def said(self) -> str:
        """The jobs as they stand and the end of the workers' log, for a failure's message."""
        jobs = Job.objects.order_by("pk").values_list(
            "pk", "kind", "state", "attempts", "dispatches", "error"
        )
        log = self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""
        return "\n".join([*map(str, jobs), log])

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.started:
            kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a worker and its children: no farewell of any kind."""
    if process.poll() is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    psutil.wait_procs(children, timeout=60)


def send_again() -> None:
    """The scheduler's sweep, after so long that every queued job is due and its message counts as unsent."""
    due = clock.now() - 2 * sweeping.UNSENT_AFTER
    Job.objects.filter(state=State.QUEUED).update(not_before=due, dispatched_at=None)
    sweeping.redispatch()
