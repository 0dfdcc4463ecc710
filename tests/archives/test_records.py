"""Production records: entered once, checked, and what each says about credit."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from archives.models import CreditEvent, InputPurchase, InputUse
from archives.services.records import (
    RecordsRefused,
    earliest_harvest,
    record_disposal,
    record_pest,
    record_purchase,
    record_sale,
    record_self_test,
    reverse_record,
    settle_overdue_disposals,
)
from tests.archives.recording import (
    MONDAY,
    _noon,
    day,
    events,
    farm,
    harvest,
    purchase,
    refused,
    use,
)
from tests.factories.archives import PlotFactory, ProducerFactory, ProducerProductFactory, ProductFactory

__all__ = ["_noon", "farm", "harvest", "purchase", "use"]
pytestmark = pytest.mark.django_db


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
        "name": "“克百威”自2026年6月1日起禁止使用（2023年12月25日公告），不能登记。"
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
    early, timely = harvest(8, reason="台风前抢收"), harvest(9)
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
    assert events(harvest(3, plot=None, reason="台风前抢收"))["interval.checked"] == ("fail", None)
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
