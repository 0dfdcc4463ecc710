"""Facts by their documents: listed, looked at, exported in the sheet they came in, gone when they must go."""

import pytest
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from archives.models import CreditEvent, OfficialTest, PenaltyDecision, PublicCreditItem
from archives.services import ledger
from archives.services.notes import erase_notes
from tests.archives.exchange.files import comes_back, rows, sent
from tests.archives.exchange.test_fact_imports import penalty, public, sampled
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory

pytestmark = pytest.mark.django_db
FULFILLED = {"fulfilled": "按期履行", "fulfilled_on": "2026-05-01"}
BANNED = {"passed": "不合格", "excess": "禁用药物", "items": "克百威"}


@pytest.fixture(autouse=True)
def farm():
    return ProducerFactory(key="SX-1")


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def desk(client, officer):
    return enter(client, officer)


def listed(model):
    return reverse(f"admin:archives_{model._meta.model_name}_changelist")


@pytest.mark.parametrize(
    ("sheet", "model", "given"),
    [
        ("tests", OfficialTest, [sampled(), sampled(sample="2", kind="快速检测"),
                                 sampled(sample="3", **BANNED)]),
        ("penalties", PenaltyDecision, [penalty(findings="伪造记录或合格证", **FULFILLED),
                                        penalty(number="2号", types="警告", procedure="简易程序")]),
        ("public_credit", PublicCreditItem, [
            public(valid_until="2026-12-31"),
            public(number="GX-2", item="公共信用评价", result="", percentile="-1"),
        ]),
    ],
    ids=["tests", "penalties", "public_credit"],
)  # fmt: skip
def test_what_came_in_goes_out_in_the_same_sheet_and_comes_back_unchanged(desk, officer, sheet, model, given):
    sent(sheet, officer, *given)
    content, found = comes_back(desk, sheet, officer, model._meta.label_lower)
    assert found == (0, 0, len(given), 0)
    assert len(rows(content)) == 1 + len(given), "one row a document, however many events it made"


def test_what_a_later_file_added_stands_in_the_documents_row(desk, officer):
    sent("penalties", officer, penalty())
    sent("penalties", officer, penalty(**FULFILLED))
    content, found = comes_back(desk, "penalties", officer, "archives.penaltydecision")
    assert "按期履行" in rows(content)[1]
    assert found == (0, 0, 1, 0)
    taken = "penalty:罚〔2026〕1号:SX-1:penalty.fulfilled"
    ledger.reverse(uid=taken, by_uid="undone", source="更正")
    content, _found = comes_back(desk, "penalties", officer, "archives.penaltydecision")
    assert "按期履行" not in rows(content)[1]


def test_what_was_taken_back_or_erased_is_not_handed_on(desk, officer):
    sent("tests", officer, sampled(), sampled(sample="2"), sampled(sample="3"))
    second = OfficialTest.objects.get(uid__startswith="test:JC-1:2:")
    erase_notes(event_ids=[second.pk], because="保存期满")
    ledger.reverse(uid="test:JC-1:3:sampling.tested", by_uid="undone", source="更正")
    content, _found = comes_back(desk, "tests", officer, "archives.officialtest")
    assert [row[1] for row in rows(content)[1:]] == ["1"]
    shown = desk.get(listed(OfficialTest)).content.decode()
    assert second.uid in shown, "the ledger keeps the event itself"


def test_a_document_is_found_by_its_number_and_who_looked_is_written_down(
    desk, officer, client, django_assert_max_num_queries
):
    sent("tests", officer, *(sampled(number=f"JC-{n}", **BANNED) for n in range(30)))
    with django_assert_max_num_queries(14):
        everything = desk.get(listed(OfficialTest)).content.decode()
    assert everything.count("JC-2") > 5
    found = desk.get(listed(OfficialTest), {"q": "JC-2"}).content.decode()
    assert "JC-20" not in found
    row = OfficialTest.objects.get(uid__startswith="test:JC-2:")
    page = reverse("admin:archives_officialtest_change", args=[row.pk])
    text = desk.get(page).content.decode()
    assert "克百威" in text
    assert "检测机构：中心" in text
    assert AuditLine.objects.filter(verb="data.viewed", target_id=str(row.pk)).count() == 1
    assert desk.post(page, {"uid": "x"}).status_code == 403
    led_to = CreditEvent.objects.get(uid="test:JC-2:1:banned.found")
    other_page = reverse("admin:archives_officialtest_change", args=[led_to.pk])
    assert desk.get(other_page).status_code == 302, "what a document led to is no document"
    other = enter(client, UserFactory(role=Role.COUNTY_OFFICER, region_code="440825"))
    assert "JC-2" not in other.get(listed(OfficialTest)).content.decode()
