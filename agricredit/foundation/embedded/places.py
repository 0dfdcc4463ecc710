"""Where an instance of the engines lives: its data, its short socket folder, its records and its logs."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .account import Account
from .errors import EmbeddedError

SYSTEM_SHELF = Path("/var/lib/agricredit")
SOCKET_LIMIT = 100  # bytes of a socket's path: 108 on Linux, 104 on macOS, less a little
LONGEST_SOCKET = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Home:
    """One instance's folders. ``root`` belongs to us; ``data`` and ``sockets`` to the engines' account."""

    root: Path
    sockets: Path
    account: Account

    @property
    def data(self) -> Path:
        """What must survive: PostgreSQL's cluster and Valkey's snapshot."""
        return self.root / "data"

    @property
    def lock(self) -> Path:
        """Held while the engines are started or stopped."""
        return self.root / "lock"

    def record(self, engine: str) -> Path:
        """Which process runs an engine."""
        return self.root / f"{engine}.process.json"

    def log(self, engine: str) -> Path:
        """What an engine says."""
        return self.root / f"{engine}.log"

    def make(self) -> None:
        """Make the folders, with modes of their own whatever the umask; never touch a folder above ours."""
        for folder in (self.data, self.sockets):
            self.account.own(folder)
        state = self.sockets.lstat()
        if (
            not stat.S_ISDIR(state.st_mode)
            or state.st_uid != self.account.uid
            or stat.S_IMODE(state.st_mode) != 0o700
        ):
            raise EmbeddedError(f"{self.sockets} is not a private folder of {self.account.name}; remove it.")


def project_home(repository: Path, account: Account) -> Home:
    """The instance of a working copy: under /var/lib for root, in its ``.run/`` for an ordinary user."""
    if account.foreign:
        return _system_home(repository, account)
    local = repository / ".run"
    if os.access(local if local.exists() else repository, os.W_OK):
        local.mkdir(mode=0o700, exist_ok=True)
        root = local / "engines"
    else:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
        root = state / "agricredit" / _short(repository)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return at(root, account)


def throwaway_home(account: Account) -> Home:
    """A new empty place for one test run, held apart from every other by its random name."""
    root = Path(tempfile.mkdtemp(prefix="t-", dir=throwaway_shelf(account)))
    if account.foreign:
        root.chmod(0o711)
    return at(root, account)


def at(root: Path, account: Account) -> Home:
    """The instance in a folder."""
    return Home(root, _socket_folder(root), account)


def throwaway_shelf(account: Account) -> Path:
    """The folder of all throwaway instances of this user."""
    if account.foreign:
        return _shelf(system_shelf() / "throwaway")
    shelf = Path(tempfile.gettempdir()) / f"agricredit-tests-{account.uid}"
    shelf.mkdir(mode=0o700, exist_ok=True)
    _insist_private(shelf, account)
    return shelf


def system_shelf() -> Path:
    """Root's folder for all instances; the engines' account must be able to walk into it."""
    above = SYSTEM_SHELF.parent
    if not above.is_dir() or not above.stat().st_mode & stat.S_IXOTH:
        raise EmbeddedError(
            f"{above} cannot be entered by other users; run as an ordinary user instead of root."
        )
    return _shelf(SYSTEM_SHELF)


def _shelf(folder: Path) -> Path:
    """A folder of ours that others may pass through; made with that mode, refused if it is otherwise."""
    if not folder.exists():
        folder.mkdir(mode=0o711, exist_ok=True)
        folder.chmod(0o711)
    if not folder.stat().st_mode & stat.S_IXOTH:
        raise EmbeddedError(f"{folder} cannot be entered by other users; run: chmod o+x {folder}")
    return folder


def _system_home(repository: Path, account: Account) -> Home:
    """Found by the name in ``.run/instance``: a fresh clone in an old place begins with fresh data."""
    marker = repository / ".run" / "instance"
    name = _instance(marker)
    root = _shelf(system_shelf() / name)
    owner = root / "repository"
    if not owner.exists():
        owner.write_text(str(repository), encoding="utf-8")
    first = Path(owner.read_text(encoding="utf-8"))
    if first != repository:
        if _instance_of(first) == name:
            raise EmbeddedError(
                f"This working copy was copied from {first} together with .run/instance; both would share "
                f"one database. Remove {marker} to begin with a database of its own."
            )
        owner.write_text(str(repository), encoding="utf-8")
    return at(root, account)


def _instance(marker: Path) -> str:
    """The name in the marker; a new one is linked into place, so that two first starts agree on one."""
    name = _instance_of(marker.parents[1])
    if name:
        return name
    marker.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = marker.with_name(f"instance.{os.getpid()}")
    fresh.write_text(secrets.token_hex(6), encoding="utf-8")
    try:
        os.link(fresh, marker)
    except FileExistsError:
        return _instance(marker)
    finally:
        fresh.unlink()
    return _instance(marker)


def _instance_of(repository: Path) -> str:
    try:
        name = (repository / ".run" / "instance").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    if len(name) != 12 or set(name) - set("0123456789abcdef"):
        raise EmbeddedError(
            f"{repository / '.run' / 'instance'} is damaged; remove it to begin with fresh data."
        )
    return name


def _socket_folder(root: Path) -> Path:
    """In the instance's folder when that is short enough, else in the user's runtime or temporary folder."""
    inside = root / "s"
    if len(os.fsencode(inside / LONGEST_SOCKET)) <= SOCKET_LIMIT:
        return inside
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(runtime if runtime and os.access(runtime, os.W_OK) else "/tmp")  # noqa: S108 - owner and mode checked
    return base / f"agricredit-{os.geteuid()}-{_short(root)}"


def _insist_private(folder: Path, account: Account) -> None:
    state = folder.lstat()
    if not stat.S_ISDIR(state.st_mode) or state.st_uid != account.uid or state.st_mode & 0o077:
        raise EmbeddedError(f"{folder} is not a private folder of {account.name}; remove it.")


def _short(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
