"""A year's plan: the assigned visits spread over the months as tasks, and its publication."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.common.db import Lock, lock
from archives.models import Region
from supervision.models import Plan

# Visit k of n falls n-evenly into the months that are left, shifted by the producer's id so that a township's
# load is level. Of an organised producer, or of one at high risk, the first visit is the administrative
# inspection (全覆盖); at severe risk also the one in the middle, as far as the plan's cap allows.
_WANTED = """
    WITH need AS (
        SELECT f.producer_id, p.kind, f.risk,
               CASE WHEN f.monthly_follow_up OR f.visits IS NULL THEN %(months)s
                    ELSE least(%(months)s, ceil(f.visits * %(months)s / 12.0))::int END AS n
        FROM supervision_frequencyassignment f JOIN archives_producer p ON p.id = f.producer_id
        WHERE f.year = %(year)s AND p.region_id LIKE %(region)s AND p.status = 'active'
    )
    SELECT producer_id,
           %(first)s + ((producer_id + %(year)s) %% %(months)s
                        + (k - 1) * %(months)s / n)::int %% %(months)s AS month,
           CASE WHEN %(cap)s >= 1 AND k = 1
                     AND (kind IN ('enterprise', 'cooperative', 'collective', 'service_organisation')
                          OR risk IN ('high', 'severe', 'listed')) THEN 'inspection'
                WHEN %(cap)s >= 2 AND k > 1 AND k = n / 2 + 1
                     AND risk IN ('severe', 'listed') THEN 'inspection'
                ELSE 'guidance' END AS kind
    FROM need CROSS JOIN LATERAL generate_series(1, n) AS k
"""
_DROP_UNWANTED = """
    DELETE FROM supervision_task t
    WHERE t.plan_id = %(plan)s AND t.state = 'open' AND t.month >= %(first)s AND t.cause = 'plan'
      AND NOT EXISTS (SELECT 1 FROM wanted w
                      WHERE w.producer_id = t.producer_id AND w.month = t.month AND w.kind = t.kind)
"""
_ADD_MISSING = """
    INSERT INTO supervision_task (plan_id, producer_id, kind, month, due_on, state)
    SELECT %(plan)s, producer_id, kind, month,
           (make_date(%(year)s, month, 1) + interval '1 month' - interval '1 day')::date, 'open'
    FROM wanted ON CONFLICT (plan_id, producer_id, month) DO NOTHING
"""


@transaction.atomic
def make(*, region_code: str, year: int, actor: Any = None, on: date | None = None) -> Plan:
    """Make the region's plan for the year, or bring it up to date with the frequencies in force.

    Tasks already done or cancelled stay; open ones of the months to come follow the frequency. Repeating it
    changes nothing. Refuses an unknown division and a year that is over. ``on`` is today unless the system
    itself (no actor) enters a plan made earlier: a person cannot date one back.
    """
    if not Region.objects.filter(code=region_code).exists():
        raise ValidationError({"region": _("没有代码为 %(code)s 的行政区划。") % {"code": region_code}})
    day = on if on and actor is None else today()
    if year < day.year:
        raise ValidationError({"year": _("%(year)s年已经结束，不能再编制计划。") % {"year": year}})
    lock(Lock.PLAN, year)
    plan, created = Plan.objects.get_or_create(
        region_code=region_code, year=year, defaults={"made_at": now()}
    )
    added, dropped = _spread(plan, first=day.month if year == day.year else 1)
    if created or added or dropped:
        record(
            verb="plan.made",
            actor=actor,
            target=plan,
            region_code=region_code,
            year=year,
            added=added,
            dropped=dropped,
        )
    return plan


def _spread(plan: Plan, first: int) -> tuple[int, int]:
    facts: dict[str, int | str] = {
        "plan": plan.pk,
        "year": plan.year,
        "region": f"{plan.region_code}%",
        "first": first,
        "months": 13 - first,
        "cap": plan.inspection_cap,
    }
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.wanted")
        cursor.execute(f"CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS {_WANTED}", facts)
        cursor.execute(_DROP_UNWANTED, facts)
        dropped = int(cursor.rowcount)
        cursor.execute(_ADD_MISSING, facts)
        return int(cursor.rowcount), dropped


@transaction.atomic
def publish(*, plan: Plan, actor: Any) -> Plan:
    """Make the plan public (it names no producer). Publishing twice is publishing once."""
    row: Plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if row.published_at is None:
        row.published_at = now()
        row.save(update_fields=["published_at"])
        record(verb="plan.published", actor=actor, target=row, region_code=row.region_code, year=row.year)
    return row


def covering(region_code: str, year: int) -> Plan | None:
    """The plan of the nearest division above (or at) a region code, None when there is none."""
    codes = [region_code[:length] for length in (2, 4, 6, 9, 12) if len(region_code) >= length]
    plans = Plan.objects.filter(year=year, region_code__in=codes)
    return max(plans, key=lambda plan: len(plan.region_code), default=None)


def month_end(day: date) -> date:
    """The last day of the month of ``day``."""
    after = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1)
