"""The file's papers, what is kept, and who changed what when; on the page and on the printed sheet."""

import datetime
from decimal import Decimal
from io import BytesIO

import pytest
import segno
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agricredit.foundation.audit.services import record_view
from agricredit.pages.office.file.registry import File
from agricredit.pages.office.file.sheet import content_of
from archives.models import Producer
from archives.services import producers, status
from archives.services.register import documents, keeping, training
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory, RegionFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 1)


@pytest.fixture
def officer():
    return UserFactory(name="黄县农")


@pytest.fixture
def desk(officer):
    return enter(Client(), officer)


@pytest.fixture
def producer(officer):
    row = ProducerFactory(name="绿源合作社", address="旧路1号")
    producers.change(producer=row, actor=officer, address="新路2号", phone="13800138000")
    producers.change(producer=row, actor=officer, name="绿源蔬菜合作社", sectors=["crops", "livestock"])
    return Producer.objects.get(pk=row.pk)


def scan():
    image = BytesIO()
    segno.make("scan").save(image, kind="png", scale=4)
    return SimpleUploadedFile("scan.png", image.getvalue(), "image/png")


def part(desk, producer, key):
    page = desk.get(reverse("office-producer", args=[producer.pk]))
    return next(one for one in page.context["parts"] if one["key"] == key)


def test_history_says_who_changed_what_from_what(desk, producer):
    record_view(what="信用档案", target=producer, region_code=producer.region_id)
    rows = part(desk, producer, "history")["part"]["rows"]
    assert [row["line"].actor_name for row in rows] == ["黄县农", "黄县农"]
    assert ("名称", "绿源合作社", "绿源蔬菜合作社") in rows[0]["changes"]
    assert [change[2] for change in rows[0]["changes"] if change[0] == "行业"] == ["种植业、畜牧业"]
    assert [change[::2] for change in rows[1]["changes"]] == [("地址", "新路2号")]
    assert producer.phone_hash not in str(rows)


def test_history_of_a_merged_file_goes_on_in_the_one_kept(desk, producer, officer):
    kept = ProducerFactory(name="绿源总社")
    status.merge(producer=producer, into=kept, reason="重复建档", actor=officer)
    sentences = [str(row["line"]) for row in part(desk, kept, "history")["part"]["rows"]]
    assert any("合并至" in sentence for sentence in sentences)
    assert len(sentences) == 3


def test_papers_are_listed_with_the_entry_they_belong_to(desk, producer, officer):
    row = keeping.add(
        noun="honour",
        producer=producer,
        kind="other",
        title="示范社",
        level="city",
        issuer="局",
        granted_on=DAY,
    )
    documents.keep(producer=producer, upload=scan(), title="示范社证书", row=row, actor=officer)
    documents.keep(producer=producer, upload=scan(), title="身份证", personal=True, actor=officer)
    found = part(desk, producer, "documents")["part"]["rows"]
    assert [(one.title, noun) for one, noun in found] == [("身份证", ""), ("示范社证书", "荣誉")]
    page = desk.get(reverse("office-producer", args=[producer.pk])).content.decode()
    assert reverse("admin:archives_producer_document", args=[producer.pk, found[0][0].uid]) in page
    other = enter(Client(), UserFactory(role="township_supervisor", region_code="440823999"))
    assert other.get(reverse("office-producer-section", args=[producer.pk, "documents"])).status_code == 404


def test_the_page_asks_as_often_for_a_long_history(desk, producer, officer, django_assert_max_num_queries):
    for number in range(12):
        producers.change(producer=producer, actor=officer, address=f"路{number}号")
    documents.keep(producer=producer, upload=scan(), title="证书", actor=officer)
    desk.get(reverse("office-producer", args=[producer.pk]))
    with django_assert_max_num_queries(12):
        page = desk.get(reverse("office-producer-section", args=[producer.pk, "history"]))
    assert len(page.context["parts"][0]["part"]["rows"]) == 15
    with django_assert_max_num_queries(56):
        assert desk.get(reverse("office-producer", args=[producer.pk])).status_code == 200


def test_the_printed_sheet_holds_all_that_is_kept(producer, officer):
    keeping.add(noun="licence", producer=producer, kind="business", number="粤遂1", valid_until=DAY)
    session = training.hold(
        title="用药培训", audience="producers", held_on=DAY, hours=Decimal(10), organiser="局", place="",
        region=RegionFactory(code="440823"),
    )  # fmt: skip
    training.attend(session=session, attendees=[(producer, "陈阿妹")])
    documents.keep(producer=producer, upload=scan(), title="营业执照扫描件", actor=officer)
    content = content_of(File(producer, officer, (producer.pk,), may_write=True))
    parts = {one["title"]: one["rows"] for one in content["parts"]}
    assert parts["证照、人员、制度、荣誉与培训"] == [
        ["证照", "营业执照 粤遂1", "2026年3月1日（已过期）", "核验通过"],
        ["参加培训", "用药培训（10学时）", "2026年3月1日", "陈阿妹"],
    ]
    assert [row[0] for row in parts["档案文件"]] == ["营业执照扫描件"]
    assert parts["认定、异议与信用修复"] == []
