"""Nightly work on the register: completeness, reminders, erasing; and the services that pages do not walk."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.sms import RecordingSms
from archives.ledger.kinds import KINDS
from archives.models import (
    CreditEvent,
    Delivery,
    Document,
    Licence,
    Producer,
    Profile,
    ProfileState,
    TrainingAttendance,
)
from archives.services.register import (
    completeness,
    confirmations,
    documents,
    keeping,
    reminders,
    texts,
    training,
)
from tests.factories.accounts import UserFactory
from tests.factories.archives import (
    LicenceFactory,
    NoticeTextFactory,
    PlotFactory,
    ProducerFactory,
    ProducerProductFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
TODAY = datetime.date(2026, 11, 20)  # on which the clock stands
DAY = datetime.timedelta(days=1)
COMPLETED = KINDS["profile.completed"].number


@pytest.fixture
def officer():
    return UserFactory(role="county_officer", region_code="440823")


def shares(producer):
    rows = CreditEvent.objects.filter(producer=producer, kind=COMPLETED).order_by("pk")
    return list(rows.values_list("value", flat=True))


def test_completeness_is_posted_when_it_changes_and_only_then():
    producer = ProducerFactory(natural=True, contact_name="张三", address="西溪村")
    completeness.refresh_everyone()
    completeness.refresh_everyone()
    assert set(Profile.objects.get().missing) == {"code", "village", "phone", "product", "plot"}
    PlotFactory(producer=producer)
    ProducerProductFactory(producer=producer)
    completeness.refresh_everyone()
    assert shares(producer) == [38, 63], "3 of 8, then 5 of 8, rounded half up"


def test_what_is_expected_depends_on_what_it_is():
    shop = ProducerFactory(activities=["input_sale"])
    completeness.refresh([shop.pk])
    missing = set(Profile.objects.get().missing)
    assert "trade_licence" in missing
    assert not {"plot", "product", "quality_person"} & missing
    LicenceFactory(producer=shop, kind="pesticide_sale", valid_until=TODAY)
    LicenceFactory(producer=shop, kind="business", valid_until=TODAY - DAY)
    completeness.refresh([shop.pk])
    missing = set(Profile.objects.get().missing)
    assert "trade_licence" not in missing
    assert "licence" in missing, "it has expired"


def test_all_files_are_worked_out_in_a_few_queries(django_assert_max_num_queries):
    ProducerFactory.create_batch(20)
    with django_assert_max_num_queries(20):
        assert completeness.refresh_everyone() == 20


def test_a_reminder_goes_out_once_for_each_end(settings):
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.RecordingSms"
    RecordingSms.sent.clear()
    producer = ProducerFactory(phone="13800138000", phone_hash="h")
    row = LicenceFactory(producer=producer, valid_until=TODAY + 20 * DAY)
    LicenceFactory(producer=producer, kind="breeding", valid_until=TODAY + 61 * DAY)
    LicenceFactory(producer=ProducerFactory(status="closed"), valid_until=TODAY)
    assert [reminders.remind(), reminders.remind()] == [1, 0]
    assert [phone for phone, _text in RecordingSms.sent] == ["13800138000"]
    assert "请提前换证" in RecordingSms.sent[0][1]
    Licence.objects.filter(pk=row.pk).update(valid_until=TODAY + 25 * DAY)
    assert reminders.remind() == 1


def test_the_half_years_confirmation_is_asked_for_once_in_a_half_year(settings, monkeypatch):
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.RecordingSms"
    RecordingSms.sent.clear()
    monkeypatch.setattr(confirmations, "AT_ONCE", 2)
    long_ago = TODAY - 181 * DAY
    due = [ProducerFactory(name=f"{n}号农场", phone="13800138000", phone_hash="h") for n in range(3)]
    ProducerFactory.create_batch(2)  # nobody to write to
    closed = ProducerFactory(phone="13800138001", phone_hash="i", status="closed")
    new = ProducerFactory(phone="13800138002", phone_hash="j")
    ProfileState.objects.bulk_create(ProfileState(producer=row) for row in Producer.objects.all())
    ProfileState.objects.exclude(producer=new).update(confirmed_on=long_ago)
    assert [confirmations.remind(), confirmations.remind()] == [3, 0]
    assert {phone for phone, _text in RecordingSms.sent} == {"13800138000"}
    assert "0号农场的档案半年没确认了" in RecordingSms.sent[0][1]
    lines = AuditLine.objects.filter(verb="register.confirmation_reminded")
    assert sorted(int(line.facts["count"]) for line in lines) == [1, 2]
    # Confirmed, it waits for the next half year; left alone for another, it is asked for again.
    profiles = ProfileState.objects.filter(producer__in=due[:2])
    profiles.update(reminded_on=long_ago)
    profiles.filter(producer=due[0]).update(confirmed_on=TODAY)
    assert confirmations.remind() == 1
    # One that was never confirmed is due half a year after it was entered.
    long_here = datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)
    Producer.objects.filter(pk__in=[new.pk, closed.pk]).update(created_at=long_here)
    assert confirmations.remind() == 1
    assert RecordingSms.sent[-1][0] == "13800138002"


def test_a_file_still_within_its_half_year_is_not_asked_for(settings):
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.RecordingSms"
    RecordingSms.sent.clear()
    farm = ProducerFactory(phone="13800138000", phone_hash="h")
    ProfileState.objects.create(producer=farm, confirmed_on=TODAY - 179 * DAY)
    assert confirmations.remind() == 0
    assert RecordingSms.sent == []


def test_a_document_is_erased_when_its_term_is_over(officer, django_capture_on_commit_callbacks):
    producer = ProducerFactory()
    upload = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    given = {"producer": producer, "upload": upload, "title": "身份证", "actor": officer}
    with pytest.raises(ValidationError, match="须晚于今天"):
        documents.keep(keep_until=TODAY, **given)
    row = documents.keep(keep_until=TODAY + DAY, **given)
    Document.objects.filter(pk=row.pk).update(keep_until=TODAY - DAY)
    storage, name = row.file.storage, row.file.name
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        assert documents.erase_due() == 1
    assert not storage.exists(name)
    row.refresh_from_db()
    assert (row.erased_on, bool(row.file)) == (TODAY, False)
    with pytest.raises(ValidationError, match="内容已删除"):
        documents.opened(document=row)
    assert AuditLine.objects.filter(verb="register.document_erased").exists()
    assert documents.erase_due() == 0


def session(officer, **values):
    given = {
        "title": "科学用药", "audience": "producers", "held_on": TODAY, "hours": 4, "organiser": "县局",
        "region_id": "440823", **values,
    }  # fmt: skip
    given["region"] = ProducerFactory(region=given.pop("region_id")).region
    return training.hold(actor=officer, **given)


def test_hours_are_posted_and_taken_back(officer):
    producer = ProducerFactory()
    held = session(officer)
    (row,) = training.attend(session=held, attendees=[(producer, "张三")], hours=2, actor=officer)
    assert training.attend(session=held, attendees=[(producer, "张三")], actor=officer) == []
    event = CreditEvent.objects.get(kind=KINDS["training.attended"].number)
    assert (event.value, event.occurred_on) == (200, TODAY)
    (township,) = training.hours_by_township(region="4408", year=TODAY.year)
    assert (township.producers, township.hours) == (1, 2)
    with pytest.raises(ValidationError, match="请填写理由"):
        training.withdraw(attendance=row, reason=" ", actor=officer)
    training.withdraw(attendance=row, reason="没来", actor=officer)
    assert CreditEvent.objects.filter(reverses=event).exists()
    with pytest.raises(ValidationError, match="已经撤销"):
        training.withdraw(attendance=row, reason="没来", actor=officer)
    assert training.hours_by_township(region="4408", year=TODAY.year) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [({"held_on": TODAY + DAY}, "held_on"), ({"hours": 0}, "__all__"), ({"region_id": "440825"}, "region")],
)
def test_a_wrong_session_is_refused(officer, values, field):
    with pytest.raises(ValidationError) as refused:
        session(officer, **values)
    assert field in refused.value.message_dict


def test_supervisors_attend_their_own_sessions(officer):
    held = session(officer, audience="supervisors", hours=30)
    with pytest.raises(ValidationError, match="监管人员"):
        training.attend(session=held, attendees=[(ProducerFactory(), "")], actor=officer)
    with pytest.raises(ValidationError, match="不是监管人员"):
        training.attend(session=held, attendees=[(UserFactory(role="producer"), "")], actor=officer)
    assert not TrainingAttendance.objects.exists()
    training.attend(session=held, attendees=[(officer, "")], actor=officer)
    assert dict(training.supervisors_hours(region="440823", year=TODAY.year))[officer] == 30
    assert not CreditEvent.objects.filter(kind=KINDS["training.attended"].number).exists()


def test_a_text_is_delivered_to_many_at_once(officer, django_assert_max_num_queries):
    ProducerFactory.create_batch(10)
    ProducerFactory(region="440825")
    leaflet = NoticeTextFactory(kind="leaflet", title="明白纸")
    with django_assert_max_num_queries(6):
        assert texts.deliver(text=leaflet, region="440823", way="sms", actor=officer) == 10
    assert texts.deliver(text=leaflet, region="440823", way="hand", actor=officer) == 0
    assert Delivery.objects.count() == 10
    pledge = NoticeTextFactory(kind="pledge", title="承诺书")
    with pytest.raises(ValidationError, match="登记为签署"):
        texts.deliver(text=pledge, region="440823", way="hand", actor=officer)


def test_a_pledge_entered_by_mistake_is_taken_back(officer):
    producer = ProducerFactory()
    pledge = NoticeTextFactory(kind="pledge", title="承诺书")
    given = {"noun": "pledge", "producer": producer, "actor": officer, "signer": "张三", "way": "paper"}
    with pytest.raises(ValidationError, match="还没有启用"):
        keeping.add(text=pledge, signed_on=pledge.in_force_on - DAY, **given)
    row = keeping.add(text=pledge, signed_on=TODAY, **given)
    keeping.end(row=row, reason="签错了", actor=officer)
    event = CreditEvent.objects.get(kind=KINDS["pledge.signed"].number, reverses=None)
    assert CreditEvent.objects.filter(reverses=event).exists()
