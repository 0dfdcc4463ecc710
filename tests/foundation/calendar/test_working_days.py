"""Working days, make-up days, deadlines, and years nobody has announced."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agricredit.foundation.calendar import services, tasks
from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.calendar.services import Deadline, Span

pytestmark = pytest.mark.django_db
known_days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
any_days = st.dates(date(2025, 6, 1), date(2028, 6, 1))
looking = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(autouse=True)
def _calendar():
    services.load()


@pytest.mark.parametrize(
    ("day", "working", "name"),
    [
        (date(2026, 2, 13), True, ""),
        (date(2026, 2, 14), True, "春节调休"),  # a Saturday
        (date(2026, 2, 16), False, "春节"),
        (date(2026, 10, 1), False, "国庆节"),
        (date(2026, 10, 10), True, "国庆节调休"),  # a Saturday
        (date(2026, 11, 21), False, ""),
        (date(2026, 11, 23), True, ""),
    ],
)
def test_days_as_announced(day, working, name):
    assert services.is_working_day(day) is working
    assert CalendarDay.objects.get(day=day).name == name


def test_year_not_announced_follows_the_weekday():
    assert services.is_working_day(date(2031, 10, 1))  # a Wednesday, whatever it may become
    assert not services.is_working_day(date(2031, 10, 4))
    assert not CalendarDay.objects.filter(day__year=2031).exists()


@pytest.mark.parametrize(
    ("start", "n", "deadline"),
    [
        (date(2026, 11, 20), 5, Deadline(date(2026, 11, 27), False)),  # Friday: the next Friday
        (date(2026, 11, 21), 5, Deadline(date(2026, 11, 27), False)),  # Saturday: the same
        (date(2026, 2, 13), 1, Deadline(date(2026, 2, 14), False)),  # the make-up Saturday counts
        (date(2026, 2, 14), 1, Deadline(date(2026, 2, 24), False)),  # over the whole Spring Festival
        (date(2026, 9, 30), 5, Deadline(date(2026, 10, 13), False)),
        (date(2026, 12, 31), 1, Deadline(date(2027, 1, 1), True)),
        (date(2026, 11, 21), 0, Deadline(date(2026, 11, 21), False)),
    ],
)
def test_deadlines(start, n, deadline):
    assert services.add_working_days(start, n) == deadline


def test_deadline_in_the_past_is_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        services.add_working_days(date(2026, 1, 1), -1)


@looking
@given(any_days, st.integers(1, 60))
def test_deadline_is_the_nth_working_day_after_the_start(start, n):
    deadline = services.add_working_days(start, n)
    assert services.is_working_day(deadline.date)
    counted = services.working_days_between(start, deadline.date)
    assert counted == Span(n, deadline.provisional)
    days = (start + timedelta(days=k) for k in range(1, (deadline.date - start).days + 1))
    assert sum(map(services.is_working_day, days)) == n
    assert deadline.provisional == (deadline.date.year > 2026 and deadline.date != start)


@looking
@given(known_days, known_days, known_days)
def test_spans_add_up_and_turn_round(one, two, three):
    def days(start, end):
        return services.working_days_between(start, end).days

    assert days(one, two) + days(two, three) == days(one, three)
    assert days(one, two) == -days(two, one)
    assert days(one, one) == 0


@looking
@given(known_days, st.integers(0, 30), st.integers(0, 30))
def test_adding_in_two_steps_is_adding_at_once(start, n, m):
    halfway = services.add_working_days(start, n).date
    assert services.add_working_days(halfway, m).date == services.add_working_days(start, n + m).date


def test_loading_again_replaces_what_was_wrong_and_skips_the_unknown():
    CalendarDay.objects.filter(day=date(2026, 10, 1)).update(working=True, name="")
    assert services.load([2026, 2050]) == [2026]
    assert not services.is_working_day(date(2026, 10, 1))
    assert CalendarDay.objects.filter(day__year=2026).count() == 365
    assert tasks.load_working_days() == services.announced_years()


def test_newly_announced_year_recomputes_what_was_provisional(monkeypatch):
    start = date(2026, 12, 31)
    assert services.add_working_days(start, 1) == Deadline(date(2027, 1, 1), True)
    monkeypatch.setitem(services.constants.holidays, date(2027, 1, 1), "New Year's Day")
    assert services.load()[-1] == 2027
    assert services.add_working_days(start, 1) == Deadline(date(2027, 1, 4), False)
