"""Sealing: a Merkle root over exactly the ledger's first n events, chained to the seal before (DESIGN §4)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg2 import errorcodes

from agricredit.foundation.common import clock
from agricredit.foundation.common.db import Lock, lock
from archives.ledger import merkle
from archives.models import Seal
from archives.services.tiles import TileTree, grow

PATIENCE = "2s"
ATTEMPTS = 150
PAUSE = 0.2

_INSERT = """
    INSERT INTO archives_seal (size, last_id, root, previous, chained, tail, sealed_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


class LedgerBusyError(Exception):
    """A writer has held the ledger for minutes, so that no moment for a seal was found; try again later."""


def seal() -> Seal:
    """Seal what the ledger holds now; with nothing new return the last seal. An empty ledger has size 0.

    Waits for writers under way, a little at a time so that others are not kept waiting behind it; raises
    :class:`LedgerBusyError` after some minutes.
    """
    with transaction.atomic():
        lock(Lock.SEAL)
        last = Seal.objects.last_made()
        last_id = _cut()
        if last is not None and last.last_id == last_id:
            return last
        size, tail = grow(last_id)
        root = merkle.tree_hash(TileTree(size, tail).subtree, 0, size)
        previous = merkle.FIRST_PREVIOUS if last is None else bytes(last.chained)
        moment = clock.now()
        chained = merkle.chain(previous, size, root, moment)
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [size, last_id, root, previous, chained, b"".join(tail), moment])
    return Seal.objects.get(size=size)


def _cut() -> int:
    """The last id in the ledger at an instant when nobody is posting: every later event has a higher one.

    Ids are drawn under the shared lock, so whatever is not committed at that instant has rolled back. The
    lock is let go at once; posting goes on while the tree is built.
    """
    for _attempt in range(ATTEMPTS):
        try:
            with _nobody_posting(), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT coalesce(max(id), 0) FROM archives_creditevent")
                return int(cursor.fetchone()[0])
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != errorcodes.LOCK_NOT_AVAILABLE:
                raise
        time.sleep(PAUSE)  # those who queued behind this attempt go first
    raise LedgerBusyError(_("账本一直有写入，暂时不能封存，请稍后再试。"))


@contextmanager
def _nobody_posting() -> Iterator[None]:
    """Hold the ledger's lock exclusively. It belongs to the session, since a transaction would keep it."""
    key = [int(Lock.LEDGER), 0]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [PATIENCE]
        )
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
