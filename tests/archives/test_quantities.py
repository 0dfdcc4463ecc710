"""Figures that must fit: a reason is asked for, beyond the tolerance officers verify; nothing is stopped."""

import datetime
from decimal import Decimal

import pytest

from archives.models import CreditEvent, Harvest, InputUse, RecordReview, Sale
from archives.services.records import (
    HarvestDraft,
    RecordsRefused,
    UseDraft,
    record_many,
    record_sale,
    reverse_record,
)
from archives.services.records.units import kilograms, measured
from tests.archives.conftest import buy, pick, spray
from tests.archives.recording import day, refused


def sell(field, batch, kilos, **fields):
    given = {"product": field.bean, "harvest": batch, "quantity": Decimal(kilos), "unit": "公斤"}
    return record_sale(producer=field, occurred_on=day(3), **{**given, **fields})


@pytest.mark.parametrize(
    ("quantity", "unit", "amount"),
    [("2", "公斤", ("mass", 2000)), ("3", "斤", ("mass", 1500)), ("1", " KG", ("mass", 1000)),
     ("1.5", "升", ("volume", 1500)), ("7", "瓶", ("瓶", 7))],
)  # fmt: skip
def test_amounts_are_compared_in_common_measures(quantity, unit, amount):
    assert measured(Decimal(quantity), unit) == amount


def test_pieces_are_no_weight():
    assert kilograms(Decimal(3), "盒") is None


def test_more_used_than_bought_asks_for_a_reason_and_keeps_nothing(field):
    bought = buy(field, quantity=Decimal(2))
    spray(field, purchase=bought, quantity=Decimal("1.5"))
    events = CreditEvent.objects.count()
    with pytest.raises(RecordsRefused) as error:
        spray(field, purchase=bought, quantity=Decimal("0.6"))
    assert refused(error) == {"reason": "这次采购只有2瓶，加上这次就用超了；确实如此请写明原因。"}
    assert (InputUse.objects.count(), CreditEvent.objects.count()) == (1, events)


def test_with_a_reason_it_is_kept_and_beyond_the_tolerance_officers_verify_it(field):
    bought = buy(field, quantity=Decimal(2))
    little = spray(field, purchase=bought, quantity=Decimal("2.2"), reason="量杯误差")
    assert (little.reason, little.doubts) == ("量杯误差", [])
    much = spray(field, purchase=bought, quantity=Decimal("0.1"), reason="还有去年的")
    assert much.doubts == ["over_bought"]
    review = RecordReview.objects.get(uid=much.uid)
    assert review.notes["quantity"] == "使用多于购买；说明：还有去年的"


def test_millilitres_used_are_compared_with_bottles_bought_by_their_content(field):
    bought = buy(field, quantity=Decimal(2), pack_quantity=Decimal(100), pack_unit="毫升")
    spray(field, purchase=bought, quantity=Decimal(150), unit="毫升")
    with pytest.raises(RecordsRefused):
        spray(field, purchase=bought, quantity=Decimal(1), unit="瓶")
    unknown = buy(field, quantity=Decimal(2))
    assert spray(field, purchase=unknown, quantity=Decimal(900), unit="毫升").doubts == []


def test_a_reversed_use_gives_its_amount_back(field):
    bought = buy(field, quantity=Decimal(2))
    reverse_record(row=spray(field, purchase=bought, quantity=Decimal(2)), reason="记错")
    assert spray(field, purchase=bought, quantity=Decimal(2)).doubts == []


def test_sums_are_carried_on_within_one_load(field):
    bought = buy(field, quantity=Decimal(2))
    common = {"producer_id": field.pk, "product_id": field.bean.pk, "plot_id": field.plot.pk, "unit": "瓶"}
    drafts = [
        UseDraft(
            occurred_on=day(1), kind="pesticide", name="自配药", purchase=bought.uid, interval_days=1,
            quantity=Decimal(1), **common,
        )
        for _ in range(3)
    ]  # fmt: skip
    with pytest.raises(RecordsRefused) as error:
        record_many("use", drafts)
    assert [(fault.index, fault.field) for fault in error.value.faults] == [(2, "reason")]
    assert InputUse.objects.count() == 0


def test_more_sold_than_harvested_asks_for_a_reason(field):
    batch = pick(field, day(1))
    sell(field, batch, 60)
    sell(field, batch, 45)  # scales differ
    with pytest.raises(RecordsRefused) as error:
        sell(field, batch, 1)
    assert refused(error) == {"reason": "这一批还剩0公斤可卖；确实卖了更多请写明原因。"}
    assert sell(field, batch, 1, reason="分两次称").doubts == []
    assert sell(field, batch, 60, reason="加了邻居的").doubts == ["over_harvest"]
    assert Sale.objects.count() == 4


def test_a_yield_that_no_field_bears_asks_for_a_reason(field):
    pick(field, day(1), quantity=Decimal(14))  # 5 mu × 3000 kg a year
    with pytest.raises(RecordsRefused) as error:
        pick(field, day(2), quantity=Decimal(15), unit="吨")
    assert "5亩地一年收的长豇豆超过了常规产量（每亩3000公斤）" in refused(error)["reason"]
    assert pick(field, day(2), quantity=Decimal(15), unit="吨", reason="套种两茬").doubts == []
    assert pick(field, day(3), quantity=Decimal(5), unit="吨", reason="丰收").doubts == ["over_yield"]
    last_year = pick(field, datetime.date(2025, 11, 2), quantity=Decimal(14), unit="吨")
    assert last_year.doubts == []


def test_without_a_plot_the_holding_of_the_product_is_the_measure(field):
    field.products.update(area_mu=1)
    with pytest.raises(RecordsRefused):
        pick(field, day(1), quantity=Decimal(3001), plot=None)
    pick(field, day(1), quantity=Decimal(2000))  # on the plot
    with pytest.raises(RecordsRefused):
        pick(field, day(1), quantity=Decimal(1001), plot=None)
    assert Harvest.objects.count() == 1


def test_sums_of_harvests_are_carried_on_within_one_load(field):
    common = {"producer_id": field.pk, "product_id": field.bean.pk, "unit": "吨", "occurred_on": day(1)}
    drafts = [HarvestDraft(quantity=Decimal(8), plot_id=field.plot.pk, **common) for _ in range(2)]
    with pytest.raises(RecordsRefused) as error:
        record_many("harvest", drafts)
    assert [(fault.index, fault.field) for fault in error.value.faults] == [(1, "reason")]


def test_a_pack_needs_its_unit(field):
    with pytest.raises(RecordsRefused) as error:
        buy(field, pack_quantity=Decimal(100))
    assert set(refused(error)) == {"pack_quantity"}
