"""The register in the back office: one producer's file, the acts on it, lists, training and texts."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from archives.models import (
    Delivery,
    Document,
    Identity,
    Licence,
    NoticeText,
    TrainingAttendance,
    TrainingSession,
)
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import (
    LicenceFactory,
    NoticeTextFactory,
    PlotFactory,
    ProducerFactory,
    RegionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
TODAY = datetime.date(2026, 11, 20)  # on which the clock stands
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def officer():
    RegionFactory()
    return UserFactory(role="county_officer", region_code="440823")


@pytest.fixture
def desk(officer):
    return enter(Client(), officer)


@pytest.fixture
def producer(officer):
    return ProducerFactory()


def at(name, *args):
    return reverse(f"admin:archives_producer_{name}", args=args)


def test_an_entry_is_added_corrected_checked_and_ended(desk, producer):
    add = at("entry_add", producer.pk, "licence")
    given = {"kind": "business", "number": "A-1", "valid_until": "2030-01-01"}
    assert desk.post(add, given).url == at("file", producer.pk)
    row = Licence.objects.get()
    change = at("entry", producer.pk, "licence", row.pk, "change")
    assert 'value="2030-01-01"' in desk.get(change).content.decode()
    desk.post(change, given | {"number": "A-2"})
    desk.post(at("entry", producer.pk, "licence", row.pk, "check"), {"outcome": "fail", "note": "印章不清"})
    page = desk.get(at("file", producer.pk)).content.decode()
    assert "营业执照 A-2" in page
    assert "核验不通过" in page
    assert "印章不清" in page
    desk.post(
        at("entry", producer.pk, "licence", row.pk, "end"), {"on": TODAY.isoformat(), "reason": "登记错了"}
    )
    assert "登记错了" in desk.get(at("file", producer.pk)).content.decode()
    verbs = set(AuditLine.objects.values_list("verb", flat=True))
    assert verbs >= {"register.added", "register.changed", "register.checked", "register.ended"}


def test_a_shops_licence_says_whether_it_covers_restricted_pesticides(desk, producer):
    add = at("entry_add", producer.pk, "licence")
    assert 'type="checkbox" name="restricted"' in desk.get(add).content.decode()
    desk.post(add, {"kind": "pesticide_sale", "number": "P-1", "restricted": "on"})
    assert Licence.objects.in_force().get().restricted
    page = desk.post(add, {"kind": "seed", "number": "S-1", "restricted": "on"})
    assert "restricted" in page.context["form"].errors
    assert Licence.objects.count() == 1


def test_a_refusal_stands_beside_its_field(desk, producer):
    page = desk.post(
        at("entry_add", producer.pk, "licence"),
        {"kind": "business", "number": "--", "issued_on": (TODAY + datetime.timedelta(days=1)).isoformat()},
    )
    assert page.status_code == 200
    assert set(page.context["form"].errors) >= {"number", "issued_on"}
    assert not Licence.objects.exists()


def test_a_personal_number_is_never_written_into_the_form(desk, producer):
    row = Identity(producer=producer, kind="passport", number="E12345678", relation="legal")
    row.clean()
    row.save()
    page = desk.get(at("entry", producer.pk, "identity", row.pk, "change")).content.decode()
    assert "E12345678" not in page
    desk.post(
        at("entry", producer.pk, "identity", row.pk, "change"),
        {"kind": "passport", "number": "", "relation": "principal", "holder": ""},
    )
    row.refresh_from_db()
    assert (str(row.number), row.relation) == ("E12345678", "principal")


def test_the_file_takes_a_fixed_number_of_queries(desk, producer, django_assert_max_num_queries):
    for number in range(5):
        LicenceFactory(producer=producer)
        PlotFactory(producer=producer, name=f"第{number}块")
    with django_assert_max_num_queries(40):
        desk.get(at("file", producer.pk))


def test_another_countys_file_is_not_there(desk):
    foreign = ProducerFactory(region="440825")
    for address in (at("file", foreign.pk), at("entry_add", foreign.pk, "plot")):
        assert desk.get(address).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("photo.jpg", b"MZ\x90\x00program", "文件内容应为"),
        ("scan.jpg", PDF, "扩展名与内容不符"),
        ("big.jpg", b"\xff\xd8\xff" + b"\0" * (20 << 20), "文件超过10 MB"),
        ("none.pdf", b"", "空"),
    ],
)
def test_bad_uploads_are_refused_with_a_sentence(desk, producer, name, content, sentence):
    page = desk.post(
        at("document_add", producer.pk), {"upload": SimpleUploadedFile(name, content), "title": "照片"}
    )
    assert sentence in page.content.decode()
    assert not Document.objects.exists()


def test_a_document_belongs_to_its_entry_and_is_opened_under_audit(desk, producer, officer):
    row = LicenceFactory(producer=producer)
    address = at("document_add", producer.pk) + f"?section=licence&entry={row.pk}"
    upload = SimpleUploadedFile("证照.pdf", PDF)
    assert (
        desk.post(address, {"upload": upload, "title": "营业执照扫描件", "personal": "on"}).status_code == 302
    )
    document = Document.objects.get()
    assert (document.noun, document.row_id, document.content, document.size) == ("licence", row.pk, "pdf", 15)
    answer = desk.get(at("document", producer.pk, document.uid))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert AuditLine.objects.filter(verb="data.viewed", actor=officer, target_id=str(producer.pk)).exists()
    stranger = enter(Client(), UserFactory(role="county_officer", region_code="440825"))
    assert stranger.get(at("document", producer.pk, document.uid)).status_code == 404


def test_licences_are_listed_when_due_and_found_by_number(desk, producer):
    soon = LicenceFactory(
        producer=producer, number="粤-77 号", valid_until=TODAY + datetime.timedelta(days=20)
    )
    LicenceFactory(producer=producer, valid_until=TODAY + datetime.timedelta(days=200))
    LicenceFactory(producer=ProducerFactory(region="440825"), valid_until=TODAY)
    listed = desk.get(reverse("admin:archives_licence_changelist") + "?standing=due")
    assert [row.pk for row in listed.context["cl"].result_list] == [soon.pk]
    found = desk.get(reverse("admin:archives_licence_changelist") + "?q=粤77号")
    assert [row.pk for row in found.context["cl"].result_list] == [soon.pk]
    opened = desk.get(reverse("admin:archives_licence_change", args=[soon.pk]))
    assert opened.url == at("file", producer.pk)


def test_a_session_is_held_and_its_sheet_entered(desk, producer, officer):
    add = reverse("admin:archives_trainingsession_add")
    given = {
        "title": "科学用药", "audience": "producers", "held_on": TODAY.isoformat(), "hours": "4",
        "organiser": "县局", "region": "440823",
    }  # fmt: skip
    assert desk.post(add, given).status_code == 302
    session = TrainingSession.objects.get()
    sheet = reverse("admin:archives_trainingsession_act", args=[session.pk, "attend"])
    page = desk.post(sheet, {"people": f"{producer.key}，张三\nNOBODY"})
    assert "您的辖区内没有：NOBODY。" in page.content.decode()
    assert not TrainingAttendance.objects.exists()
    desk.post(sheet, {"people": f"{producer.key}，张三\n{producer.key},李四\n{producer.key},张三"})
    assert sorted(TrainingAttendance.objects.values_list("attendee", flat=True)) == ["张三", "李四"]
    hours = desk.get(reverse("admin:archives_training_hours")).content.decode()
    assert "科学用药" not in hours
    assert officer.name in hours
    assert "还不够" in hours


def test_a_text_is_published_delivered_once_and_retired(desk, producer):
    ProducerFactory(status="closed")
    add = reverse("admin:archives_noticetext_add")
    given = {
        "kind": "leaflet", "title": "用药明白纸", "version": "1", "region": "440823", "body": "按标签用药。",
        "in_force_on": TODAY.isoformat(),
    }  # fmt: skip
    assert desk.post(add, given).status_code == 302
    assert "已有这个版本" in desk.post(add, given).content.decode()
    text = NoticeText.objects.get()
    deliver = reverse("admin:archives_noticetext_act", args=[text.pk, "deliver"])
    for _time in range(2):
        desk.post(deliver, {"region": "440823", "kind": "", "way": "meeting"})
    assert Delivery.objects.get().producer == producer
    assert (
        "不在您的辖区内"
        in desk.post(
            reverse("admin:archives_noticetext_act", args=[NoticeTextFactory().pk, "deliver"]),
            {"region": "44", "kind": "", "way": "meeting"},
        ).content.decode()
    )
    desk.post(reverse("admin:archives_noticetext_act", args=[text.pk, "retire"]))
    text.refresh_from_db()
    assert text.ended_on == TODAY
