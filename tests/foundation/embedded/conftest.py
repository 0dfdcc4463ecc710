"""Engines of a test's own, to be killed and restarted at will."""

import os
import signal
import time
from collections.abc import Iterator

import psycopg2
import pytest

from agricredit.foundation.embedded import Pair, Throwaway
from agricredit.foundation.embedded.engine import Engine


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A running pair with the durable configuration, in a throwaway place."""
    made = Throwaway()
    made.pair.stop()
    engines = Pair(made.pair.home, durable=True)
    engines.start()
    yield engines
    made.remove()


def kill(engine: Engine) -> int:
    """SIGKILL a server, as the kernel or an impatient person would; return its former pid."""
    record = engine.process()
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    # Not waited for as a parent would: the engine must cope with its own dead child, a zombie until reaped.
    while record.alive():
        time.sleep(0.01)
    return record.pid


def query(url: str, text: str, *, write: bool = False) -> list[tuple]:
    """Run one statement over a fresh connection; return its rows."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(text)
            return [] if write else cursor.fetchall()
    finally:
        connection.close()
