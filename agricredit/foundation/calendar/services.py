"""Working days and statutory deadlines.

Legal source: 全国年节及纪念日放假办法 and the State Council's yearly notice (make-up days 调休 are working
days). The day
on which a period begins is not counted (行政处罚法 第八十五条: 工作日, not including statutory holidays).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar import Holiday, constants
from django.db import transaction

from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs.outbox import emit

FIRST_YEAR = 2020


@dataclass(frozen=True)
class Deadline:
    """A date counted in working days; ``provisional`` while a year on the way has no announced holidays."""

    date: datetime.date
    provisional: bool


@dataclass(frozen=True)
class Span:
    """A number of working days; ``provisional`` as in :class:`Deadline`."""

    days: int
    provisional: bool


def announced_years() -> list[int]:
    """Years whose holidays the installed package knows, from 2020 on."""
    years = {day.year for day in constants.holidays}
    return sorted(year for year in years if year >= FIRST_YEAR)


@transaction.atomic
def load(years: Iterable[int] | None = None) -> list[int]:
    """Write the days of the given years (default: all announced); return the years that were loaded.

    Years not announced yet are left out: their days follow the weekday, provisionally. Safe to repeat. Open
    deadlines are counted anew when a year is new.
    """
    known = announced_years()
    wanted = known if years is None else [year for year in sorted(set(years)) if year in known]
    there = {day.year for day in CalendarDay.objects.dates("day", "year")}
    CalendarDay.objects.bulk_create(
        [row for year in wanted for row in _days_of(year)],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["working", "name"],
    )
    if there:  # before the first load nothing was counted
        tell(year for year in wanted if year not in there)
    return wanted


def tell(years: Iterable[int]) -> None:
    """Say that these years are announced now: what counted on weekdays counts again."""
    for year in years:
        emit("calendar.announced", year=year)


def _days_of(year: int) -> list[CalendarDay]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    return [_announced(day) for day in days]


def _announced(day: date) -> CalendarDay:
    if day in constants.holidays:
        return CalendarDay(day=day, working=False, name=_chinese(constants.holidays[day]))
    if day in constants.workdays:
        return CalendarDay(day=day, working=True, name=f"{_chinese(constants.workdays[day])}调休")
    return CalendarDay(day=day, working=is_weekday(day), name="")


def _chinese(english: str) -> str:
    return str(Holiday(english).chinese)


def is_weekday(day: date) -> bool:
    """Monday to Friday: the rule for a year that is not announced yet."""
    return day.weekday() < 5


def is_working_day(day: date) -> bool:
    """Whether offices work on that day; by the weekday alone where the year is not announced."""
    row = CalendarDay.objects.filter(day=day).values_list("working", flat=True).first()
    return is_weekday(day) if row is None else row


def add_working_days(start: date, n: int) -> Deadline:
    """The n-th working day after ``start``, which itself is not counted; ``n`` = 0 is ``start`` as it is.

    ValueError for a negative ``n``.
    """
    if n < 0:
        raise ValueError("a deadline lies in the future: n must not be negative")
    day, left, provisional = start, n, False
    while left:
        # The longest closure is eight days, so this stretch holds the rest in all but the oddest weeks.
        stretch = _between(day, day + timedelta(days=left * 2 + 10))
        for day, working, announced in stretch:  # noqa: B007 - the day it stops at is the answer
            provisional |= not announced
            left -= working
            if not left:
                break
    return Deadline(day, provisional)


def working_days_between(start: date, end: date) -> Span:
    """Working days after ``start`` up to and including ``end``; negative when ``end`` is earlier."""
    return spans(start, [end])[end]


def spans(start: date, ends: Iterable[date]) -> dict[date, Span]:
    """:func:`working_days_between` for each of several ends, with one query for all."""
    wanted = set(ends)
    if not wanted:
        return {}
    days = _between(min(start, *wanted), max(start, *wanted))
    return {end: _span(days, start, end) for end in wanted}


def _span(days: list[tuple[date, bool, bool]], start: date, end: date) -> Span:
    low, high = min(start, end), max(start, end)
    own = [(working, announced) for day, working, announced in days if low < day <= high]
    count = sum(working for working, _announced in own)
    return Span(count if start <= end else -count, not all(announced for _working, announced in own))


def provisional(deadlines: Iterable[date]) -> set[date]:
    """Which of some deadlines lie ahead in a year that is not announced yet: they are counted again then."""
    now = today()
    ahead = spans(now, (deadline for deadline in deadlines if deadline > now))
    return {deadline for deadline, span in ahead.items() if span.provisional}


def _between(after: date, until: date) -> list[tuple[date, bool, bool]]:
    """(day, working, announced) for each day after ``after`` up to ``until``, with one query."""
    rows = dict(CalendarDay.objects.filter(day__gt=after, day__lte=until).values_list("day", "working"))
    days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
    return [(day, rows.get(day, is_weekday(day)), day in rows) for day in days]
