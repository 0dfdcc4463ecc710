"""Open deadlines follow the announced calendar: exact for the bureau, never shorter for citizens."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.calendar.announcing import announce
from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.calendar.templatetags.deadlines import deadline
from agricredit.foundation.jobs.testing import run_all_jobs
from rating.models import Decision, Interview, Objection
from rating.services import deadlines, remedies
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.rating import make_run

pytestmark = pytest.mark.django_db
SPRING = {date(2027, 2, day): "春节" for day in range(5, 12)}


@pytest.fixture(autouse=True)
def _provisional(monkeypatch):
    """A day of January 2027, with 2027 not announced yet."""
    monkeypatch.setattr("agricredit.foundation.calendar.announcing.today", lambda: date(2027, 1, 20))
    calendar.load([2026])
    CalendarDay.objects.filter(day__year__gte=2027).delete()


def decision(run=None, **fields):
    return Decision.objects.create(
        **{
            "run": run or make_run(year=2026, state="in_review"),
            "producer": ProducerFactory(),
            "rating_version": 1,
            "ground": "veto",
            "grade": "C",
            "reasons": "抽检不合格",
            "basis": "方案",
            "noticed_by": UserFactory(),
            "noticed_on": date(2027, 2, 1),
            "notice_served_on": date(2027, 2, 1),
            "statement_until": date(2027, 2, 8),
            **fields,
        }
    )


def objection(told, filed_on, decide_by):
    return Objection.objects.create(
        producer=told.producer,
        run=told.run,
        rating_version=1,
        reasons="有误",
        filed_by=UserFactory(),
        filed_on=filed_on,
        decide_by=decide_by,
    )


def announced(make_up=None):
    announce(year=2027, holidays=SPRING, make_up=make_up or {}, source="通知", actor=None)
    run_all_jobs()


def test_holidays_put_open_deadlines_off_and_each_move_is_on_record():
    told = decision()
    filed = objection(told, date(2027, 2, 2), date(2027, 2, 9))
    announced()
    told.refresh_from_db()
    filed.refresh_from_db()
    assert told.statement_until == date(2027, 2, 15)
    assert filed.decide_by == date(2027, 2, 16)
    line = AuditLine.objects.get(verb="deadline.moved", target_type="rating.decision")
    assert (line.facts["before"], line.facts["until"]) == ("2027-02-08", "2027-02-15")
    assert deadlines.recount() == 0


def test_a_make_up_day_shortens_the_bureaus_clock_and_never_the_citizens():
    day = date(2027, 1, 22)
    told = decision(noticed_on=day, notice_served_on=day, statement_until=date(2027, 1, 29))
    filed = objection(told, date(2027, 1, 22), date(2027, 1, 29))
    announced(make_up={date(2027, 1, 24): "春节"})
    told.refresh_from_db()
    filed.refresh_from_db()
    assert told.statement_until == date(2027, 1, 29)
    assert filed.decide_by == date(2027, 1, 28)


def test_what_is_closed_stays():
    closed = decision(state="withdrawn", decided_by=UserFactory(), decided_on=date(2027, 2, 3))
    announced()
    closed.refresh_from_db()
    assert closed.statement_until == date(2027, 2, 8)


@pytest.fixture
def new_year(monkeypatch):
    """The end of December 2026."""
    for module in ("agricredit.foundation.calendar.services", "rating.services.remedies"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2026, 12, 28))


def test_a_deadline_in_a_year_not_announced_is_called_provisional_and_says_why(new_year):
    why = "暂定，2027年放假安排公布后重新计算"
    assert remedies.clock(date(2027, 1, 6)) == f"剩7个工作日（2027年1月6日前；{why}）"
    assert remedies.day_told(date(2027, 1, 6)) == f"2027年1月6日（{why}）"
    assert deadline(date(2027, 1, 6)) == f"2027年1月6日（{why}）"
    assert remedies.clock(date(2027, 1, 6), counted=False) == "剩7个工作日（2027年1月6日前）"
    assert remedies.clock(date(2026, 12, 30)) == "剩2个工作日（2026年12月30日前）"
    assert (remedies.day_told(None), deadline(None)) == ("—", "")
    announced()
    assert deadline(date(2027, 1, 6)) == "2027年1月6日"
    assert why not in remedies.clock(date(2027, 1, 6))


@pytest.mark.parametrize("name", ["decision", "objection", "interview"])
def test_a_list_asks_the_calendar_once_for_all_its_deadlines(name, client, new_year):
    enter(client, UserFactory())
    days = [date(2027, 1, 6), date(2027, 2, 9), date(2026, 12, 30)]
    run = make_run(year=2026, state="in_review")
    for day in days:
        told = decision(run, statement_until=day)
        objection(told, date(2026, 12, 28), day)
        Interview.objects.create(
            producer=told.producer,
            reason="抽检不合格",
            basis="约谈规定",
            called_by=told.noticed_by,
            called_on=date(2026, 12, 28),
            scheduled_on=day,
            place="会议室",
        )
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse(f"admin:rating_{name}_changelist")).content.decode()
    said = {
        "decision": remedies.day_told,
        "objection": remedies.clock,
        "interview": lambda day: remedies.clock(day, counted=False),
    }
    assert all(said[name](day) in page for day in days)
    assert sum(CalendarDay._meta.db_table in query["sql"] for query in asked) == 1
