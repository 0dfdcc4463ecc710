"""The account that the engines run as: oneself, or for root (whom PostgreSQL refuses) a system user."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .errors import EmbeddedError

SYSTEM_USER = "agricredit-db"


@dataclass(frozen=True)
class Account:
    """Who runs the engines; ``foreign`` when that is not the user of this process."""

    name: str
    uid: int
    gid: int

    @property
    def foreign(self) -> bool:
        """True when root has to step down to another account."""
        return self.uid != os.geteuid()

    def popen(self, command: Sequence[str], *, cwd: Path, output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        """Start a command as this account, in a session of its own so that Ctrl-C does not reach it.

        Its environment is empty but for the search path and the locale: nothing of ours (keys, libpq's
        variables) leaks into a server that outlives us.
        """
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            user=self.uid if self.foreign else None,
            group=self.gid if self.foreign else None,
            extra_groups=[] if self.foreign else None,
        )

    def own(self, folder: Path) -> None:
        """Make a folder this account's, private to it; with its content when the account was re-made."""
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        if state.st_uid == self.uid:
            return
        for base, folders, files in os.walk(folder):
            for name in (*folders, *files):
                os.chown(os.path.join(base, name), self.uid, self.gid, follow_symlinks=False)
        os.chown(folder, self.uid, self.gid)


def engine_account() -> Account:
    """The account of the engines, made when root runs for the first time on this machine."""
    uid = os.geteuid()
    if uid == 0:
        return _system_account()
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(
            f"User id {uid} has no name on this system, which PostgreSQL needs; add it to /etc/passwd."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _system_account() -> Account:
    entry = _entry()
    if entry is None:
        _add_system_user()
        entry = _entry()
    if entry is None:
        raise EmbeddedError(
            f"The system user {SYSTEM_USER} could not be made; add it, or run as an ordinary user."
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _entry() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _add_system_user() -> None:
    """Run useradd; when two processes do at once, one fails and both then find the user."""
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    useradd = shutil.which("useradd", path=search)
    if useradd is None:
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root and useradd is not at hand to make the user {SYSTEM_USER}; "
            "run as an ordinary user, or give DATABASE_URL and REDIS_URL."
        )
    options = [
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        "/nonexistent",
        "--shell",
        "/bin/false",
    ]
    made = subprocess.run([useradd, *options, SYSTEM_USER], capture_output=True, text=True, check=False)
    if made.returncode and _entry() is None:
        raise EmbeddedError(f"useradd could not make the system user {SYSTEM_USER}: {made.stderr.strip()}")
