"""A year's arrangement entered by a person: whole, refused in words, told to whoever counts deadlines."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.calendar import services
from agricredit.foundation.calendar.announcing import announce
from agricredit.foundation.calendar.forms import AnnounceForm
from agricredit.foundation.calendar.models import CalendarDay
from agricredit.foundation.jobs.models import OutboxMessage
from tests.factories.accounts import UserFactory, enter

pytestmark = pytest.mark.django_db
NEW_YEAR = {date(2027, 1, 1): "元旦"}
NOTICE = "国办发明电〔2026〕0号"
FACTS = {"year": 2027, "holidays": NEW_YEAR, "make_up": {date(2027, 1, 3): "元旦"}, "source": NOTICE}


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr("agricredit.foundation.calendar.announcing.today", lambda: date(2026, 11, 22))
    CalendarDay.objects.filter(day__year__gte=2027).delete()


def test_a_year_is_written_whole_and_told():
    OutboxMessage.objects.all().delete()
    actor = UserFactory(role="system_admin", region_code="")
    assert announce(**FACTS, actor=actor) == 2
    days = CalendarDay.objects.filter(day__year=2027)
    assert (days.count(), days.special().count()) == (365, 2)
    assert not services.is_working_day(date(2027, 1, 1))
    assert services.is_working_day(date(2027, 1, 3))
    assert CalendarDay.objects.get(day=date(2027, 1, 3)).name == "元旦调休"
    told = OutboxMessage.objects.values_list("topic", "keys")
    assert list(told) == [("calendar.announced", {"year": 2027})]
    assert AuditLine.objects.get(verb="calendar.announced").actor == actor
    assert announce(**FACTS, actor=actor) == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"year": 2028}, "只能登记2026或2027年的安排。"),
        ({"holidays": {}}, "请写明放假的日期。"),
        ({"source": " "}, "请写明通知的文号。"),
        ({"holidays": {date(2026, 12, 31): "元旦"}}, "2026年12月31日不在2027年。"),
        ({"make_up": {date(2027, 1, 1): "元旦"}}, "2027年1月1日既放假又上班。"),
        ({"make_up": {date(2027, 1, 4): "元旦"}}, "2027年1月4日不是周末，调休上班只能在周末。"),
    ],
)
def test_a_wrong_arrangement_is_refused_and_nothing_written(change, sentence):
    with pytest.raises(ValidationError) as refusal:
        announce(**FACTS | change, actor=None)
    assert refusal.value.messages == [sentence]
    assert not CalendarDay.objects.filter(day__year=2027).exists()


def test_a_new_year_from_the_package_is_told_once():
    services.load()
    CalendarDay.objects.filter(day__year=2026).delete()
    OutboxMessage.objects.all().delete()
    services.load()
    services.load()
    assert [row.keys for row in OutboxMessage.objects.all()] == [{"year": 2026}]


def test_lines_are_read_as_days():
    holidays = "2027-01-01 元旦\n2027-02-05至2027-02-07 春节"
    form = AnnounceForm({"year": "2027", "holidays": holidays, "source": "文"})
    assert form.is_valid()
    assert form.cleaned_data["holidays"] == {
        date(2027, 1, 1): "元旦",
        **{date(2027, 2, day): "春节" for day in (5, 6, 7)},
    }
    assert form.cleaned_data["make_up"] == {}


@pytest.mark.parametrize(
    "line", ["元旦", "2027-01-01", "2027-02-07至2027-02-05 春节", "2027-01-01至2027-12-31 长假"]
)
def test_a_line_that_cannot_be_read_is_named(line):
    form = AnnounceForm({"year": "2027", "holidays": f"2027-01-01 元旦\n{line}", "source": "文"})
    assert form.errors["holidays"] == [f"第2行“{line}”应如“2027-02-05至2027-02-11 春节”。"]


def test_officers_read_it_and_only_the_system_administrator_enters_a_year(client):
    services.load()
    page = reverse("admin:calendar_calendarday_announce")
    enter(client, UserFactory())
    listed = client.get(reverse("admin:calendar_calendarday_changelist"), {"special": "1", "year": "2026"})
    assert "国庆节" in listed.content.decode()
    assert "登记年度放假安排" not in listed.content.decode()
    assert client.get(page).status_code == 403
    enter(client, UserFactory(role="system_admin", region_code=""))
    given = {"year": "2027", "holidays": "2027-01-01 元旦", "make_up": "", "source": NOTICE}
    answer = client.post(page, given, follow=True)
    assert "2027年的安排已登记，1天与原来不同" in answer.content.decode()
    assert CalendarDay.objects.filter(day__year=2027).count() == 365
