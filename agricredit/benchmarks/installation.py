"""A throwaway database and private store on the server in use, as an environment for child processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

import psycopg2
from django.conf import settings
from psycopg2 import sql


@contextmanager
def throwaway() -> Iterator[dict[str, str]]:
    """Environment variables of a migrated, empty installation; database and files are removed at the end.

    Works as the tables' owner (DATABASE_OWNER_URL), who must be allowed to create a database. Broker messages
    go to no worker: the benchmarks run their jobs themselves.
    """
    name = f"agricredit_benchmark_{os.getpid()}"
    owner = settings.DATABASE_OWNER
    _execute(owner, _creation(name))
    try:
        with tempfile.TemporaryDirectory(prefix="agricredit-benchmark-") as folder:
            url = _url(owner, name)
            environment = os.environ | {
                "DATABASE_URL": url,
                "DATABASE_OWNER_URL": url,
                "AGRICREDIT_PRIVATE_ROOT": folder,
                "AGRICREDIT_KEY_PREFIX": name,
                "DJANGO_SETTINGS_MODULE": "agricredit.settings",
            }
            _migrate(environment)
            yield environment
    finally:
        # Not WITH (FORCE), which wants the right to end autovacuum's workers; a plain drop sends those away.
        _execute(owner, sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


def _creation(name: str) -> sql.Composable:
    """The statement that makes it, empty; tests put a copy of a migrated one in its place."""
    return sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))


def _migrate(environment: dict[str, str]) -> None:
    code = (
        "import django; django.setup(); from django.core.management import call_command;"
        "call_command('migrate', verbosity=0)"
    )
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def _url(owner: dict[str, Any], name: str) -> str:
    user = quote(owner["USER"], safe="")
    password = f":{quote(owner['PASSWORD'], safe='')}" if owner["PASSWORD"] else ""
    port = f":{owner['PORT']}" if owner["PORT"] else ""
    return f"postgresql://{user}{password}@{quote(owner['HOST'], safe='')}{port}/{name}"


def _execute(owner: dict[str, Any], statement: sql.Composable) -> None:
    """Outside a transaction, from the server's maintenance database."""
    place = {
        "dbname": "postgres",
        "user": owner["USER"],
        "password": owner["PASSWORD"],
        "host": owner["HOST"],
        "port": owner["PORT"],
    }
    with closing(psycopg2.connect(**{key: value for key, value in place.items() if value})) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
