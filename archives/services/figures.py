"""Figures by township, counted once a night in a few passes, so that no chart reads the register."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from agricredit.foundation.common import clock
from archives.ledger.kinds import KINDS
from archives.models import Figure, TownshipFigure
from archives.models.figures import overdue_before

DAYS = (30, 90)
#: One event each stands for one production record.
RECORDS = tuple(
    KINDS[name].number
    for name in ("purchase.recorded", "input.used", "harvest.recorded", "test.self", "sale.recorded")
)
_REGISTER = """
    SELECT left(p.region_id, 9), count(*),
        count(*) FILTER (WHERE s.completeness >= 100),
        count(*) FILTER (WHERE s.completeness BETWEEN 60 AND 99),
        count(*) FILTER (WHERE coalesce(s.completeness, 0) < 60),
        count(*) FILTER (WHERE s.confirmed_on IS NULL OR s.confirmed_on < %(overdue)s)
    FROM archives_producer p LEFT JOIN archives_profilestate s ON s.producer_id = p.id
    WHERE p.status IN ('active', 'paused') GROUP BY 1
"""
_KEPT = """
    SELECT left(p.region_id, 9), count(*) FILTER (WHERE k.n30 > 0), count(*),
        coalesce(sum(k.n30), 0), coalesce(sum(k.n90), 0)
    FROM (
        SELECT e.producer_id, count(*) FILTER (WHERE e.occurred_on > %(d30)s) AS n30, count(*) AS n90
        FROM archives_creditevent e
        WHERE e.occurred_on > %(d90)s AND e.occurred_on <= %(day)s AND e.kind = ANY(%(records)s)
            AND e.reverses_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM archives_creditevent r WHERE r.reverses_id = e.id)
        GROUP BY 1
    ) k JOIN archives_producer p ON p.id = k.producer_id GROUP BY 1
"""
_COUNTED = (Figure.PRODUCERS, Figure.COMPLETE, Figure.PARTLY, Figure.POOR, Figure.OVERDUE)
_KEEPING = (Figure.KEEPING_30, Figure.KEEPING_90, Figure.RECORDS_30, Figure.RECORDS_90)


def measure() -> None:
    """Count the register and its records of the last 30 and 90 days anew; safe to repeat."""
    day = clock.today()
    given: dict[str, Any] = {
        "overdue": overdue_before(day),
        "day": day,
        "records": list(RECORDS),
        **{f"d{days}": day - timedelta(days=days) for days in DAYS},
    }
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER, given)
        register = cursor.fetchall()
        cursor.execute(_KEPT, given)
        kept = cursor.fetchall()
    store(_COUNTED, {code: counts for code, *counts in register})
    store(_KEEPING, {code: counts for code, *counts in kept})


@transaction.atomic
def store(names: Iterable[Figure], counts: Mapping[str, Iterable[int]]) -> None:
    """Put these figures in place of the last ones; ``counts`` gives each township's in the names' order."""
    wanted, moment = list(names), clock.now()
    TownshipFigure.objects.filter(name__in=wanted).delete()
    TownshipFigure.objects.bulk_create(
        TownshipFigure(region_code=code, name=name, value=value, measured_at=moment)
        for code, values in counts.items()
        for name, value in zip(wanted, values, strict=True)
        if value
    )
