"""Exporting the archive as exchange files, streamed by PostgreSQL's own COPY: flat memory at any size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg2 import sql

from agricredit.foundation.audit.services import record
from archives.ledger.kinds import KINDS
from archives.ledger.outcomes import OUTCOME_NAMES
from archives.models import Region
from archives.services.exchange.activities import ACTIVITIES, ANY_WRITTEN, WRITTEN
from archives.services.exchange.reading import EVENTS, PRODUCERS

_KINDS = ", ".join(f"({kind.number}, '{kind.name}')" for kind in KINDS.values())
_OUTCOMES = " ".join(f"WHEN {number} THEN '{name}'" for number, name in OUTCOME_NAMES.items())

# Those of the region with all they are merged with, up and down: an alias without its end cannot be imported.
_WANTED = """
    CREATE TEMP TABLE wanted_producer ON COMMIT DROP AS
    WITH RECURSIVE family AS (
        SELECT id, merged_into_id FROM archives_producer WHERE region_id LIKE %s
        UNION
        SELECT p.id, p.merged_into_id FROM family f
        JOIN archives_producer p ON p.id = f.merged_into_id OR p.merged_into_id = f.id
    ) SELECT DISTINCT id FROM family
"""
_PRODUCERS = """
    SELECT p.key AS producer, p.name, p.kind, p.nature,
        nullif(array_to_string(p.sectors, ';'), '') AS sectors, p.region_id AS region, p.credit_code,
        to_char(p.registered_on, 'YYYY-MM-DD') AS registered_on, p.status, t.key AS merged_into
    FROM archives_producer p LEFT JOIN archives_producer t ON t.id = p.merged_into_id
    {producers} ORDER BY p.key COLLATE "C"
"""
# nullif: COPY writes an empty text as "", a null as nothing; the contract's files have nothing.
_EVENTS = f"""
    SELECT e.uid, p.key AS producer, k.name AS kind, CASE e.outcome {_OUTCOMES} END AS outcome,
        round(e.value / 100.0, 2) AS value, to_char(e.occurred_on, 'YYYY-MM-DD') AS occurred_on,
        to_char(e.valid_until, 'YYYY-MM-DD') AS valid_until,
        to_char(e.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at,
        e.region_id AS region, nullif(e.source, '') AS source, nullif(e.incident, '') AS incident,
        nullif(n.note, '') AS note, r.uid AS reverses, m.uid AS repairs, e.leaf
    FROM (SELECT *, row_number() OVER (ORDER BY id) - 1 AS leaf FROM archives_creditevent) e
    JOIN archives_producer p ON p.id = e.producer_id
    JOIN (VALUES {_KINDS}) AS k(number, name) ON k.number = e.kind
    LEFT JOIN archives_eventnote n ON n.event_id = e.id
    LEFT JOIN archives_creditevent r ON r.id = e.reverses_id
    LEFT JOIN archives_creditevent m ON m.id = e.repairs_id
    {{events}} ORDER BY e.id
"""  # noqa: S608 - constants of the registry
_ONLY_PRODUCERS = "WHERE p.id IN (SELECT id FROM wanted_producer)"
_AND_WANTED = "AND p.id IN (SELECT id FROM wanted_producer)"
_ONLY_EVENTS = "WHERE e.producer_id IN (SELECT id FROM wanted_producer)"


@dataclass(frozen=True)
class Exported:
    """How many rows were written."""

    producers: int
    events: int


def export_archive(*, directory: Path, region: str = "", actor: Any = None) -> Exported:
    """Write ``producers.csv`` and ``events.csv`` into a folder (made when missing), as of one moment.

    ``activities.csv`` comes with them when some subject does something else than produce.

    ``region`` limits them to the producers of a division's subtree, those they are merged with, and their
    events; ``leaf`` is always the position in the whole ledger. Files appear under their names when complete.
    ValidationError when there is no such division.
    """
    if region and not Region.objects.filter(pk=region).exists():
        raise ValidationError(_("没有代码为“%(code)s”的行政区划。") % {"code": region})
    directory.mkdir(parents=True, exist_ok=True)
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        if region:
            cursor.execute(_WANTED, [f"{region}%"])
        producers = _write(
            cursor, directory / PRODUCERS, _PRODUCERS.format(producers=_ONLY_PRODUCERS if region else "")
        )
        written = WRITTEN.format(only=_AND_WANTED if region else "")
        cursor.execute(ANY_WRITTEN.format(written=written))
        if cursor.fetchone()[0]:
            _write(cursor, directory / ACTIVITIES, written)
        else:
            (directory / ACTIVITIES).unlink(missing_ok=True)  # an earlier export's would be imported
        events = _write(cursor, directory / EVENTS, _EVENTS.format(events=_ONLY_EVENTS if region else ""))
        if region:
            cursor.execute("DROP TABLE wanted_producer")
        record(
            verb="archive.exported",
            actor=actor,
            region_code=region,
            region=region or str(_("全部")),
            producers=producers,
            events=events,
        )
    return Exported(producers, events)


def _write(cursor: Any, path: Path, query: str) -> int:
    """COPY the query's rows into the file; return how many."""
    partial = path.with_suffix(".partial")
    statement = sql.SQL("COPY ({}) TO STDOUT WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')").format(
        sql.SQL(query)
    )
    raw = getattr(cursor, "cursor", cursor)  # Django's wrapper hides copy_expert
    try:
        with partial.open("wb") as stream:
            raw.copy_expert(statement, stream)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return int(raw.rowcount)
