"""What goes to another platform once it was taken back, official tests of ours, and exchanges cut short."""

import datetime

import pytest

from agricredit.foundation.common import clock
from archives.models import CreditEvent, ExternalId, Harvest, PlatformRun, Product
from archives.services import ledger
from archives.services.records import record_harvest, reverse_record
from tests.archives.exchange.files import sent
from tests.archives.exchange.platform import (
    CODE,
    HARVESTS,
    PRODUCERS,
    PUBLIC,
    TESTS,
    exchange,
    last,
    subject,
)
from tests.archives.exchange.test_fact_imports import sampled
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory, ProducerProductFactory, ProductFactory

pytestmark = pytest.mark.django_db
STATE = {"status": {"0": "有效", "9": "已撤销"}}
TESTS_OUT = {
    **TESTS, "directions": ["pull", "push"], "fields": {**TESTS["fields"], "state": "status"},
    "words": {**TESTS["words"], "passed": {"Y": "合格", "N": "不合格"}, **STATE},
}  # fmt: skip
HARVESTS_OUT = {**HARVESTS, "fields": {**HARVESTS["fields"], "state": "status"}, "words": STATE}


@pytest.fixture
def farm():
    producer = ProducerFactory(key="SX-1", credit_code=CODE)
    ProducerProductFactory(producer=producer, product=ProductFactory(name="长豇豆"))
    return producer


def harvested(farm, batch="PC-1"):
    return record_harvest(
        producer=farm, occurred_on=datetime.date(2026, 10, 2), product=Product.objects.get(name="长豇豆"),
        quantity=5, unit="公斤", batch=batch,
    )  # fmt: skip


def test_official_tests_go_out_once_under_the_producers_number_and_again_when_taken_back(
    other, configured, farm
):
    configured(producers=PRODUCERS, tests=TESTS_OUT)
    officer = UserFactory()
    banned = {"passed": "不合格", "excess": "禁用药物", "items": "克百威"}
    sent("tests", officer, sampled(), sampled(sample="2", **banned), sampled(sample="3"))
    ledger.reverse(uid="test:JC-1:3:sampling.tested", by_uid="slip", source="更正")
    exchange()
    first, second = other.sent["/tests"]
    there = ExternalId.objects.get(noun="producers").theirs
    assert (first["subjectId"], first["sampleNo"], first["conclusion"], first["state"]) == (
        there,
        "1",
        "Y",
        "0",
    )
    assert second["conclusion"] == "N"
    exchange()
    assert len(other.sent["/tests"]) == 2, "one a document; one taken back before it went never goes"
    ledger.reverse(uid="test:JC-1:1:sampling.tested", by_uid="undone", source="更正")
    exchange()
    exchange()
    (told,) = other.sent["/tests"][2:]
    assert (told["testId"], told["state"]) == (ExternalId.objects.get(ours__contains=":1:").theirs, "9")
    assert last("tests", "push").faulty == 0


def test_tests_of_theirs_are_not_sent_back(other, configured):
    configured(producers=PRODUCERS, tests=TESTS_OUT)
    other.items["/subjects"] = [subject()]
    other.items["/tests"] = [{"testId": "T1", "subjectId": "S1", "reportNo": "JC-9", "sampleNo": "1",
        "testType": "1", "sampleName": "豇豆", "sampleDate": "2026-03-01", "effectDate": "2026-03-20",
        "conclusion": "Y", "lab": "中心", "state": "0", "updateTime": "2026-03-21"}]  # fmt: skip
    exchange()
    exchange()
    assert CreditEvent.objects.filter(source="import.tests").count() == 1
    assert "/tests" not in other.sent
    assert last("tests", "push").faulty == 0


@pytest.mark.parametrize(("mapping", "told"), [(HARVESTS_OUT, ["0", "9"]), (HARVESTS, [None])])
def test_a_reversed_record_is_told_where_there_is_a_field_for_it(other, configured, farm, mapping, told):
    configured(producers=PRODUCERS, record_harvest=mapping)
    row = harvested(farm)
    exchange()
    reverse_record(row=row, reason="写错了")
    reverse_record(row=harvested(farm, "PC-2"), reason="写错了")
    exchange()
    exchange()
    assert [item.get("state") for item in other.sent["/harvests"]] == told


def test_what_is_refused_there_and_taken_back_here_is_not_tried_for_ever(other, configured, farm):
    row = harvested(farm)
    other.refuse = lambda item: "" if "subjectName" in item else "批次重复"
    exchange()
    assert last("record_harvest", "push").faulty == 1
    reverse_record(row=row, reason="写错了")
    exchange()
    exchange()
    assert last("record_harvest", "push").faulty == 0
    assert not ExternalId.objects.exclude(error="").exists()


def test_what_they_take_back_is_an_officers_to_take_back_here(other, configured, farm):
    configured(producers=PRODUCERS, record_harvest=HARVESTS_OUT)
    other.items["/subjects"] = [subject()]
    item = {"harvestId": "H1", "subjectId": "S1", "harvestDate": "2026-10-02", "productName": "长豇豆",
            "batchNo": "PC-1", "amount": 120.5, "unit": "公斤", "state": "0",
            "updateTime": "2026-10-02"}  # fmt: skip
    never_here = {**item, "harvestId": "H2", "batchNo": "PC-2", "state": "9"}
    other.items["/harvests"] = [item, never_here]
    exchange()
    assert (last("record_harvest", "pull").written, Harvest.objects.count()) == (1, 1)
    other.items["/harvests"] = [{**item, "state": "9", "updateTime": "2026-10-05"}, never_here]
    exchange()
    run = last("record_harvest", "pull")
    assert (run.written, run.faulty) == (0, 1)
    assert "H1 harvestId：对方已撤销，请核对后在本平台撤销。" in run.message
    assert Harvest.objects.get().status == "active"
    reverse_record(row=Harvest.objects.get(), reason="对方平台已撤销")
    exchange()
    assert (last("record_harvest", "pull").faulty, last("record_harvest", "pull").cursor) == (0, "2026-10-05")


def test_a_run_whose_process_was_killed_is_closed_by_the_next_which_goes_on(other, configured):
    killed = PlatformRun.objects.create(
        platform="province", noun="producers", direction="pull", state="running", started_at=clock.now(),
        cursor="2026-09-01", region_code="440823",
    )  # fmt: skip
    other.items["/subjects"] = [subject()]
    exchange()
    killed.refresh_from_db()
    assert (killed.state, killed.finished_at is None) == ("failed", False)
    assert "中断" in killed.message
    assert other.asked[0][1]["since"] == "2026-09-01"
    assert not PlatformRun.objects.filter(state="running").exists()


def test_public_items_of_persons_are_refused_by_name(other, configured):
    configured(producers=PRODUCERS, public_credit={**PUBLIC, "subject": "subjectId"})
    other.items["/subjects"] = [subject(subjectId="S2", subjectType="7", legalNature="D", creditCode="")]
    other.items["/public-credit"] = [{"dataId": "D1", "docNo": "GX-1", "subjectId": "S2", "itemCode": "04",
        "result": "0", "effectDate": "2026-06-30", "agency": "税务局",
        "updateTime": "2026-07-01"}]  # fmt: skip
    exchange()
    run = last("public_credit", "pull")
    assert (run.written, run.faulty) == (0, 1)
    assert "自然人" in run.message
    assert not CreditEvent.objects.filter(source="import.public_credit").exists()


def test_a_record_whose_transaction_ended_late_is_sent_though_later_ones_went_before(other, configured, farm):
    late, early = harvested(farm), harvested(farm, "PC-2")
    Harvest.objects.filter(pk=late.pk).update(
        status="reversed", reversed_at=clock.now(), reverse_reason="未见"
    )
    exchange()
    assert [item["batchNo"] for item in other.sent["/harvests"]] == ["PC-2"]
    assert late.entered_at < early.entered_at
    Harvest.objects.filter(pk=late.pk).update(status="active", reversed_at=None, reverse_reason="")
    exchange()
    exchange()
    assert [item["batchNo"] for item in other.sent["/harvests"]] == ["PC-2", "PC-1"]
