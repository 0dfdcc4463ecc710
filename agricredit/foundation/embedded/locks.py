"""Locks between processes that vanish with the process that holds them, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import EmbeddedError


class FileLock:
    """An exclusive lock on a file; the file stays, the lock does not."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def try_hold(self) -> bool:
        """Take the lock now; False when another process has it."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def held(path: Path, *, seconds: float, what: str) -> Iterator[None]:
    """Hold the lock inside the block; wait up to so many seconds for another process to finish ``what``."""
    lock = FileLock(path)
    deadline = time.monotonic() + seconds
    while not lock.try_hold():
        if time.monotonic() > deadline:
            raise EmbeddedError(
                f"Another process has been {what} for over {seconds:.0f} s ({path}); look at it first."
            )
        time.sleep(0.05)
    try:
        yield
    finally:
        lock.release()
