"""Leaf hashes, computed inside PostgreSQL over the bytes that ``archives.ledger.leaf`` describes."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from archives.ledger.kinds import KINDS
from archives.ledger.leaf import NO_SALT, note_digest
from archives.ledger.outcomes import OUTCOME_NAMES

READ_AT_ONCE = 20_000
_KINDS = ", ".join(f"({kind.number}, '{kind.name}')" for kind in KINDS.values())
_OUTCOMES = " ".join(f"WHEN {number} THEN '{name}'" for number, name in OUTCOME_NAMES.items())
_NO_NOTE = note_digest(NO_SALT, "").hex()

LEAF_SQL = f"""convert_to(concat_ws(E'\\x1f',
    e.uid, p.key, k.name, CASE e.outcome {_OUTCOMES} END,
    coalesce(round(e.value / 100.0, 2)::text, ''),
    to_char(e.occurred_on, 'YYYY-MM-DD'),
    coalesce(to_char(e.valid_until, 'YYYY-MM-DD'), ''),
    to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    e.region_id, e.source, e.incident,
    coalesce(encode(e.note_hash, 'hex'), '{_NO_NOTE}'),
    coalesce(r.uid, ''), coalesce(m.uid, '')), 'UTF8')"""
"""The bytes of the leaf of one row of :data:`LEAF_FROM`."""

# LEFT JOINs: a row whose kind or producer were gone must still be a leaf (and differ), never fall out.
LEAF_FROM = f"""archives_creditevent e
    LEFT JOIN archives_producer p ON p.id = e.producer_id
    LEFT JOIN (VALUES {_KINDS}) AS k(number, name) ON k.number = e.kind
    LEFT JOIN archives_creditevent r ON r.id = e.reverses_id
    LEFT JOIN archives_creditevent m ON m.id = e.repairs_id"""

_HASHES = f"""
    SELECT e.id, sha256('\\x00'::bytea || {LEAF_SQL}) FROM {LEAF_FROM}
    WHERE e.id > %s AND e.id <= %s ORDER BY e.id
"""  # noqa: S608 - constants of this module


def leaf_hashes(after_id: int, last_id: int) -> Iterator[tuple[int, bytes]]:
    """(id, leaf hash) of the events with after_id < id ≤ last_id in order of arrival, in constant memory.

    Reads page by page on the key, so that it needs no transaction of its own.
    """
    position = after_id
    while True:
        with connection.cursor() as cursor:
            cursor.execute(f"{_HASHES} LIMIT {READ_AT_ONCE}", [position, last_id])
            rows = cursor.fetchall()
        for event_id, digest in rows:
            yield event_id, bytes(digest)
        if len(rows) < READ_AT_ONCE:
            return
        position = rows[-1][0]


def leaf_bytes_of(event_id: int) -> bytes:
    """The bytes of one event's leaf."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {LEAF_SQL} FROM {LEAF_FROM} WHERE e.id = %s", [event_id])  # noqa: S608 - names of our own tables and columns
        (leaf,) = cursor.fetchone()
    return bytes(leaf)
