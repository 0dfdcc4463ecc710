"""The embedded PostgreSQL: cluster made in one step, configuration of our own, peer access, three roles."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2
from psycopg2 import sql

from . import processes
from .engine import Engine
from .errors import EmbeddedError

SUPERUSER = "postgres"
OWNER = "agricredit_owner"
APPLICATION = "agricredit_app"
DATABASE = "agricredit"
SMALL_SHARED_MEMORY = 512 * 2**20  # bytes in /dev/shm (containers often give 64 MB)


class Postgres(Engine):
    """PostgreSQL on a unix socket only; ``durable`` off trades crash safety for the speed of a test run."""

    key = "postgres"
    label = "PostgreSQL"
    stopping = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))

    @property
    def cluster(self) -> Path:
        """The data folder."""
        return self.home.data / "postgres"

    @property
    def socket(self) -> Path:
        return self.home.sockets / ".s.PGSQL.5432"

    @property
    def configuration(self) -> Path:
        """Our configuration, outside the cluster and written anew at each start."""
        return self.home.root / "postgresql.conf"

    def command(self) -> list[str]:
        return [str(self.tools.postgres), "-D", str(self.cluster), "-c", f"config_file={self.configuration}"]

    def url(self, role: str, database: str = DATABASE) -> str:
        """A URL over the socket. Capitals are percent-encoded: URL parsers fold the case of a host."""
        host = "".join(map(_host_character, str(self.home.sockets)))
        return f"postgresql://{role}@{host}/{database}"

    def prepare(self) -> None:
        self._end_orphans()
        for leftover in self.home.data.glob("postgres.new-*"):
            shutil.rmtree(leftover)
        if not self.cluster.exists():
            self._initialise()
        self._insist_same_major()
        self._configure()

    def answers(self) -> bool:
        try:
            psycopg2.connect(
                host=str(self.home.sockets), user=SUPERUSER, dbname="postgres", connect_timeout=5
            ).close()
        except psycopg2.OperationalError as error:
            return "too many clients" in str(error)
        return True

    def provision(self) -> None:
        """Make the roles and the database where they are missing; safe to repeat and to interrupt."""
        connection = psycopg2.connect(host=str(self.home.sockets), user=SUPERUSER, dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for role in (OWNER, APPLICATION):
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                    if cursor.fetchone() is None:
                        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
                # The benchmarks work on a throwaway database of the owner's own.
                cursor.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(OWNER)))
                cursor.execute(sql.SQL("GRANT pg_checkpoint TO {}").format(sql.Identifier(OWNER)))
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    names = [sql.Identifier(name) for name in (DATABASE, OWNER)]
                    cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
        finally:
            connection.close()

    def _end_orphans(self) -> None:
        """See to it that nothing of a killed server still runs on the data, then drop its stale pid files.

        PostgreSQL refuses to start when the pid in ``postmaster.pid`` was given to another process since;
        only when no process works in the data folder is that file known to be stale.
        """
        orphans = processes.inside(self.cluster)
        hard = ((signal.SIGTERM, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
        if not processes.end(orphans, hard):
            raise EmbeddedError(f"Processes {orphans} still work in {self.cluster} and do not stop.")
        for stale in (self.cluster / "postmaster.pid", self.socket.with_name(f"{self.socket.name}.lock")):
            stale.unlink(missing_ok=True)

    def _initialise(self) -> None:
        """Run initdb aside and rename: an interrupted one leaves no half cluster behind."""
        fresh = self.home.data / f"postgres.new-{secrets.token_hex(4)}"
        command = [
            str(self.tools.initdb),
            "-D",
            str(fresh),
            "-U",
            SUPERUSER,
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        command += ["--auth-local=peer", "--auth-host=reject", "--no-instructions"]
        if self.tools.major >= "17":  # the server's own C.UTF-8: the same order on every system
            command += ["--locale-provider=builtin"]
        if not self.durable:
            command += ["--no-sync"]
        child = self.home.account.popen(command, cwd=self.home.data, output=subprocess.PIPE)
        said, _ = child.communicate()
        if child.returncode:
            words = said.decode(errors="replace").strip()
            raise EmbeddedError(f"PostgreSQL's data folder could not be made in {self.home.data}:\n{words}")
        fresh.rename(self.cluster)

    def _insist_same_major(self) -> None:
        made_by = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != self.tools.major:
            raise EmbeddedError(
                f"The data in {self.cluster} were made by PostgreSQL {made_by}, the installed wheel brings "
                f"{self.tools.major}. Install the former version, run `manage.py backup`, move the folder "
                "away, then `manage.py restore` with the new one."
            )

    def _configure(self) -> None:
        identities, access = self.home.root / "pg_ident.conf", self.home.root / "pg_hba.conf"
        lines = [f"{key} = {_quoted(value)}" for key, value in self._parameters(identities, access).items()]
        me, engines = pwd.getpwuid(os.geteuid()).pw_name, self.home.account.name
        pairs = [
            f'ours "{user}" {role}'
            for user in sorted({me, engines})
            for role in (SUPERUSER, OWNER, APPLICATION)
        ]
        for path, text in (
            (self.configuration, lines),
            (access, ["local all all peer map=ours"]),
            (identities, pairs),
        ):
            path.write_text("\n".join(text) + "\n", encoding="utf-8")
            path.chmod(0o644)

    def _parameters(self, identities: Path, access: Path) -> dict[str, str]:
        parameters = {
            "data_directory": str(self.cluster),
            "hba_file": str(access),
            "ident_file": str(identities),
            "listen_addresses": "",
            "unix_socket_directories": str(self.home.sockets),
            "unix_socket_permissions": "0700",
            "port": "5432",
            "max_connections": "80",
            "shared_buffers": "256MB" if self.durable else "128MB",
            "dynamic_shared_memory_type": _shared_memory(),
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "2GB",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_min_messages": "warning",
            "log_line_prefix": "%m [%p] ",
            "cluster_name": "agricredit",
        }
        if not self.durable:
            parameters |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            parameters |= {
                "autovacuum": "off",
                "log_min_error_statement": "panic",
                "log_min_messages": "fatal",
            }
        return parameters


def _host_character(char: str) -> str:
    """Small ASCII letters and digits as they are, all else percent-encoded: no parser can fold its case."""
    plain = char.isascii() and (char.islower() or char.isdigit())
    return char if plain else "".join(f"%{byte:02x}" for byte in char.encode())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _shared_memory() -> str:
    """POSIX shared memory, or files where /dev/shm is too small for parallel queries."""
    try:
        state = os.statvfs("/dev/shm")  # noqa: S108 - only its size is read
    except OSError:
        return "posix"
    return "posix" if state.f_frsize * state.f_blocks >= SMALL_SHARED_MEMORY else "mmap"
