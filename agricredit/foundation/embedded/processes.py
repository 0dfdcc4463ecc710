"""Whether a process that was started once is still that process: by pid, start time and command line."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
GONE = (psutil.NoSuchProcess, psutil.AccessDenied)
ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)  # waits to be reaped, or is being reaped this instant
STARTING = 1.0  # seconds: longest wait for a command line to appear


@dataclass(frozen=True)
class Record:
    """A started process: ``born`` tells it from a later one with the same pid, also after a reboot."""

    pid: int
    born: str
    command: list[str]

    def alive(self) -> bool:
        """True while exactly this process runs (a zombie does not)."""
        return born(self.pid) == self.born and command_of(self.pid) == self.command

    def save(self, path: Path) -> None:
        """Write the record in one step, so that a reader never sees half of it."""
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(self)), encoding="utf-8")
        fresh.replace(path)


def load(path: Path) -> Record | None:
    """The saved record, or None when there is none or it is damaged."""
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def observe(pid: int) -> Record | None:
    """The record of a running process, also of one started this instant; None when it is gone."""
    start, command = born(pid), command_of(pid)
    deadline = time.monotonic() + STARTING
    # The kernel lets the parent go on before a new program's command line can be read.
    while not command and _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.001)
        command = command_of(pid)
    return Record(pid, start, command) if start and command else None


def born(pid: int) -> str:
    """When a process began, in a form that no clock change moves; "" when there is none."""
    try:
        if BOOT_ID.exists():
            # Field 22 of stat: ticks since boot. The name in field 2 may hold spaces, so count from its end.
            ticks = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
            return f"{BOOT_ID.read_text(encoding='utf-8').strip()}:{ticks}"
        return str(psutil.Process(pid).create_time())
    except (OSError, *GONE):
        return ""


def command_of(pid: int) -> list[str]:
    """A process's command line; empty when it is gone, a zombie or hidden."""
    try:
        return psutil.Process(pid).cmdline()
    except GONE:
        return []


def with_command(command: list[str]) -> Record | None:
    """The process that runs this very command, for when its record was lost (killed before saving)."""
    same = [process.pid for process in psutil.process_iter() if command_of(process.pid) == command]
    # A server's newly forked child shows the same command line for an instant; the server has another parent.
    first = [pid for pid in same if _parent(pid) not in same]
    return observe(first[0]) if first else None


def _parent(pid: int) -> int:
    try:
        return psutil.Process(pid).ppid()
    except GONE:
        return 0


def inside(folder: Path) -> list[int]:
    """The processes whose working directory is this folder (all of PostgreSQL's work in its data folder)."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (OSError, *GONE):
            continue
    return found


def end(pids: Iterable[int], signals: Iterable[tuple[signal.Signals, float]]) -> bool:
    """Send each signal in turn, waiting so many seconds for all to go; True when they went."""
    left = [pid for pid in pids if born(pid)]
    for number, seconds in signals:
        for pid in left:
            _send(pid, number)
        left = _left_after(left, seconds)
        if not left:
            return True
    return not left


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _left_after(pids: list[int], seconds: float) -> list[int]:
    deadline = time.monotonic() + seconds
    while True:
        pids = [pid for pid in pids if not ended(pid)]
        if not pids or time.monotonic() > deadline:
            return pids
        time.sleep(0.02)


def ended(pid: int) -> bool:
    """True when a process is gone or a zombie; our own dead child is reaped on the way."""
    if _runs(pid):
        return False
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return True


def _runs(pid: int) -> bool:
    """Whether there is such a process and it is not a zombie."""
    try:
        return psutil.Process(pid).status() not in ENDED
    except psutil.NoSuchProcess:
        return False


def everyone() -> list[int]:
    """All processes' ids."""
    return psutil.pids()
