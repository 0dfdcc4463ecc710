"""Inspection frequency: from grade and flags to visits and sampling, by the scheme's own table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from psycopg2.extras import execute_values

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.clock import now, today
from archives.ledger.kinds import KINDS
from archives.ledger.outcomes import FAIL
from archives.models import CreditEvent, Producer
from rating.engine.scheme import Scheme
from rating.models import RatingRun, WatchEntry
from rating.services import watching
from rating.services.schemes import parsed
from supervision.models import Flag, FrequencyAssignment

SAMPLING_MEMORY = timedelta(days=365)

_ASSIGN = """
INSERT INTO supervision_frequencyassignment
       (producer_id, year, run_id, grade, risk, flags, visits, sampling, monthly_follow_up, assigned_at)
SELECT DISTINCT ON (p.id)
       p.id, %(year)s, %(run)s, coalesce(s.official_grade, ''), r.risk, coalesce(f.flags, '{}'),
       r.visits, r.sampling, r.monthly_follow_up, %(now)s
FROM archives_producer p
LEFT JOIN rating_standing s ON s.producer_id = p.id
LEFT JOIN (
    SELECT producer_id, array_agg(DISTINCT flag ORDER BY flag) AS flags
    FROM frequency_flag GROUP BY producer_id
) f ON f.producer_id = p.id
JOIN frequency_row r
  ON r.key = coalesce(nullif(s.official_grade, ''), 'not_rated') OR r.key = ANY(f.flags)
WHERE p.region_id LIKE %(region)s AND p.status IN ('active', 'paused')
ORDER BY p.id, r.visits DESC NULLS FIRST, r.sampling DESC
ON CONFLICT (producer_id, year) DO UPDATE SET
    run_id = excluded.run_id, grade = excluded.grade, risk = excluded.risk, flags = excluded.flags,
    visits = excluded.visits, sampling = excluded.sampling,
    monthly_follow_up = excluded.monthly_follow_up, assigned_at = excluded.assigned_at
"""


@transaction.atomic
def assign(*, run: RatingRun) -> int:
    """Give every producer of the run's region its frequency for the year after the rated one.

    Grades are those in force (an undecided veto moves nothing); of the grade's row and the flags' rows the
    strictest counts. Set-based and repeatable; returns how many producers have a frequency now.
    """
    scheme = parsed(run.scheme)
    with connection.cursor() as cursor:
        _load_rows(cursor, scheme)
        _load_flags(cursor, run.region_code)
        cursor.execute(
            _ASSIGN,
            {"year": run.year + 1, "run": run.pk, "now": now(), "region": f"{run.region_code}%"},
        )
        count = int(cursor.rowcount)
    record(verb="frequency.assigned", target=run, region_code=run.region_code, year=run.year + 1, count=count)
    return count


def _load_rows(cursor: Any, scheme: Scheme) -> None:
    rows: list[tuple[object, ...]] = [
        (row.grade, row.risk, row.visits, row.sampling, row.monthly_follow_up) for row in scheme.supervision
    ]
    rows += [(row.flag, row.risk, row.visits, row.sampling, row.monthly_follow_up) for row in scheme.flags]
    if all(row.flag != Flag.WATCHED for row in scheme.flags):
        own = (watching.RISK, watching.VISITS, watching.SAMPLING, watching.FOLLOW_UP)
        rows.append((Flag.WATCHED.value, *own))
    _temporary(
        cursor,
        "frequency_row (key text, risk text, visits int, sampling int, monthly_follow_up boolean)",
        rows,
    )


def _load_flags(cursor: Any, region: str) -> None:
    _temporary(cursor, "frequency_flag (producer_id bigint, flag text)", _flagged(region))


def _flagged(region: str) -> list[tuple[int, str]]:
    """Producers (after merging) with a flag: by what counts in the ledger, and by the watch list."""
    day = today()
    events = CreditEvent.objects.counting().filter(producer__region__code__startswith=region)
    still_valid = Q(valid_until=None) | Q(valid_until__gte=day)
    listed = events.filter(still_valid, kind=KINDS["dishonesty.listed"].number, occurred_on__lte=day)
    failed = events.filter(
        kind=KINDS["sampling.tested"].number,
        outcome=FAIL,
        occurred_on__gt=day - SAMPLING_MEMORY,
        occurred_on__lte=day,
    )
    marks = [(row, Flag.LISTED.value) for row in listed.values_list("producer_id", flat=True)]
    marks += [(row, Flag.FAILED_SAMPLING.value) for row in failed.values_list("producer_id", flat=True)]
    watched = WatchEntry.objects.in_force().filter(producer__region__code__startswith=region)
    marks += [(row, Flag.WATCHED.value) for row in watched.values_list("producer_id", flat=True)]
    roots = Producer.objects.resolve({producer for producer, _flag in marks})
    return sorted({(roots[producer].pk, flag) for producer, flag in marks if producer in roots})


def _temporary(cursor: Any, definition: str, rows: Sequence[tuple[object, ...]]) -> None:
    name = definition.split(" ", 1)[0]
    raw = getattr(cursor, "cursor", cursor)
    raw.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
    raw.execute(f"CREATE TEMPORARY TABLE {definition} ON COMMIT DROP")
    if rows:
        execute_values(raw, f"INSERT INTO {name} VALUES %s", rows)  # noqa: S608 - our own table names


def of(producer: Producer, year: int) -> FrequencyAssignment | None:
    """The producer's frequency in a year, None before it was assigned."""
    return FrequencyAssignment.objects.filter(producer=producer, year=year).first()
