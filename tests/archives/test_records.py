"""Production records: entered once, checked, and what each says about credit."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from agricredit.foundation.jobs.testing import run_all_jobs
from archives.models import CreditEvent, Harvest, InputPurchase, InputUse
from archives.services.records import (
    HarvestDraft,
    RecordsRefused,
    earliest_harvest,
    record_disposal,
    record_harvest,
    record_many,
    record_pest,
    record_purchase,
    record_sale,
    record_self_test,
    record_use,
    reverse_record,
    settle_overdue_disposals,
)
from archives.services.status import change_status, merge
from archives.tasks import settle_disposals_daily
from tests.factories.accounts import UserFactory
from tests.factories.archives import PlotFactory, ProducerFactory, ProducerProductFactory, ProductFactory

pytestmark = pytest.mark.django_db
MONDAY = datetime.date(2026, 11, 2)


def day(n):
    return MONDAY + datetime.timedelta(days=n)


@pytest.fixture(autouse=True)
def _noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime.datetime(2026, 11, 20, 4, tzinfo=datetime.UTC))


@pytest.fixture
def farm():
    producer = ProducerFactory(key="FARM")
    producer.bean = ProductFactory(name="长豇豆", code="010101")
    ProducerProductFactory(producer=producer, product=producer.bean)
    producer.plot = PlotFactory(producer=producer)
    return producer


@pytest.fixture
def purchase(farm):
    return record_purchase(
        producer=farm,
        occurred_on=MONDAY,
        kind="pesticide",
        name="阿维菌素",
        ingredient="阿维菌素",
        registration_number="PD20091234",
        batch_number="20260901",
        manufacturer="某农化公司",
        supplier="某农资店",
        quantity=Decimal("10"),
        unit="瓶",
    )


@pytest.fixture
def use(farm):
    def make(**fields):
        return record_use(
            **{
                "producer": farm,
                "occurred_on": MONDAY,
                "kind": "pesticide",
                "name": "阿维菌素",
                "manufacturer": "某农化公司",
                "method": "喷雾",
                "product": farm.bean,
                "plot": farm.plot,
                "quantity": Decimal("0.5"),
                "unit": "瓶",
                "interval_days": 5,
                **fields,
            }
        )

    return make


@pytest.fixture
def harvest(farm):
    def make(n, **fields):
        return record_harvest(
            **{
                "producer": farm,
                "occurred_on": day(n),
                "product": farm.bean,
                "plot": farm.plot,
                "quantity": Decimal("120.5"),
                "unit": "公斤",
                **fields,
            }
        )

    return make


def events(row):
    """kind → (outcome, value) of the events that a record posted and that are not reversed."""
    found = CreditEvent.objects.filter(
        uid__startswith=f"{row.uid}:", reverses__isnull=True, reversals__isnull=True
    )
    return {e.event_kind.name: (e.outcome_name, e.value) for e in found}


def refused(error):
    return {fault.field: fault.message for fault in error.value.faults}


def test_a_purchase_says_whether_its_proof_is_whole(farm, purchase):
    assert events(purchase) == {
        "purchase.recorded": ("pass", None),
        "record.entered": ("none", 1800),
        "record.completed": ("none", 100),
        "record.automatic": ("fail", None),
    }
    thin = record_purchase(
        producer=farm,
        occurred_on=day(18),
        kind="pesticide",
        name="啶虫脒",
        quantity=Decimal(1),
        unit="包",
        entry="device",
    )
    assert events(thin) == {
        "purchase.recorded": ("fail", None),
        "record.entered": ("none", 0),
        "record.completed": ("none", 29),
        "record.automatic": ("pass", None),
    }


def test_a_use_is_linked_to_its_purchase_or_not(purchase, use):
    linked = use(purchase=purchase, on_label=True)
    assert events(linked)["input.used"] == ("pass", None)
    assert events(linked)["scope.checked"] == ("pass", None)
    assert linked.harvest_from == day(5)
    loose = use(on_label=False)
    assert events(loose)["input.used"] == ("fail", None)
    assert events(loose)["scope.checked"] == ("fail", None)
    assert "scope.checked" not in events(use())


def test_a_restricted_input_on_the_wrong_crop_fails_its_scope(use):
    assert events(use(name="毒死蜱", on_label=True))["scope.checked"] == ("fail", None)


def test_a_banned_input_is_refused_with_its_reason_and_leaves_nothing(farm, use):
    before = CreditEvent.objects.count()
    with pytest.raises(RecordsRefused) as error:
        use(name="3%克百威颗粒剂")
    assert refused(error) == {
        "name": "“克百威”自2026-06-01起禁止使用（2023年12月25日公告），不能登记。"
        "请停止使用并向当地农业农村部门报告。"
    }
    with pytest.raises(RecordsRefused):
        record_purchase(
            producer=farm, occurred_on=MONDAY, kind="pesticide", name="甲胺磷", quantity=Decimal(1), unit="瓶"
        )
    assert (InputUse.objects.count(), InputPurchase.objects.count()) == (0, 0)
    assert CreditEvent.objects.count() == before
    assert use(name="克百威", occurred_on=datetime.date(2026, 5, 1)).name == "克百威"


def test_the_interval_counts_from_the_last_day_of_use(farm, use, harvest):
    use(occurred_on=MONDAY, stopped_on=day(2), interval_days=7)
    use(occurred_on=MONDAY, interval_days=3)
    assert earliest_harvest(producer=farm, on=day(2)) == day(9)
    assert earliest_harvest(producer=farm, product=farm.bean, plot=farm.plot, on=day(2)) == day(9)
    assert earliest_harvest(producer=farm, plot=PlotFactory(producer=farm), on=day(2)) is None
    assert earliest_harvest(producer=farm, product=ProductFactory(), on=day(2)) is None
    assert earliest_harvest(producer=farm, on=day(9)) is None
    early, timely = harvest(8), harvest(9)
    assert events(early)["interval.checked"] == ("fail", None)
    assert events(timely)["interval.checked"] == ("pass", None)
    early.refresh_from_db()
    assert early.interval_kept is False


def test_an_interval_concerns_the_same_plot_and_product_only(farm, use, harvest):
    other = ProductFactory()
    ProducerProductFactory(producer=farm, product=other)
    use(interval_days=30)
    assert events(harvest(3, plot=PlotFactory(producer=farm)))["interval.checked"] == ("pass", None)
    assert events(harvest(3, product=other))["interval.checked"] == ("pass", None)
    assert events(harvest(3, plot=None))["interval.checked"] == ("fail", None)
    assert events(harvest(-1))["interval.checked"] == ("pass", None)


def test_a_use_entered_late_judges_the_harvest_again_and_its_reversal_once_more(use, harvest):
    batch = harvest(3)
    assert events(batch)["interval.checked"] == ("pass", None)
    late = use(interval_days=7)
    assert events(batch)["interval.checked"] == ("fail", None)
    use(interval_days=6)
    reverse_record(row=late, reason="记错地块")
    assert events(batch)["interval.checked"] == ("fail", None)
    reverse_record(row=InputUse.objects.get(interval_days=6), reason="记错地块")
    assert events(batch)["interval.checked"] == ("pass", None)
    batch.refresh_from_db()
    assert (batch.interval_kept, batch.interval_checks) == (True, 3)


def test_a_harvest_has_the_facts_of_article_27_or_not(use, harvest):
    whole = harvest(1)
    assert events(whole) == {
        "harvest.recorded": ("pass", None),
        "interval.checked": ("pass", None),
        "batch.to_standard": ("fail", None),
        "record.entered": ("none", 1700),
        "record.completed": ("none", 80),
        "record.automatic": ("fail", None),
    }
    assert events(harvest(1, plot=None))["harvest.recorded"] == ("fail", None)
    use(method="", interval_days=0)
    assert events(harvest(2, standard="DB44/T 1"))["harvest.recorded"] == ("fail", None)


def test_one_test_a_product_and_month_is_planned_for_those_the_law_binds(farm, harvest):
    for n in (0, 1, 27 - 10):
        harvest(n)
    planned = CreditEvent.objects.filter(uid__startswith="test.planned:")
    assert [(e.uid, e.value) for e in planned] == [("test.planned:FARM:010101:2026-11", 100)]
    house = ProducerFactory(natural=True)
    ProducerProductFactory(producer=house, product=farm.bean)
    harvest(0, producer=house, plot=None)
    assert planned.count() == 1


def test_a_failed_test_is_due_for_disposal_and_counts_when_settled(farm, harvest):
    batch = harvest(0)
    test = record_self_test(
        producer=farm, occurred_on=day(1), product=farm.bean, harvest=batch, method="rapid", passed=False
    )
    assert events(test)["test.self"] == ("fail", None)
    assert test.disposal_due_on == day(16)
    assert settle_overdue_disposals(on=day(16)) == 0
    assert settle_overdue_disposals(on=day(17)) == 1
    assert settle_overdue_disposals(on=day(17)) == 0
    assert events(test)["disposal.due"] == ("fail", None)
    record_disposal(test=test, disposal="全部销毁", on=day(17))
    assert events(test)["disposal.due"] == ("fail", None)  # late stays late


def test_a_disposal_in_time_is_a_pass(farm):
    test = record_self_test(
        producer=farm,
        occurred_on=day(1),
        product=farm.bean,
        method="entrusted",
        laboratory="某检测",
        passed=False,
    )
    record_disposal(test=test, disposal="改作饲料", on=day(2))
    assert events(test)["disposal.due"] == ("pass", None)
    with pytest.raises(ValidationError, match="已经登记过处置"):
        record_disposal(test=test, disposal="再来", on=day(3))
    good = record_self_test(producer=farm, occurred_on=day(1), product=farm.bean, method="self", passed=True)
    with pytest.raises(ValidationError, match="不需要处置"):
        record_disposal(test=good, disposal="x", on=day(3))


def test_a_sale_says_where_it_went_and_whether_it_can_be_traced(farm, harvest):
    batch = harvest(0)
    sale = record_sale(
        producer=farm, occurred_on=day(1), product=farm.bean, harvest=batch, buyer="霞山批发市场",
        quantity=Decimal(100), unit="公斤", trace_code="T1",
    )  # fmt: skip
    assert {k: v[0] for k, v in events(sale).items()} == {
        "sale.recorded": "pass",
        "sale.traced": "pass",
        "trace.completed": "pass",
        "record.entered": "none",
        "record.completed": "none",
        "record.automatic": "fail",
    }
    bare = record_sale(producer=farm, occurred_on=day(1), product=farm.bean, quantity=Decimal(1), unit="公斤")
    assert {k: v[0] for k, v in events(bare).items()} == {
        "sale.recorded": "fail",
        "sale.traced": "fail",
        "record.entered": "none",
        "record.completed": "none",
        "record.automatic": "fail",
    }


def test_a_pest_is_a_record_like_the_others(farm):
    pest = record_pest(producer=farm, occurred_on=MONDAY, product=farm.bean, plot=farm.plot, pest="斜纹夜蛾")
    assert events(pest) == {
        "record.entered": ("none", 1800),
        "record.completed": ("none", 60),
        "record.automatic": ("fail", None),
    }


def test_the_same_uid_is_the_same_record_and_other_content_a_conflict(harvest):
    uid = uuid.uuid4()
    first = harvest(1, uid=uid)
    count = CreditEvent.objects.count()
    assert harvest(1, uid=uid, quantity=Decimal("120.500")) == first
    assert CreditEvent.objects.count() == count
    with pytest.raises(RecordsRefused) as error:
        harvest(1, uid=uid, quantity=Decimal(7))
    assert error.value.is_conflict
    assert "已有内容不同的记录" in refused(error)["uid"]
    assert Harvest.objects.get().quantity == Decimal("120.5")


def test_all_faults_of_a_record_are_said_at_once(farm, use):
    stranger = ProducerFactory()
    with pytest.raises(RecordsRefused) as error:
        use(
            occurred_on=day(30),
            product=ProductFactory(),
            plot=PlotFactory(producer=stranger),
            purchase=uuid.uuid4(),
            quantity=Decimal(0),
            unit=" ",
            name="x" * 81,
            interval_days=None,
            stopped_on=day(29),
        )
    assert set(refused(error)) == {
        "occurred_on", "product", "plot", "purchase", "quantity", "unit", "name", "interval_days",
        "stopped_on",
    }  # fmt: skip
    assert not InputUse.objects.exists()
    assert not CreditEvent.objects.exists()


def test_a_phones_clock_may_run_one_day_ahead(harvest):
    assert harvest(19).pk
    with pytest.raises(RecordsRefused) as error:
        harvest(20)
    assert refused(error) == {"occurred_on": "日期不能晚于今天。"}


def test_closed_and_merged_producers_take_no_records(farm, harvest):
    change_status(producer=farm, status="closed", reason="注销")
    with pytest.raises(RecordsRefused) as error:
        harvest(1)
    assert refused(error) == {"producer": "该主体已注销，不能再记录。"}
    change_status(producer=farm, status="active", reason="恢复")
    merge(producer=farm, into=ProducerFactory(), reason="重复")
    with pytest.raises(RecordsRefused) as error:
        harvest(1)
    assert refused(error) == {"producer": "该主体已合并，请记在合并后的主体名下。"}


def test_a_record_of_anothers_batch_or_product_is_refused(farm, harvest):
    batch = harvest(5)
    other = ProductFactory()
    ProducerProductFactory(producer=farm, product=other)
    sale = {"producer": farm, "quantity": Decimal(1), "unit": "公斤"}
    with pytest.raises(RecordsRefused) as error:
        record_sale(occurred_on=day(6), product=other, harvest=batch, **sale)
    assert refused(error) == {"harvest": "这个批次是另一种产品。"}
    with pytest.raises(RecordsRefused) as error:
        record_sale(occurred_on=day(4), product=farm.bean, harvest=batch, **sale)
    assert refused(error) == {"occurred_on": "日期早于所关联记录的日期2026-11-07。"}


def test_a_batch_number_is_used_once(harvest):
    first = harvest(1, batch="A-1")
    with pytest.raises(RecordsRefused) as error:
        harvest(2, batch="A-1")
    assert refused(error) == {"batch": "批次号“A-1”已经用过。"}
    reverse_record(row=first, reason="重记")
    assert harvest(2, batch="A-1").batch == "A-1"


def test_reversing_marks_the_record_and_takes_its_events_back(farm, harvest):
    officer = UserFactory()
    batch = harvest(1)
    reverse_record(row=batch, reason="数量记错", actor=officer)
    batch.refresh_from_db()
    assert (batch.status, batch.reverse_reason, batch.reversed_by) == ("reversed", "数量记错", officer)
    assert events(batch) == {}
    assert CreditEvent.objects.filter(reverses__isnull=False).count() == 6
    assert AuditLine.objects.get(verb="record.reversed").facts["reason"] == "数量记错"
    with pytest.raises(ValidationError, match="已经撤销"):
        reverse_record(row=batch, reason="再来")
    with pytest.raises(ValidationError):
        reverse_record(row=harvest(2), reason=" ")


def test_a_record_that_others_build_on_is_not_reversed(farm, purchase, use, harvest):
    use(purchase=purchase)
    with pytest.raises(ValidationError, match="请先撤销用药记录"):
        reverse_record(row=purchase, reason="x")
    batch = harvest(9)
    record_sale(
        producer=farm, occurred_on=day(9), product=farm.bean, harvest=batch, quantity=Decimal(1), unit="斤"
    )
    with pytest.raises(ValidationError, match="已有销售或检测记录"):
        reverse_record(row=batch, reason="x")
    assert events(batch)["harvest.recorded"] == ("pass", None)


def drafts(farm, count):
    return [
        HarvestDraft(
            uid=uuid.UUID(int=n + 1),
            producer_id=farm.pk,
            occurred_on=day(n % 15),
            product_id=farm.bean.pk,
            plot_id=farm.plot.pk,
            quantity=Decimal(n + 1),
            unit="公斤",
            entered_at=datetime.datetime(2026, 11, 19, 4, tzinfo=datetime.UTC),
        )
        for n in range(count)
    ]


def test_many_are_entered_in_a_fixed_number_of_queries(farm, django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        entered = record_many("harvest", drafts(farm, 300))
    assert (len(entered.rows), entered.existing) == (300, 0)
    assert CreditEvent.objects.count() == 300 * 6 + 1
    assert AuditLine.objects.filter(verb="record.entered").count() == 1
    again = record_many("harvest", drafts(farm, 301))
    assert (len(again.rows), again.existing) == (301, 300)
    assert Harvest.objects.count() == 301


def test_one_fault_among_many_keeps_all_out_and_says_which(farm):
    given = drafts(farm, 3)
    bad = [given[0], HarvestDraft(**{**_as_dict(given[1]), "quantity": Decimal(-1)}), given[0]]
    with pytest.raises(RecordsRefused) as error:
        record_many("harvest", bad)
    assert [(f.index, f.field) for f in error.value.faults] == [(1, "quantity"), (0, "uid"), (2, "uid")]
    assert not Harvest.objects.exists()


def _as_dict(draft):
    from dataclasses import asdict

    return asdict(draft)


def test_a_record_is_entered_in_few_queries(farm, harvest, django_assert_max_num_queries):
    with django_assert_max_num_queries(26):
        harvest(1)


def test_the_nightly_job_settles_what_is_overdue(farm):
    test = record_self_test(
        producer=farm, occurred_on=day(-20), product=farm.bean, method="rapid", passed=False
    )
    settle_disposals_daily()
    assert "archives.settle_disposals" in {job.kind for job in run_all_jobs()}
    assert events(test)["disposal.due"] == ("fail", None)
