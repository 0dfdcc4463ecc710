"""The live score: the 365 days that end today, by the same reader and engine as a run (DESIGN §5).

It is an estimate and never touches the official columns; a veto or lowest grade shows as pending.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db import connection, transaction
from psycopg2.extras import execute_values

from agricredit.foundation.common.clock import now, today
from archives.models import Producer
from rating.engine import score as engine
from rating.engine.columns import Window
from rating.engine.scheme import Scheme as EngineScheme
from rating.models import Rating, RegionScheme, Scheme
from rating.services import reading, rolls, schemes

#: Producers scored in one transaction; a nightly job takes its range in such steps.
BATCH = 20_000
STATUSES = {number: Rating.Status[number.name.upper()].value for number in engine.Status}

_ROOTS = """
    WITH RECURSIVE chain AS (
        SELECT id, merged_into_id FROM archives_producer WHERE id = ANY(%s)
        UNION
        SELECT p.id, p.merged_into_id FROM archives_producer p JOIN chain ON p.id = chain.merged_into_id
    )
    SELECT chain.id, p.region_id FROM chain JOIN archives_producer p ON p.id = chain.id
    WHERE chain.merged_into_id IS NULL ORDER BY chain.id
"""
_WRITE = """
    INSERT INTO rating_standing AS standing (
        producer_id, status, official_grade, previous_grade,
        live_scheme_id, live_score, live_grade, live_status, live_on, live_at)
    VALUES %s
    ON CONFLICT (producer_id) DO UPDATE SET
        live_scheme_id = excluded.live_scheme_id, live_score = excluded.live_score,
        live_grade = excluded.live_grade, live_status = excluded.live_status,
        live_on = excluded.live_on, live_at = excluded.live_at
    WHERE standing.live_at IS NULL OR standing.live_at <= excluded.live_at
"""
# Whoever produces has a row, so that those without a grade are found by its index and not by their absence.
_ENSURE = """
    INSERT INTO rating_standing (producer_id, status, official_grade, previous_grade, live_grade, live_status)
    SELECT id, 'none', '', '', '', 'none' FROM archives_producer
    WHERE id = ANY(%s) AND 'production' = ANY(activities) ORDER BY id
    ON CONFLICT (producer_id) DO NOTHING
"""
_CLEAR = """
    UPDATE rating_standing SET live_scheme_id = NULL, live_score = NULL, live_grade = '',
        live_status = 'none', live_on = NULL, live_at = %(moment)s
    WHERE producer_id = ANY(%(ids)s) AND NOT producer_id = ANY(%(scored)s) AND live_status <> 'none'
        AND live_at <= %(moment)s
"""


def rescore(producer_ids: Iterable[int], *, day: date | None = None) -> int:
    """Score the producers anew (merged ones at the end of their chain); return how many have a live score.

    Set-based: a handful of queries however many there are. Producers that are not rated any more (closed,
    merged, or in a region without a scheme) lose their live score.
    """
    moment, day = now(), day or today()
    with transaction.atomic():
        roots = _roots(producer_ids)
        if not roots:
            return 0
        scored: list[int] = []
        for scheme, ids in _by_scheme(roots, day):
            scored += _score(scheme, ids, day, moment)
        with connection.cursor() as cursor:
            cursor.execute(_ENSURE, [list(roots)])
            cursor.execute(_CLEAR, {"moment": moment, "ids": list(roots), "scored": scored})
    return len(scored)


def rescore_range(low: int, high: int) -> int:
    """Score all producers with low ≤ id ≤ high; for the nightly job."""
    ids = Producer.objects.filter(pk__gte=low, pk__lte=high).exclude(status=Producer.Status.MERGED)
    return rescore(ids.values_list("pk", flat=True))


def ranges(size: int = BATCH) -> list[tuple[int, int]]:
    """Contiguous id ranges that hold every producer, about ``size`` in each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(id), max(id) FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %s AS number"
            " FROM archives_producer) numbered GROUP BY number ORDER BY 1",
            [size],
        )
        return [(int(low), int(high)) for low, high in cursor.fetchall()]


def _roots(producer_ids: Iterable[int]) -> dict[int, str]:
    """The producers at the ends of their chains, by id, each with its region."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOTS, [list(producer_ids)])
        return {int(producer): region for producer, region in cursor.fetchall()}


def _by_scheme(roots: Mapping[int, str], day: date) -> list[tuple[Scheme, list[int]]]:
    """The producers by the scheme that holds in their region on the day."""
    groups: dict[int, tuple[Scheme, list[int]]] = {}
    holding: dict[str, Scheme | None] = {}
    # The documents are long, and parsed once a process.
    chosen = RegionScheme.objects.select_related("scheme").defer("scheme__document")
    entries = list(chosen.filter(valid_from__lte=day))
    for producer_id, region in roots.items():
        if region not in holding:
            holding[region] = _holding(entries, region)
        scheme = holding[region]
        if scheme is not None:
            groups.setdefault(scheme.pk, (scheme, []))[1].append(producer_id)
    return list(groups.values())


def _holding(entries: Sequence[RegionScheme], region: str) -> Scheme | None:
    mine = [entry for entry in entries if region.startswith(entry.region_code)]
    best = max(mine, key=lambda entry: (len(entry.region_code), entry.valid_from), default=None)
    return best.scheme if best else None


def _score(row: Scheme, ids: Sequence[int], day: date, moment: datetime) -> list[int]:
    scheme = schemes.computing(row.pk, row.sha256)
    frozen = rolls.frozen_of(producer_ids=ids, scheme_code=row.code, year=day.year, day=day)
    if not len(frozen.roll):
        return []
    window = Window.rolling(day)
    events, tie_break = reading.read(scheme, frozen, window)
    results = engine.score(scheme, events, frozen.roll, window, tie_break)
    rows = [
        (producer, "none", "", "", row.pk, points, _grade(scheme, grade), STATUSES[status], day, moment)
        for producer, points, grade, status in zip(
            results.producer.tolist(),
            results.score.tolist(),
            results.grade.tolist(),
            results.status.tolist(),
            strict=True,
        )
    ]
    with connection.cursor() as cursor:
        execute_values(cursor.cursor, _WRITE, rows, page_size=1000)
    return [int(values[0]) for values in rows]


def _grade(scheme: EngineScheme, index: int) -> str:
    return scheme.grades[index].code if index >= 0 else ""
