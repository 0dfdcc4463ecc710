"""What the platform expects of a producer: tests and returned packaging, so that nobody gains by silence.

Who records nothing would otherwise be measured against nothing (GD303, GD401, HZ0203, HZ0301). Both numbers
are the platform's defaults: one test of each product a half-year for those whom 农产品质量安全法 art. 34
binds, and for those whom art. 27 binds at least as much packaging as their area leaves (``packages_per_mu``
of the catalogue; not where an organic certification is valid). Recorded purchases count where they are more.

Periods are over when they are judged. Late records change what is expected: the event that stood is reversed
and the right one posted, so running twice changes nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.ledger.kinds import KINDS
from archives.ledger.outcomes import OUTCOME_NAMES
from archives.models import ORGANISED_KINDS, CreditEvent, Producer
from archives.services import ledger

JOB = "archives.expect"
SOURCE = "services.expected"
AT_ONCE = 5000
MONTHS_BACK = 3
"""How long after its month a late purchase still changes what is expected."""
PIECES = ["瓶", "袋", "包", "桶", "罐", "盒", "支", "箱"]
ORGANIC = 300
"""Value of an organic certification in hundredths (ledger contract, certification.granted)."""

_TESTS = """
    SELECT p.id, p.region_id, 'test.expected:' || p.key || ':' || d.code || ':' || %(period)s, 100
    FROM archives_producer p JOIN archives_producerproduct g ON g.producer_id = p.id
    JOIN archives_product d ON d.id = g.product_id
    WHERE p.id > %(after)s AND p.id <= %(until)s AND p.status = 'active' AND p.kind = ANY(%(organised)s)
    AND p.registered_on <= %(begins)s AND NOT EXISTS (
        SELECT 1 FROM archives_creditevent e WHERE e.uid = ANY(ARRAY(
            SELECT 'test.planned:' || p.key || ':' || d.code || ':' || to_char(m, 'YYYY-MM')
            FROM generate_series(%(begins)s::timestamp, %(ends)s::timestamp, '1 month') m)))
"""
_PACKAGING = """
    WITH bought AS (
        SELECT producer_id, sum(CASE WHEN unit = ANY(%(pieces)s) THEN ceil(quantity) ELSE 1 END) AS pieces
        FROM archives_inputpurchase
        WHERE status = 'active' AND kind IN ('pesticide', 'veterinary_drug')
        AND producer_id > %(after)s AND producer_id <= %(until)s
        AND occurred_on BETWEEN %(begins)s AND %(ends)s GROUP BY producer_id
    ), grown AS (
        SELECT g.producer_id, ceil(sum(g.area_mu * d.packages_per_mu) / 12) AS pieces
        FROM archives_producerproduct g JOIN archives_product d ON d.id = g.product_id
        JOIN archives_producer p ON p.id = g.producer_id
        WHERE p.id > %(after)s AND p.id <= %(until)s AND p.kind = ANY(%(organised)s)
        AND p.registered_on <= %(begins)s AND NOT EXISTS (
            SELECT 1 FROM archives_creditevent e WHERE e.producer_id = p.id AND e.kind = %(certified)s
            AND e.value >= %(organic)s AND e.occurred_on <= %(ends)s AND e.reverses_id IS NULL
            AND (e.valid_until IS NULL OR e.valid_until >= %(begins)s)
            AND NOT EXISTS (SELECT 1 FROM archives_creditevent r WHERE r.reverses_id = e.id))
        GROUP BY g.producer_id
    ), most AS (
        SELECT producer_id, max(pieces) AS pieces
        FROM (SELECT * FROM bought UNION ALL SELECT * FROM grown) either GROUP BY producer_id
    )
    SELECT p.id, p.region_id, 'packaging.used:' || p.key || ':' || %(period)s, 100 * most.pieces::bigint
    FROM most JOIN archives_producer p ON p.id = most.producer_id
    WHERE p.status = 'active' AND most.pieces > 0
"""


@dataclass(frozen=True)
class Period:
    """A time that is over, what is expected in it, and by which statement (id, region, uid, hundredths)."""

    kind: str
    name: str
    begins: datetime.date
    ends: datetime.date
    statement: str


def settle(*, on: datetime.date | None = None, progress: Callable[[int, int], None] | None = None) -> int:
    """Bring what is expected in the periods before the day (today) to what the records say; return changes.

    One transaction for each group of producers, so a million are no long lock and a stop loses one group.
    """
    day = on or clock.today()
    ids = Producer.objects.aggregate(first=Min("pk"), last=Max("pk"))
    last, changed = ids["last"] or 0, 0
    for after in range((ids["first"] or 1) - 1, last, AT_ONCE):
        with transaction.atomic():
            until = min(after + AT_ONCE, last)
            drafts = [draft for period in periods(day) for draft in _changes(period, after, until)]
            ledger.post(drafts)
            changed += len(drafts)
        if progress is not None:
            progress(until, last)
    if changed:
        record(verb="records.expected", count=changed)
    return changed


def periods(day: datetime.date) -> Iterator[Period]:
    """The last whole half-year and the last whole months before the day."""
    half = datetime.date(day.year, 7, 1) if day.month > 6 else datetime.date(day.year, 1, 1)
    ends = half - datetime.timedelta(days=1)
    begins = datetime.date(ends.year, 1 if ends.month == 6 else 7, 1)
    name = f"{ends.year}-H{1 if ends.month == 6 else 2}"
    yield Period("test.planned", name, begins, ends, _TESTS)
    begins = day.replace(day=1)
    for _back in range(MONTHS_BACK):
        ends = begins - datetime.timedelta(days=1)
        begins = ends.replace(day=1)
        yield Period("packaging.used", f"{ends:%Y-%m}", begins, ends, _PACKAGING)


def _changes(period: Period, after: int, until: int) -> Iterator[ledger.EventDraft]:
    wanted = {
        uid: (producer, region, value) for producer, region, uid, value in _wanted(period, after, until)
    }
    standing, versions = _standing(period, after, until)
    for base, event in standing.items():
        if base not in wanted or wanted[base][2] != event.value:
            yield _reversal(event)
    for base, (producer, region, value) in wanted.items():
        if base in standing and standing[base].value == value:
            continue
        yield ledger.EventDraft(
            uid=f"{base}:{versions.get(base, 0) + 1}",
            producer_id=producer,
            kind=period.kind,
            value=value,
            occurred_on=period.ends,
            region=region,
            source=SOURCE,
        )


def _wanted(period: Period, after: int, until: int) -> list[tuple[int, str, str, int]]:
    given: dict[str, Any] = {
        "after": after,
        "until": until,
        "period": period.name,
        "begins": period.begins,
        "ends": period.ends,
        "organised": list(ORGANISED_KINDS),
        "pieces": PIECES,
        "certified": KINDS["certification.granted"].number,
        "organic": ORGANIC,
    }
    with connection.cursor() as cursor:
        cursor.execute(period.statement, given)
        rows: list[tuple[int, str, str, int]] = cursor.fetchall()
    return rows


def _standing(period: Period, after: int, until: int) -> tuple[dict[str, CreditEvent], dict[str, int]]:
    """What this service said of the period and what of it still counts, by uid without its version."""
    said = CreditEvent.objects.filter(
        producer_id__gt=after,
        producer_id__lte=until,
        occurred_on=period.ends,
        kind=KINDS[period.kind].number,
        source=SOURCE,
        reverses__isnull=True,
    ).prefetch_related("reversals")
    standing: dict[str, CreditEvent] = {}
    versions: dict[str, int] = {}
    for event in said:
        base, version = event.uid.rsplit(":", 1)
        versions[base] = max(versions.get(base, 0), int(version))
        if not event.reversals.all():
            standing[base] = event
    return standing, versions


def _reversal(event: CreditEvent) -> ledger.EventDraft:
    return ledger.EventDraft(
        uid=f"{event.uid}:reversed",
        producer_id=event.producer_id,
        kind=event.event_kind.name,
        outcome=OUTCOME_NAMES[event.outcome],
        value=event.value,
        occurred_on=clock.today(),
        source=SOURCE,
        reverses=event.uid,
    )
