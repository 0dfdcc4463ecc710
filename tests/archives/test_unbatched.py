"""A sale that names no batch does not slip past an interval: taken from the only one, or asked for."""

import datetime
from decimal import Decimal

import pytest

from archives.models import CreditEvent, Harvest, RecordReview, Sale
from archives.services.records import RecordsRefused, SaleDraft, record_many, record_sale, reverse_record
from tests.archives.conftest import MONDAY, pick, spray
from tests.factories.archives import PlotFactory, ProducerProductFactory, ProductFactory


def day(count):
    return MONDAY + datetime.timedelta(days=count)


def sell(field, count, quantity=10, **fields):
    given = {"product": field.bean, "quantity": Decimal(quantity), "unit": "公斤", "buyer": "市场"}
    return record_sale(producer=field, occurred_on=day(count), **{**given, **fields})


def refused(field, count, **fields):
    """What is said of the sale, by field; nothing of it is kept."""
    before = Sale.objects.count(), CreditEvent.objects.count()
    with pytest.raises(RecordsRefused) as error:
        sell(field, count, **fields)
    assert (Sale.objects.count(), CreditEvent.objects.count()) == before
    return {fault.field: fault.message for fault in error.value.faults}


def test_without_an_interval_no_batch_need_be_named(field):
    spray(field, interval_days=3)
    pick(field, day(3))
    assert sell(field, 4).harvest is None
    assert sell(field, -1).harvest is None  # sold before anything was used


def test_the_only_batch_there_is_is_the_one_sold_and_its_amount_counts(field):
    batch = pick(field, day(0))
    spray(field, day(1))
    assert sell(field, 2, 60).harvest == batch
    assert sell(field, 2, 30).harvest == batch
    assert "还剩10公斤可卖" in refused(field, 3, quantity=30)["reason"]
    assert sell(field, 3, 30, reason="称重误差").harvest == batch


def test_of_several_batches_one_is_asked_for(field):
    first, second = pick(field, day(-1)), pick(field, day(0))
    spray(field, day(1))
    said = refused(field, 2)
    assert said["harvest"] == (
        f"长豇豆有的没过安全间隔期，不能卖。卖的是哪一批？还没卖完的有{second.batch}（11月2日）、{first.batch}（11月1日）。"
    )
    assert "说不清是哪一批" in said["reason"]
    assert sell(field, 2, harvest=first).harvest == first
    untold = sell(field, 2, reason="两批混着卖的")
    assert untold.harvest is None
    assert "两批混着卖的" in RecordReview.objects.get(uid=untold.uid).notes["unusual"]


def test_a_batch_sold_out_reversed_or_long_gone_is_none_of_them(field):
    gone, taken_back, last = pick(field, day(-70)), pick(field, day(-1)), pick(field, day(0))
    sell(field, 0, 100, harvest=(sold_out := pick(field, day(0))))
    reverse_record(row=taken_back, reason="记错")
    spray(field, day(1))
    assert sell(field, 2).harvest == last
    assert not gone.sales.exists()
    assert sold_out.sales.count() == 1


def test_where_all_must_wait_nothing_is_sold_before_the_day(field):
    spray(field, day(0), interval_days=9)
    said = refused(field, 3)
    assert said["reason"].startswith(
        "长豇豆 11月11日起才可采收，没到日子的不能卖（农产品质量安全法第三十六条）。"
    )
    sale = sell(field, 3, reason="台风前已经卖了")
    assert "台风前已经卖了" in RecordReview.objects.get(uid=sale.uid).notes["unusual"]
    assert sell(field, 9).harvest is None


def test_a_batch_harvested_too_early_stays_unsold_after_its_day(field):
    spray(field, interval_days=5)
    early = pick(field, day(2), reason="抢收")
    assert "没到日子就采了，不能卖" in refused(field, 10)["reason"]
    assert sell(field, 10, reason="已经卖了").harvest == early
    pick(field, day(3), reason="又抢收")
    assert refused(field, 10)["reason"].startswith("没卖完的长豇豆都是没到日子就采的，不能卖")
    kept = pick(field, day(11))
    assert set(refused(field, 12)) == {"harvest", "reason"}
    assert sell(field, 12, harvest=kept).harvest == kept


def test_milk_waits_its_own_days_and_another_shed_is_sold_by_its_batch(field):
    milk = ProductFactory(code="020301", name="生牛乳", category="生鲜乳", sector="livestock", animal="牛")
    ProducerProductFactory(producer=field, product=milk)
    shed, other = PlotFactory(producer=field, name="一号舍"), PlotFactory(producer=field, name="二号舍")
    spray(field, kind="veterinary_drug", name="头孢噻呋", product=milk, plot=shed, interval_days=4)
    said = refused(field, 2, product=milk)["reason"]
    assert said.startswith("生牛乳 11月6日起才可上市")
    assert "收蛋挤奶" in said
    fresh = pick(field, day(2), product=milk, plot=other)
    assert sell(field, 2, product=milk).harvest == fresh


def test_a_load_carries_on_what_its_rows_have_sold_in_few_questions(field, django_assert_max_num_queries):
    batch = pick(field, day(0))
    spray(field, day(1), interval_days=9)

    def draft(count, quantity=50, **more):
        return SaleDraft(
            producer_id=field.pk, product_id=field.bean.pk, occurred_on=day(count),
            quantity=Decimal(quantity), unit="公斤", buyer="市场", **more,
        )  # fmt: skip

    with pytest.raises(RecordsRefused) as error:
        record_many("sale", [draft(2), draft(2), draft(3), draft(12), draft(-1)])
    assert [(fault.index, fault.field) for fault in error.value.faults] == [(2, "reason")]
    with django_assert_max_num_queries(28):
        rows = record_many("sale", [draft(2), draft(2), draft(12), draft(-1)]).rows
    assert [row.harvest_id for row in rows] == [batch.pk, batch.pk, None, None]
    again = [draft(2, uid=rows[0].uid)]
    assert record_many("sale", again).existing == 1  # known by what was sent, not by what was made of it
    assert Harvest.objects.count() == 1


def test_a_day_before_all_calendars_is_a_fault_like_any(field):
    spray(field)
    with pytest.raises(RecordsRefused, match="日期太早"):
        record_sale(
            producer=field,
            occurred_on=datetime.date.min,
            product=field.bean,
            quantity=Decimal(1),
            unit="公斤",
        )
