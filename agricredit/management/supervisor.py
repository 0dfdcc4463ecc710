"""The processes of ``manage.py up``: started, watched, started again when they end, and stopped together."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from agricredit.foundation.embedded import processes

STOPPING = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))
SHORT_LIFE = 10.0  # seconds: a process that ends sooner did not start properly
PATIENCE = 3  # short lives in a row before giving up


class GivenUp(Exception):
    """A process cannot be kept running; the text names it."""


@dataclass
class Child:
    """One process: what it is called on the screen and the command that runs it."""

    name: str
    command: list[str]
    short_lives: int = 0
    started: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self, folder: Path) -> None:
        """Run it in a session of its own: Ctrl-C reaches only ``up``, who stops all in order."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def ended(self) -> bool:
        """True when it is not running (any more)."""
        return self.process is None or self.process.poll() is not None


class Supervisor:
    """Keeps the children running; their identities are on disk for ``down`` and a later ``up``."""

    def __init__(self, children: list[Child], *, folder: Path, record: Path) -> None:
        self.children = children
        self.folder = folder
        self.record = record

    def start(self) -> None:
        """Start all."""
        for child in self.children:
            child.start(self.folder)
        self._save()

    def watch(self, say: Callable[[str], None]) -> None:
        """Start again what ended; call every second or so. Raises GivenUp."""
        for child in self.children:
            if not child.ended():
                continue
            child.short_lives = child.short_lives + 1 if time.monotonic() - child.started < SHORT_LIFE else 0
            if child.short_lives >= PATIENCE:
                raise GivenUp(child.name)
            say(child.name)
            child.start(self.folder)
            self._save()

    def stop(self) -> None:
        """Stop all, the last started first, and reap them."""
        for child in reversed(self.children):
            if child.process is not None:
                end_session(child.process.pid)
                child.process.wait()
        self.record.unlink(missing_ok=True)

    def _save(self) -> None:
        running = [processes.observe(child.process.pid) for child in self.children if child.process]
        fresh = self.record.with_suffix(".new")
        fresh.write_text(json.dumps([asdict(each) for each in running if each]), encoding="utf-8")
        fresh.replace(self.record)


def end_session(leader: int) -> None:
    """Stop a process in good order, then whatever it left in its session (a killed worker's pool)."""
    processes.end([leader], STOPPING)
    members = [pid for pid in processes.everyone() if _session(pid) == leader]
    processes.end(members, STOPPING)


def end_leftovers(record: Path) -> int:
    """Stop what an ``up`` that was killed left running; return how many."""
    try:
        saved = [processes.Record(**each) for each in json.loads(record.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return 0
    living = [each for each in saved if each.alive()]
    for each in living:
        end_session(each.pid)
    record.unlink(missing_ok=True)
    return len(living)


def port_is_free(port: int) -> bool:
    """Whether this machine's port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def web(port: int) -> list[str]:
    """The command that serves the pages."""
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    return [
        *command,
        "--blocking-threads",
        "4",
        "--no-ws",
        "--log-level",
        "warning",
        "agricredit.wsgi:application",
    ]


def worker(concurrency: int) -> list[str]:
    """The command that does background work."""
    return [
        *_celery(),
        "worker",
        "--loglevel",
        "WARNING",
        "--concurrency",
        str(concurrency),
        "--without-gossip",
    ]


def beat() -> list[str]:
    """The command that sends what is due."""
    return [*_celery(), "beat", "--loglevel", "WARNING", "--pidfile", ""]


def _celery() -> list[str]:
    """Without the banner and the words about root, who has heard them from the embedded engines already."""
    silence = "ignore:You're running the worker with superuser privileges"
    return [sys.executable, "-W", silence, "-m", "celery", "--quiet", "-A", "agricredit"]


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0
