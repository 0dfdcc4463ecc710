"""Open statutory deadlines counted anew once a year's holidays are announced (DESIGN §8).

A deadline that runs into a year not announced yet was counted on plain weekdays. What citizens were told (to
state, to object) is never shortened by the announcement, only lengthened; what binds the bureau is exact.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from agricredit.foundation.audit import services as audit
from agricredit.foundation.calendar import services as calendar
from rating.models import Decision, Objection, RatingRun, Repair
from rating.services import objections, repairs, steps
from rating.services.decisions import SERVICE_WORKING_DAYS as SERVICE
from rating.services.decisions import STATEMENT_WORKING_DAYS as STATEMENT


def recount() -> int:
    """Move the open deadlines that the calendar now counts otherwise; return how many. Repeatable."""
    return _statements() + _notices() + _objections() + _repairs()


def _statements() -> int:
    rows = Decision.objects.filter(state=Decision.State.NOTICED)
    moved = sum(
        _move(row, "statement_until", _later(row.statement_until, row.notice_served_on, STATEMENT))
        for row in rows
        if row.statement_until and row.notice_served_on
    )
    for row in Decision.objects.to_serve("decision"):
        if row.decided_on and row.serve_by:
            moved += _move(row, "serve_by", _counted(row.decided_on, SERVICE))
    return moved


def _notices() -> int:
    rows = RatingRun.objects.filter(state=RatingRun.State.PUBLIC_NOTICE)
    return sum(
        _move(run, "notice_until", _later(run.notice_until, run.noticed_on, steps.NOTICE_WORKING_DAYS))
        for run in rows
        if run.noticed_on and run.notice_until
    )


def _objections() -> int:
    moved = 0
    for row in Objection.objects.open():
        extended = bool(row.extension_reason)
        days = objections.EXTENDED_WORKING_DAYS if extended else objections.DECIDE_WORKING_DAYS
        moved += _move(row, "decide_by", _counted(row.filed_on, days))
    return moved


def _repairs() -> int:
    moved = 0
    for row in Repair.objects.open():
        moved += _move(row, "accept_by", _counted(row.applied_on, repairs.ACCEPT_WORKING_DAYS))
        if row.accepted_on and row.decide_by:
            until = _counted(row.accepted_on, repairs.DECIDE_WORKING_DAYS)
            if row.extension_reason:
                until = _counted(until, repairs.EXTENDED_WORKING_DAYS)
            moved += _move(row, "decide_by", until)
    return moved


def _later(told: date, start: date, working_days: int) -> date:
    return max(told, _counted(start, working_days))


def _counted(start: date, working_days: int) -> date:
    return calendar.add_working_days(start, working_days).date


@transaction.atomic
def _move(row: Any, field: str, until: date) -> int:
    """Set one deadline unless somebody closed the row meanwhile; 1 when it moved."""
    before = getattr(row, field)
    if before == until:
        return 0
    rows: QuerySet[Any] = type(row)._default_manager.filter(pk=row.pk, state=row.state, **{field: before})
    if not rows.update(**{field: until}):
        return 0
    audit.record(
        verb="deadline.moved",
        target=row,
        region_code=_region(row),
        before=before.isoformat(),
        until=until.isoformat(),
    )
    return 1


def _region(row: Any) -> str:
    return str(row.region_code if isinstance(row, RatingRun) else row.producer.region_id)
