"""Visits that another floor asked for: guidance tasks beside those that the plan's frequencies want."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.clock import now, today
from supervision.models import Plan, TaskCause
from supervision.services.plans import month_end

_COUNTIES = """
    SELECT left(region_id, 6), array_agg(id ORDER BY id) FROM archives_producer
    WHERE id = ANY(%s) AND status IN ('active', 'paused') GROUP BY 1 ORDER BY 1
"""
# Who has an open task that is not yet due will be visited anyway.
_ADD = """
    INSERT INTO supervision_task (plan_id, producer_id, kind, cause, month, due_on, state)
    SELECT %(plan)s, p.id, 'guidance', %(cause)s, %(month)s, %(due)s, 'open'
    FROM archives_producer p WHERE p.id = ANY(%(producers)s) AND NOT EXISTS (
        SELECT 1 FROM supervision_task t
        WHERE t.producer_id = p.id AND t.state = 'open' AND t.due_on BETWEEN %(day)s AND %(due)s
    )
    ON CONFLICT (plan_id, producer_id, month) DO NOTHING
"""


@transaction.atomic
def visit_idle(*, producer_ids: Sequence[int]) -> int:
    """A guidance task each by the end of next month, in the plan that covers it; how many were added.

    Safe to repeat. A county without a plan of that year gets one with these tasks only; making the plan later
    leaves them.
    """
    day = today()
    month = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTIES, [list(producer_ids)])
        counties = cursor.fetchall()
    return sum(_ask(county, ids, day, month) for county, ids in counties)


def _ask(county: str, producers: list[int], day: date, month: date) -> int:
    plan = _plan(county, month.year)
    given: dict[str, Any] = {
        "plan": plan.pk, "cause": TaskCause.IDLE.value, "month": month.month, "day": day,
        "due": month_end(month), "producers": producers,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ADD, given)
        added = int(cursor.rowcount)
    if added:
        record(verb="tasks.idle_asked", target=plan, region_code=plan.region_code, count=added)
    return added


def _plan(county: str, year: int) -> Plan:
    codes = [county[:length] for length in (2, 4, 6) if len(county) >= length]
    found = Plan.objects.filter(year=year, region_code__in=codes)
    nearest: Plan | None = max(found, key=lambda plan: len(plan.region_code), default=None)
    if nearest is not None:
        return nearest
    made: Plan
    made, _new = Plan.objects.get_or_create(region_code=county, year=year, defaults={"made_at": now()})
    return made
