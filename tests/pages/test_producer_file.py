"""A producer's file on one page: every section, own region only, few queries, reading leaves a line."""

import datetime

import pytest
from django.core.cache import cache
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.clock import today
from agricredit.pages.office.file import sections, sheet
from agricredit.pages.office.file.registry import SECTIONS, File, section
from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Licence
from archives.services import ledger, status
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import LicenceFactory, PlotFactory, ProducerFactory, ProducerProductFactory
from tests.factories.certificates import issued
from tests.factories.ledger import draft
from tests.factories.records import HarvestFactory
from tests.factories.supervision import TaskFactory

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


@pytest.fixture
def producer():
    return ProducerFactory(name="绿源蔬菜合作社", contact_name="陈阿妹")


def page(desk, producer, section_key=""):
    name = "office-producer-section" if section_key else "office-producer"
    return desk.get(reverse(name, args=[producer.pk, *([section_key] if section_key else [])]))


def text(answer):
    return answer.content.decode()


def test_the_file_shows_every_floor(desk, producer):
    ProducerProductFactory(producer=producer, product__name="长豇豆")
    PlotFactory(producer=producer, name="东头地")
    HarvestFactory(producer=producer, batch="批次甲")
    ledger.post([draft(producer=producer, kind="sampling.tested", outcome="fail", note="检出超标")])
    TaskFactory(producer=producer, due_on=datetime.date(2020, 1, 31))
    certificate = issued(producer=producer)
    Licence.objects.create(
        producer=producer,
        kind="business",
        number="粤遂001",
        number_key="粤遂001",
        valid_until=datetime.date(2020, 1, 1),
    )
    shown = text(page(desk, producer))
    for words in (
        "长豇豆",
        "东头地",
        "粤遂001",
        "已过期",
        "监督抽查结果",
        "检出超标",
        "已逾期",
        certificate.code,
        "陈阿妹",
    ):
        assert words in shown, words
    assert [one.key for one in sorted(SECTIONS.values(), key=lambda one: one.order)][:3] == [
        "archive", "kept", "credit",
    ]  # fmt: skip
    assert sections.archive is not None


def test_evidence_says_what_no_longer_counts(desk, producer):
    ledger.post(
        [
            draft(producer=producer, uid="taken-back"),
            draft(producer=producer, uid="bad", kind="sampling.tested", outcome="fail"),
            draft(producer=producer, uid="good", kind="visit.made"),
        ]
    )
    ledger.reverse(uid="taken-back", by_uid="back", source="test")
    ledger.post([draft(producer=producer, uid="fix", kind="repair.granted", outcome="none", repairs="bad")])
    shown = page(desk, producer, "evidence").context["parts"][0]["part"]["rows"]
    states = {row["event"].uid: row["state"] for row in shown}
    assert states == {
        "taken-back": "已冲销，不计",
        "back": "冲销记录",
        "bad": "已修复，不计",
        "good": "有效",
        "fix": "有效",
    }


def test_evidence_of_a_merged_file_shows_in_the_one_that_was_kept(desk, producer):
    other = ProducerFactory(name="绿源老档案")
    ledger.post([draft(producer=other, uid="old")])
    status.merge(producer=other, into=producer, reason="重复建档")
    shown = page(desk, producer, "evidence").context["parts"][0]["part"]["rows"]
    assert [row["event"].uid for row in shown] == ["old"]
    assert "绿源老档案" in text(page(desk, producer))
    assert "本档案已并入" in text(page(desk, other))


def test_long_sections_are_paged_by_keyset(desk, producer):
    ledger.post([draft(producer=producer, uid=f"e{number:03d}") for number in range(60)])
    seen = []
    address = reverse("office-producer-section", args=[producer.pk, "evidence"])
    while address:
        part = desk.get(address).context["parts"][0]
        seen += [row["event"].uid for row in part["part"]["rows"]]
        address = part["more"]
    assert sorted(seen) == [f"e{number:03d}" for number in range(60)]
    bad = reverse("office-producer-section", args=[producer.pk, "evidence"]) + "?after=forged"
    assert desk.get(bad).status_code == 404
    assert page(desk, producer, "visits").status_code == 404


def test_the_file_asks_as_often_for_much_as_for_little(desk, producer, django_assert_max_num_queries):
    ledger.post([draft(producer=producer, uid=f"e{number}") for number in range(30)])
    for number in range(9):
        HarvestFactory(producer=producer, batch=f"批{number}")
        TaskFactory(producer=producer, month=number + 1)
    cache.clear()
    page(desk, producer)
    with django_assert_max_num_queries(53):
        assert page(desk, producer).status_code == 200


def test_an_officer_confirms_the_file_from_where_it_says_that_it_is_due(desk, producer):
    address = reverse("admin:archives_producer_act", args=[producer.pk, "confirm"])
    assert address in text(page(desk, producer))
    assert address in text(desk.get(reverse("admin:archives_producer_file", args=[producer.pk])))
    assert desk.post(address).status_code == 302
    assert (
        CreditEvent.objects.get(producer=producer, kind=KINDS["profile.confirmed"].number).occurred_on
        == today()
    )


def test_the_printed_sheet_says_risk_crop_and_what_has_expired(producer, officer):
    grown = ProducerProductFactory(producer=producer, product__risk="high")
    PlotFactory(producer=producer, name="东头地", crop=grown.product)
    LicenceFactory(producer=producer, valid_until=today() - DAY)
    file = File(producer=producer, user=officer, family=(producer.pk,), may_write=True)
    tables = {part["title"]: part["rows"] for part in sheet.content_of(file)["parts"]}
    assert [row[3] for row in tables["产品与地块"]] == ["高风险", grown.product.name]
    assert "（已过期）" in next(row[2] for row in tables["证照、人员、制度、荣誉与培训"] if row[0] == "证照")


def test_reading_and_printing_leave_a_line(desk, producer, officer):
    page(desk, producer)
    answer = desk.get(reverse("office-producer-sheet", args=[producer.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    lines = AuditLine.objects.filter(verb="data.viewed", actor=officer, target_id=str(producer.pk))
    assert [line.facts["what"] for line in lines.order_by("pk")] == ["信用档案", "信用档案（打印）"]


def test_a_reader_sees_what_the_role_may_and_nothing_of_other_regions(client, producer):
    producer.phone = "13800138000"
    producer.save()
    helper = enter(client, UserFactory(role=Role.VILLAGE_ASSISTANT, region_code="440823"))
    answer = helper.get(reverse("office-producer", args=[producer.pk]))
    assert "138****8000" in text(answer)
    assert "13800138000" not in text(answer)
    assert "/act/confirm/" not in text(answer)
    assert {part["key"] for part in answer.context["parts"]}.isdisjoint({"credit", "remedies"})
    foreign = ProducerFactory(region="440825")
    assert helper.get(reverse("office-producer", args=[foreign.pk])).status_code == 404
    assert helper.get(reverse("office-producer-sheet", args=[foreign.pk])).status_code == 404
    assert not AuditLine.objects.filter(target_id=str(foreign.pk)).exists()


def test_names_in_lists_lead_to_the_file_and_rows_open_by_the_next_column(desk, producer):
    task = TaskFactory(producer=producer)
    shown = text(desk.get(reverse("admin:supervision_task_changelist")))
    assert f'href="{reverse("office-producer", args=[producer.pk])}"' in shown
    assert reverse("admin:supervision_task_change", args=[task.pk]) in shown
    listed = text(desk.get(reverse("admin:archives_producer_changelist")))
    assert reverse("office-producer", args=[producer.pk]) in listed


def test_a_key_belongs_to_one_section():
    with pytest.raises(ValueError, match="archive"):
        section("archive", 1, "", "")(lambda file, cursor, size: {})


def test_nothing_of_the_ledger_is_changed_by_reading(desk, producer):
    before = CreditEvent.objects.count()
    page(desk, producer)
    assert CreditEvent.objects.count() == before
