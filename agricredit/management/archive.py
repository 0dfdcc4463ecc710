"""A backup file: the database's dump and the private store in one tar, with a manifest that proves it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from agricredit.foundation import embedded

FORMAT = 1
DUMP = "database.dump"
MANIFEST = "manifest.json"
PRIVATE = "private"


class Unusable(Exception):
    """The backup, or a program it needs, cannot be used; the text says why."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds: each member's sha256 and size, when it was made and from which server."""

    made_at: str
    server: str
    files: dict[str, dict[str, Any]]

    def text(self) -> str:
        """As it stands in the file."""
        return json.dumps({"format": FORMAT, **self.__dict__}, ensure_ascii=False, indent=1, sort_keys=True)


class _Hashing(io.RawIOBase):
    """Reads a file and remembers the hash of what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._source.read(size)
        self.digest.update(data)
        return data


def write(target: Path, *, server: str) -> Manifest:
    """Make the backup under another name and rename it: a file of that name is always whole.

    The dump is one moment's snapshot; files are added after it, so every file that it speaks of is there.
    """
    partial = target.with_name(f".{target.name}.partial")
    files: dict[str, dict[str, Any]] = {}
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
            with TemporaryDirectory(prefix="agricredit-backup-") as folder:
                dump(Path(folder) / DUMP, server=server)
                files[DUMP] = _add(tar, Path(folder) / DUMP, DUMP)
            for path in _private_files():
                name = f"{PRIVATE}/{path.relative_to(settings.PRIVATE_ROOT).as_posix()}"
                files[name] = _add(tar, path, name)
            manifest = Manifest(timezone.now().isoformat(timespec="seconds"), server, files)
            _add_text(tar, MANIFEST, manifest.text())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


@contextmanager
def opened(source: Path) -> Iterator[tuple[Path, Manifest]]:
    """Unpack a backup beside the private store and check every member; yields the folder and the manifest."""
    settings.PRIVATE_ROOT.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".restore-", dir=settings.PRIVATE_ROOT.parent) as folder:
        try:
            with tarfile.open(source) as tar:
                tar.extractall(folder, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise Unusable(
                _("%(file)s 不是完整的备份文件：%(error)s") % {"file": source, "error": error}
            ) from error
        yield Path(folder), verified(Path(folder), source)


def verified(folder: Path, source: Path) -> Manifest:
    """Compare what was unpacked with the manifest, both ways."""
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if document.pop("format") != FORMAT:
            raise Unusable(_("%s 是别的版本的备份，无法恢复。") % source)
        manifest = Manifest(**document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(_("%s 没有可读的清单，不是本系统的备份文件。") % source) from error
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    wrong = sorted(found ^ manifest.files.keys())
    wrong += [
        name
        for name, facts in manifest.files.items()
        if name in found and _sha256(folder / name) != facts["sha256"]
    ]
    if wrong:
        raise Unusable(_("备份文件已损坏，与清单不符：%s") % "、".join(wrong[:5]))
    return manifest


def put_private_files(folder: Path) -> Path | None:
    """Make the unpacked files the private store; return where a former store was put aside."""
    root: Path = settings.PRIVATE_ROOT
    aside = None
    if root.exists() and any(root.iterdir()):
        aside = root.with_name(f"{root.name}.before-{timezone.localtime():%Y%m%d-%H%M%S}")
        root.rename(aside)
    fresh = folder / PRIVATE
    fresh.mkdir(exist_ok=True)
    if root.exists():
        root.rmdir()
    shutil.move(fresh, root)
    for path in (root, *root.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    return aside


def dump(target: Path, *, server: str) -> None:
    """pg_dump in its own format, without owners and grants (``restore`` grants anew)."""
    _run(
        program("pg_dump", server),
        ["--format=custom", "--no-owner", "--no-privileges", "--file", str(target)],
    )


def load(source: Path, *, server: str) -> None:
    """pg_restore in one transaction: all of it or nothing."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    _run(
        program("pg_restore", server), [*options, "--dbname", _address(settings.DATABASE_OWNER), str(source)]
    )


def program(name: str, server: str) -> str:
    """The wheel's or the system's client program: of the server's major version, else the nearest newer."""
    candidates: dict[int, str] = {}
    for path in (_of_the_wheel(name), shutil.which(name)):
        if path:
            candidates.setdefault(_major(path), path)
    fitting = [major for major in sorted(candidates) if major >= int(server.partition(".")[0])]
    if not fitting:
        raise Unusable(
            _("没有适用于 PostgreSQL %(server)s 的 %(name)s，请安装 postgresql-client。")
            % {"server": server, "name": name}
        )
    return candidates[fitting[0]]


def _of_the_wheel(name: str) -> str | None:
    try:
        return str(embedded.client(name))
    except embedded.EmbeddedError:
        return None


def _major(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    return int(said.rpartition(") ")[2].partition(".")[0] or 0)


def _run(path: str, options: list[str]) -> None:
    database = settings.DATABASE_OWNER
    command = [path, *options]
    if "--dbname" not in options:
        command += ["--dbname", _address(database)]
    environment = {**os.environ, "PGPASSWORD": str(database["PASSWORD"])}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unusable(done.stderr.strip() or f"{path}: {done.returncode}")


def _address(database: dict[str, Any]) -> str:
    """libpq's words for a database of the settings, without the password (that goes by the environment)."""
    from django.db import connection

    parts = {
        "dbname": connection.settings_dict["NAME"],
        "user": database["USER"],
        "host": database["HOST"],
        "port": database["PORT"],
    }
    return " ".join(f"{key}='{_escaped(value)}'" for key, value in parts.items() if value)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _private_files() -> list[Path]:
    return sorted(
        path for path in settings.PRIVATE_ROOT.rglob("*") if path.is_file() and not path.is_symlink()
    )


def _add(tar: tarfile.TarFile, path: Path, name: str) -> dict[str, Any]:
    with open(path, "rb") as source:
        facts = tar.gettarinfo(arcname=name, fileobj=source)
        facts.uid = facts.gid = 0
        facts.uname = facts.gname = ""
        facts.mode = 0o600
        reader = _Hashing(source)
        tar.addfile(facts, reader)
    return {"sha256": reader.digest.hexdigest(), "size": facts.size}


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    facts = tarfile.TarInfo(name)
    facts.size = len(text.encode())
    facts.mode = 0o600
    tar.addfile(facts, io.BytesIO(text.encode()))


def _sha256(path: Path) -> str:
    with open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
