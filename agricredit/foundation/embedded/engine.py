"""What PostgreSQL and Valkey share: start once, recognise a running one, wait for an answer, stop."""

from __future__ import annotations

import os
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from . import processes
from .errors import EmbeddedError, tail
from .places import Home
from .tools import Tools

LONGEST_LOG = 10_000_000  # bytes; a longer log is put aside at the next start
PATIENCE = 90.0  # seconds: crash recovery after SIGKILL may replay much


class Engine(ABC):
    """One server of an instance. Callers hold the instance's lock around start and stop."""

    key: str
    label: str
    stopping: Sequence[tuple[signal.Signals, float]]

    def __init__(self, home: Home, tools: Tools, *, durable: bool) -> None:
        self.home = home
        self.tools = tools
        self.durable = durable

    @property
    @abstractmethod
    def socket(self) -> Path:
        """The unix socket it listens on."""

    @abstractmethod
    def command(self) -> list[str]:
        """The command line that runs it in the foreground."""

    @abstractmethod
    def prepare(self) -> None:
        """Make what it needs before it starts, and clear what a killed one left."""

    @abstractmethod
    def answers(self) -> bool:
        """True when it accepts work now."""

    def process(self) -> processes.Record | None:
        """The running server, by its record or, when that is lost, by its command line."""
        record = processes.load(self.home.record(self.key))
        if record is not None:
            if record.alive():
                return record
            processes.ended(
                record.pid
            )  # reaps it when it was our own child: PostgreSQL takes a zombie for alive
        return processes.with_command(self.command())

    def start(self) -> bool:
        """Bring it up; True when it was not running before."""
        running = self.process()
        if running is not None and self.socket.exists():
            running.save(self.home.record(self.key))
            self._await_answer(running.pid)
            return False
        if running is not None:  # its socket was swept away: it can serve nobody
            self.stop()
        self.prepare()
        self._launch()
        return True

    def stop(self) -> bool:
        """Shut it down in good order, by force if it must be; True when it was running."""
        running = self.process()
        if running is not None and not processes.end([running.pid], self.stopping):
            raise EmbeddedError(f"{self.label} (process {running.pid}) does not stop.")
        self.home.record(self.key).unlink(missing_ok=True)
        return running is not None

    def _launch(self) -> None:
        log = self.home.log(self.key)
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        with open(log, "ab") as output:
            child = self.home.account.popen(self.command(), cwd=self.home.data, output=output)
        record = processes.observe(child.pid)
        if record is not None:
            record.save(self.home.record(self.key))
        # The server outlives this process on purpose; nobody will wait for the child.
        child.returncode = 0
        self._await_answer(child.pid)

    def _await_answer(self, pid: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if processes.ended(pid):
                raise EmbeddedError(f"{self.label} did not start:{tail(os.fspath(self.home.log(self.key)))}")
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"{self.label} (process {pid}) does not answer after {PATIENCE:.0f} s:"
                    f"{tail(os.fspath(self.home.log(self.key)))}"
                )
            time.sleep(0.02)
