"""A pair of engines for one test run: fast, in a temporary place, removed at the end or by the next run."""

from __future__ import annotations

import shutil
import signal
from contextlib import AbstractContextManager
from pathlib import Path

import psutil

from . import processes
from .account import Account, engine_account
from .locks import FileLock, held
from .pair import Addresses, Pair
from .places import Home, at, throwaway_home, throwaway_shelf

HARD = ((signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))


class Throwaway:
    """A running throwaway pair; its lock on ``alive`` tells every sweep that its maker lives."""

    def __init__(self) -> None:
        self._account = engine_account()
        sweep(self._account)
        with _shelf_lock(self._account):
            self._home = throwaway_home(self._account)
            self._alive = FileLock(self._home.root / "alive")
            self._alive.try_hold()
        try:
            self._pair = Pair(self._home, durable=False)
            self._pair.start()
        except BaseException:
            self.remove()
            raise

    @property
    def addresses(self) -> Addresses:
        """How to reach it."""
        return self._pair.addresses()

    @property
    def pair(self) -> Pair:
        """Its engines."""
        return self._pair

    def remove(self) -> None:
        """End both engines at once (nothing in them is worth saving), delete their files; safe to repeat."""
        with _shelf_lock(self._account):
            _end_and_delete(self._home)
        self._alive.release()


def sweep(account: Account) -> list[Path]:
    """Remove what killed test runs left; return their folders."""
    swept = []
    with _shelf_lock(account):
        for root in throwaway_shelf(account).glob("t-*"):
            alive = FileLock(root / "alive")
            if alive.try_hold():
                _end_and_delete(at(root, account))
                alive.release()
                swept.append(root)
    return swept


def _shelf_lock(account: Account) -> AbstractContextManager[None]:
    return held(throwaway_shelf(account) / "lock", seconds=60, what="sweeping test engines")


def _end_and_delete(home: Home) -> None:
    # Looked for again until there is none: a server, or an initdb, may have begun another meanwhile.
    while pids := [process.pid for process in psutil.process_iter() if _works_in(process.pid, home.root)]:
        if not processes.end(pids, HARD):
            break
    for folder in (home.root, home.sockets):
        if folder.exists():
            shutil.rmtree(folder)


def _works_in(pid: int, root: Path) -> bool:
    """True for a server of this instance (or its initdb): its working directory lies in the folder."""
    try:
        folder = Path(psutil.Process(pid).cwd())
    except (OSError, *processes.GONE):
        return False
    return root in (folder, *folder.parents)
