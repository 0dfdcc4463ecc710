"""A year's arrangement of holidays as the State Council announces it, entered by a person.

The installed holiday package learns a new year only with its next release; the notice
(国务院办公厅关于部分节假日安排的通知) comes every November, and deadlines that run into the
new year are waiting for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.calendar.services import is_weekday, tell
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date


@transaction.atomic
def announce(
    *, year: int, holidays: Mapping[date, str], make_up: Mapping[date, str], source: str, actor: Any
) -> int:
    """Write a whole year's days, have open deadlines counted anew; return how many days differ from before.

    ``holidays`` are days off, ``make_up`` weekend days that are worked (调休), each with its name; all others
    follow the weekday. Refuses by ValidationError: another year, a day of another year or in both lists,
    a make-up day in the week, no holiday at all, no source.
    """
    _refuse(year, holidays, make_up, source)
    rows = [_row(day, holidays, make_up) for day in _days(year)]
    before = dict(CalendarDay.objects.filter(day__year=year).values_list("day", "working"))
    CalendarDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day"], update_fields=["working", "name"]
    )
    differing = sum(before.get(row.day, is_weekday(row.day)) != row.working for row in rows)
    record(verb="calendar.announced", actor=actor, year=year, holidays=len(holidays), source=source.strip())
    tell([year])
    return differing


def _refuse(year: int, holidays: Mapping[date, str], make_up: Mapping[date, str], source: str) -> None:
    this = today().year
    if year not in (this, this + 1):
        raise ValidationError(
            {"year": _("只能登记%(this)s或%(next)s年的安排。") % {"this": this, "next": this + 1}}
        )
    if not holidays:
        raise ValidationError({"holidays": _("请写明放假的日期。")})
    if not source.strip():
        raise ValidationError({"source": _("请写明通知的文号。")})
    for field, days in (("holidays", holidays), ("make_up", make_up)):
        for day in days:
            if day.year != year:
                raise ValidationError(
                    {field: _("%(day)s不在%(year)s年。") % {"day": full_date(day), "year": year}}
                )
    for day in make_up:
        if day in holidays:
            raise ValidationError({"make_up": _("%(day)s既放假又上班。") % {"day": full_date(day)}})
        if is_weekday(day):
            raise ValidationError(
                {"make_up": _("%(day)s不是周末，调休上班只能在周末。") % {"day": full_date(day)}}
            )


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def _row(day: date, holidays: Mapping[date, str], make_up: Mapping[date, str]) -> CalendarDay:
    if day in holidays:
        return CalendarDay(day=day, working=False, name=holidays[day])
    if day in make_up:
        return CalendarDay(day=day, working=True, name=f"{make_up[day]}调休")
    return CalendarDay(day=day, working=is_weekday(day), name="")
