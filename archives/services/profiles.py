"""The profile state of producers, read from the ledger set by set (``ProfileState``)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.db import connection

from archives.ledger.kinds import KINDS

COMPLETED, CONFIRMED = KINDS["profile.completed"], KINDS["profile.confirmed"]
NUMBERS = frozenset({COMPLETED.number, CONFIRMED.number})
CHUNK = 20_000

# The numbers are written out: a prepared parameter would hide from the planner that the partial index serves.
_LAST = """
    LEFT JOIN LATERAL (
        SELECT e.value, e.occurred_on FROM archives_creditevent e
        WHERE e.producer_id = p.id AND e.kind = {kind} AND e.reverses_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM archives_creditevent r WHERE r.reverses_id = e.id)
        ORDER BY e.occurred_on DESC, e.id DESC LIMIT 1
    ) {name} ON true
"""
_REFRESH = f"""
    INSERT INTO archives_profilestate AS s (producer_id, completeness, confirmed_on)
    SELECT p.id, least(100, greatest(0, coalesce(completed.value, 0))), confirmed.occurred_on
    FROM archives_producer p
    {_LAST.format(kind=COMPLETED.number, name="completed")}
    {_LAST.format(kind=CONFIRMED.number, name="confirmed")}
    WHERE {{which}}
    ON CONFLICT (producer_id) DO UPDATE
    SET completeness = excluded.completeness, confirmed_on = excluded.confirmed_on
    WHERE (s.completeness, s.confirmed_on) IS DISTINCT FROM (excluded.completeness, excluded.confirmed_on)
"""  # noqa: S608 - numbers of this module
_OF_IDS = _REFRESH.format(which="p.id = ANY(%s)")
_OF_RANGE = _REFRESH.format(which="p.id >= %s AND p.id < %s")

Progress = Callable[[int, int, str], None]


def refresh(producer_ids: Collection[int]) -> None:
    """Bring the states of some producers to what the ledger says now, in the caller's transaction."""
    if producer_ids:
        with connection.cursor() as cursor:
            cursor.execute(_OF_IDS, [sorted(producer_ids)])


def refresh_all(progress: Progress | None = None) -> int:
    """The same for every producer, chunk by chunk, each committed by itself; return how many changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM archives_producer")
        first, last = cursor.fetchone()
        changed = 0
        for start in range(first, last + 1, CHUNK):
            cursor.execute(_OF_RANGE, [start, start + CHUNK])
            changed += cursor.rowcount
            if progress:
                progress(min(start + CHUNK, last + 1) - first, last + 1 - first, "")
    return changed
