"""One migrated database a run; whatever needs a database of its own takes a copy of it.

Migrating takes a quarter of a minute of one core, copying a second. The first that asks makes the template,
the others (parallel workers, benchmarks) wait for it. It stays on a server that outlives the run and is made
anew when a migration has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg2 import sql

ROOT = Path(settings.BASE_DIR)
APPS = ("agricredit", "archives", "rating", "certificates", "supervision")


def ready() -> str:
    """The template's name; it is made if there is none of these migrations."""
    family = f"template_{settings.DATABASE_OWNER['NAME']}"
    name = f"{family}_{fingerprint()}"
    with server() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [family])
        # Not by the beginning alone: another database's name may begin with this one's.
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{family}_(making|[0-9a-f]{{12}})$"]
        )
        known = {found for (found,) in cursor.fetchall()}
        if name not in known:
            for old in known:
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            make(cursor, f"{family}_making", name)
    return name


def there(name: str) -> bool:
    """Whether the server has a database of that name."""
    with server() as cursor:
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
        return cursor.fetchone() is not None


def make(cursor: Any, making: str, name: str) -> None:
    """Migrate under a name that nobody takes for finished; nobody may connect to the finished one."""
    first, last = sql.Identifier(making), sql.Identifier(name)
    cursor.execute(sql.SQL("CREATE DATABASE {}").format(first))
    migrate(making)
    cursor.execute(sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false").format(first))
    cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(first, last))


def migrate(name: str) -> None:
    """In this process, whose settings and modules are loaded already."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def fingerprint() -> str:
    """Of all migrations, ours and those of the locked packages."""
    files = sorted(file for app in APPS for file in (ROOT / app).glob("**/migrations/*.py"))
    said = b"".join(file.name.encode() + file.read_bytes() for file in [*files, ROOT / "requirements.lock"])
    return hashlib.sha256(said).hexdigest()[:12]


@contextmanager
def server() -> Iterator[Any]:
    """A cursor outside transactions on the server's maintenance database."""
    owner = settings.DATABASE_OWNER
    place = {key: owner[key.upper()] for key in ("user", "password", "host", "port") if owner[key.upper()]}
    with closing(psycopg2.connect(dbname="postgres", **place)) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            yield cursor
