"""Decided facts from documents: the right kinds, once a document, entities only where the law says so."""

import pytest

from archives.ledger.kinds import KIND_BY_NUMBER
from archives.models import CreditEvent
from tests.archives.exchange.files import faults, figures, looked_at, sent
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture(autouse=True)
def farm():
    return ProducerFactory(key="SX-1")


def posted():
    return {
        (KIND_BY_NUMBER[e.kind].name, e.outcome_name, e.value) for e in CreditEvent.objects.order_by("pk")
    }


def sampled(**more):
    return {
        "number": "JC-1", "sample": "1", "producer": "SX-1", "kind": "监督抽查", "product": "长豇豆",
        "sampled_on": "2026-03-01", "effective_on": "2026-03-20", "passed": "合格", "laboratory": "中心",
        **more,
    }  # fmt: skip


def penalty(**more):
    return {
        "number": "罚〔2026〕1号", "producer": "SX-1", "authority": "局", "types": "罚款;责令停产停业",
        "procedure": "普通程序", "effective_on": "2026-04-10", "facts": "未按规定保存生产记录", **more,
    }  # fmt: skip


def public(**more):
    return {
        "number": "GX-1", "producer": "SX-1", "item": "登记状态", "result": "正常",
        "effective_on": "2026-06-30", "agency": "市监局", **more,
    }  # fmt: skip


def test_official_tests_are_kept_apart(officer):
    sent(
        "tests", officer,
        sampled(),
        sampled(sample="2", passed="不合格", excess="超限量", items="毒死蜱"),
        sampled(sample="3", passed="不合格", excess="禁用药物", items="克百威"),
        sampled(sample="4", kind="风险监测", passed="不合格"),
        sampled(sample="5", kind="快速检测"),
    )  # fmt: skip
    assert posted() == {
        ("sampling.tested", "pass", None), ("sampling.tested", "fail", None),
        ("sampling.exceeded", "none", None), ("banned.found", "none", None),
        ("monitoring.tested", "fail", None), ("rapid.tested", "pass", None),
    }  # fmt: skip
    assert CreditEvent.objects.count() == 7
    failed = CreditEvent.objects.get(kind=45)
    assert (failed.incident, failed.source, str(failed.occurred_on)) == (
        "test:JC-1:2", "import.tests", "2026-03-20",
    )  # fmt: skip
    assert figures(looked_at("tests", officer, sampled())) == (0, 0, 1, 0)


def test_a_test_with_other_words_under_the_same_number_is_refused(officer):
    sent("tests", officer, sampled())
    batch = looked_at("tests", officer, sampled(passed="不合格", excess="超限量", items="毒死蜱"))
    assert figures(batch) == (0, 0, 0, 1)
    assert CreditEvent.objects.count() == 1


def test_faults_of_tests(officer):
    batch = looked_at(
        "tests", officer,
        sampled(passed="不合格"),
        sampled(sample="2", effective_on="2026-02-01"),
        sampled(sample="3", effective_on="2099-01-01"),
        sampled(sample="4", items="毒死蜱"),
        sampled(sample="5"),
        sampled(sample="5"),
        sampled(sample="6", kind="抽检"),
    )  # fmt: skip
    assert set(faults(batch)) == {
        (2, "excess"), (2, "items"), (3, "effective_on"), (4, "effective_on"), (5, "passed"), (7, "number"),
        (8, "kind"),
    }  # fmt: skip


def test_one_unreadable_cell_hides_no_other_fault_of_its_row(officer):
    batch = looked_at(
        "tests", officer,
        sampled(laboratory="站" * 121, effective_on="2026-02-01", passed="不合格"),
        sampled(sample="2", producer="NO-1", kind="抽检", effective_on="2099-01-01"),
    )  # fmt: skip
    assert set(faults(batch)) == {
        (2, "laboratory"), (2, "effective_on"), (2, "excess"), (2, "items"),
        (3, "producer"), (3, "kind"), (3, "effective_on"),
    }  # fmt: skip
    batch = looked_at("penalties", officer, penalty(types="罚金", fulfilled="按期履行", producer="NO-1"))
    assert set(faults(batch)) == {(2, "types"), (2, "fulfilled_on"), (2, "producer")}
    batch = looked_at(
        "public_credit", officer, public(agency="局" * 81, result="", effective_on="2099-01-01")
    )
    assert set(faults(batch)) == {(2, "agency"), (2, "result"), (2, "effective_on")}


def test_a_penalty_weighs_by_its_kind_and_is_completed_later(officer):
    sent("penalties", officer, penalty(findings="伪造记录或合格证"))
    sent("penalties", officer, penalty(number="2号", types="警告", procedure="简易程序"))
    assert posted() == {
        ("penalty.imposed", "none", 1000), ("penalty.serious", "none", None), ("record.forged", "none", None),
        ("penalty.imposed", "none", 300),
    }  # fmt: skip
    later = penalty(findings="伪造记录或合格证", fulfilled="按期履行", fulfilled_on="2026-05-01")
    batch = sent("penalties", officer, later)
    assert figures(batch) == (0, 1, 0, 0)
    assert ("penalty.fulfilled", "pass", None) in posted()
    assert CreditEvent.objects.count() == 5
    assert figures(looked_at("penalties", officer, later)) == (0, 0, 1, 0)


def test_a_penalty_for_a_failed_sample_is_one_incident(officer):
    sent("tests", officer, sampled(passed="不合格", excess="超限量", items="毒死蜱"))
    sent("penalties", officer, penalty(incident="JC-1:1"))
    assert set(CreditEvent.objects.values_list("incident", flat=True)) == {"test:JC-1:1"}


def test_faults_of_penalties(officer):
    batch = looked_at(
        "penalties", officer,
        penalty(types="罚金"),
        penalty(number="2", fulfilled="按期履行"),
        penalty(number="3", fulfilled="按期履行", fulfilled_on="2026-04-01"),
        penalty(number="4", effective_on="2099-01-01"),
    )  # fmt: skip
    assert set(faults(batch)) == {
        (2, "types"), (3, "fulfilled_on"), (4, "fulfilled_on"), (5, "effective_on"),
    }  # fmt: skip
    assert not CreditEvent.objects.exists()


def test_public_items_of_entities(officer):
    sent(
        "public_credit", officer, public(valid_until="2026-12-31"),
        public(number="GX-2", item="公共信用评价", result="", percentile="0.85"),
        public(number="GX-3", item="公共信用评价", result="", percentile="-1"),
    )  # fmt: skip
    assert posted() == {
        ("registry.status", "pass", None), ("public_credit.percentile", "none", 85),
        ("public_credit.percentile", "none", -100),
    }  # fmt: skip
    assert str(CreditEvent.objects.get(kind=106).valid_until) == "2026-12-31"


def test_natural_persons_and_items_outside_the_catalogue_are_refused(officer):
    ProducerFactory(key="NR-1", natural=True)
    batch = looked_at(
        "public_credit", officer,
        public(producer="NR-1"),
        public(number="2", item="婚姻状况"),
        public(number="3", result=""),
        public(number="4", percentile="0.5"),
        public(number="5", item="公共信用评价", result="", percentile="1.5"),
        public(number="6", valid_until="2026-01-01"),
    )  # fmt: skip
    said = faults(batch)
    assert "自然人" in said[2, "producer"]
    assert set(said) == {
        (2, "producer"), (3, "item"), (4, "result"), (5, "percentile"), (6, "percentile"), (7, "valid_until"),
    }  # fmt: skip
    assert not CreditEvent.objects.exists()
