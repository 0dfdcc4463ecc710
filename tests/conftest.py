"""What every test stands on: engines chosen before the settings load, nothing reached beyond this machine.

With DATABASE_URL and REDIS_URL given (a superuser on PostgreSQL), those serve; otherwise one throwaway pair
is started here for all parallel workers, who inherit its address and make a database and a key prefix each.
The settings are named here and not in pyproject.toml, because pytest-django would load them before this file.
"""

from __future__ import annotations

import atexit
import datetime
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import django
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as chance

from agricredit.foundation import embedded

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def _start_engines() -> None:
    if not embedded.wanted():
        return
    pair = embedded.Throwaway()
    # At exit and not in a hook: a conftest further down may fail to import, then no hook runs.
    atexit.register(_remove_engines, pair, os.getpid())
    os.environ["DATABASE_URL"] = pair.addresses.admin
    os.environ["REDIS_URL"] = pair.addresses.broker


def _remove_engines(pair: embedded.Throwaway, maker: int) -> None:
    if os.getpid() == maker:  # and not a forked child of a test
        pair.remove()


def _settle_environment() -> Path:
    """Debug's fixed secrets, a private store of this process, a key prefix of this database and worker."""
    folder = Path(tempfile.mkdtemp(prefix="agricredit-files-"))
    for name in ("private", "static"):
        (folder / name).mkdir()
    database = os.environ["DATABASE_URL"].rpartition("/")[2]
    os.environ.update(
        DJANGO_SETTINGS_MODULE="agricredit.settings",
        AGRICREDIT_DEBUG="1",
        AGRICREDIT_HTTPS="0",
        AGRICREDIT_PRIVATE_ROOT=str(folder / "private"),
        AGRICREDIT_STATIC_ROOT=str(folder / "static"),
        AGRICREDIT_KEY_PREFIX=f"test-{database}-{WORKER}",
    )
    return folder


def _settle_chance() -> None:
    """Chance explores on a desk and repeats itself in CI.

    A change must not be refused for an example that nobody has seen and that the next run does not draw
    again: CI draws the same examples every time, so what fails there fails everywhere. On a desk every run
    draws others and prints how to see a failure again; what it finds becomes an ``@example``. Nowhere is an
    example timed: a busy machine is no fault of the code.
    """
    patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
    chance.register_profile("ci", derandomize=True, **patient)
    chance.register_profile("desk", print_blob=True, **patient)
    chance.load_profile("ci" if os.environ.get("CI") else "desk")


_settle_chance()
_start_engines()
own_folder = _settle_environment()
if WORKER == "main":  # before any parallel worker reads them
    from agricredit.management.catalogues import compile_all

    compile_all()
django.setup()


def pytest_configure() -> None:
    """Cheap password hashes, patience, a flush that the ledger's triggers let pass, and no network."""
    from django.conf import settings
    from django.db.backends.postgresql.operations import DatabaseOperations

    from agricredit.foundation.common import cache
    from agricredit.foundation.jobs.services import queueing

    cache.TIMEOUT_SECONDS = 30.0  # a page does without a slow cache; a test that asks it twice does not
    queueing.TIMEOUT_SECONDS = 30.0  # nor does one that counts messages
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    DatabaseOperations.execute_sql_flush = _flush_past_triggers
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _only_loopback(getattr(socket.socket, name)))
    # Parallel workers inherit the environment: with this name in it they would load the settings too early.
    os.environ.pop("DJANGO_SETTINGS_MODULE")


def pytest_unconfigure() -> None:
    """Leave no files of this process."""
    shutil.rmtree(own_folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(django_db_blocker) -> str:
    """A migrated database to be copied: its name."""
    from tests import template

    with django_db_blocker.unblock():
        return template.ready()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request, django_db_modify_db_settings_parallel_suffix, django_db_keepdb, django_db_createdb
) -> None:
    """The test database is a copy too, unless the one of the last run is there to serve again."""
    from django.db import connection

    from tests import template

    own = connection.creation._get_test_db_name()
    if django_db_createdb or not django_db_keepdb or not template.there(own):
        connection.settings_dict["TEST"]["TEMPLATE"] = request.getfixturevalue("migrated")


@pytest.fixture
def noon(monkeypatch) -> None:
    """The platform's clock stands at noon of 20 November 2026 in Shanghai."""
    from agricredit.foundation.common import clock

    monkeypatch.setattr(clock, "now", lambda: datetime.datetime(2026, 11, 20, 4, tzinfo=datetime.UTC))


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A page asked for in English leaves the thread in English: no test may hand that on to the next."""
    yield
    from django.utils import translation

    translation.deactivate()


@pytest.fixture(autouse=True, scope="session")
def _own_keys_only() -> Iterator[None]:
    """Begin and end with none of this worker's keys in the broker."""
    _delete_keys()
    yield
    _delete_keys()


def _delete_keys() -> None:
    import redis
    from django.conf import settings

    with redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(match=f"*{os.environ['AGRICREDIT_KEY_PREFIX']}:*", count=1000):
            client.delete(key)


def _flush_past_triggers(operations, sql_list) -> None:
    """Django's own flush, as a superuser whom the append-only tables' triggers do not stop."""
    from django.db import transaction

    connection = operations.connection
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for sql in sql_list:
            cursor.execute(sql)


def _only_loopback(connect):
    def connect_here(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
            raise RuntimeError(f"A test tried to reach {address[0]}: tests use no network but loopback.")
        return connect(self, address)

    return connect_here


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
