"""Production records from files: through the one way in, known by number or content, never changed."""

from datetime import date
from decimal import Decimal

import pytest

from archives.models import CreditEvent, Harvest, InputPurchase, InputUse, Record, Sale, SelfTest
from archives.services.records import reverse_record
from archives.services.sheets import SHEETS
from archives.services.sheets.columns import Wrong, as_date, as_decimal
from tests.archives.exchange.files import (
    checked,
    faults,
    figures,
    filled,
    imported,
    looked_at,
    sent,
    table,
    workbook,
)
from tests.factories.accounts import UserFactory
from tests.factories.archives import PlotFactory, ProducerFactory, ProducerProductFactory, ProductFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture
def farm():
    producer = ProducerFactory(key="SX-1")
    ProducerProductFactory(producer=producer, product=ProductFactory(name="长豇豆", code="V01"))
    PlotFactory(producer=producer, name="东地")
    return producer


def bought(**more):
    return {
        "uid": "CG-1", "producer": "SX-1", "occurred_on": "2026/3/1", "kind": "农药", "name": "阿维菌素",
        "registration_number": "PD1", "manufacturer": "厂", "supplier": "店", "quantity": "10", "unit": "瓶",
        **more,
    }  # fmt: skip


def used(**more):
    return {
        "uid": "SY-1", "producer": "SX-1", "occurred_on": "2026年3月5日", "kind": "农药", "name": "阿维菌素",
        "product": "长豇豆", "plot": "东地", "purchase": "CG-1", "target": "蓟马", "method": "喷雾",
        "quantity": "2", "unit": "瓶", "interval_days": "7", "on_label": "是", **more,
    }  # fmt: skip


def harvested(**more):
    return {
        "producer": "SX-1", "occurred_on": "2026-03-15", "product": "V01", "plot": "东地", "batch": "PC-1",
        "quantity": "500", "unit": "公斤", **more,
    }  # fmt: skip


def test_commas_of_thousands_are_read_and_others_are_not():
    assert as_decimal("1，234,567.5", 3) == Decimal("1234567.5")
    for text in ("1,5", "12,34", "1,2,3"):
        with pytest.raises(Wrong, match="应为数字"):
            as_decimal(text, 3)


def test_a_day_may_bear_the_midnight_that_spreadsheets_add():
    for text in ("2026-01-05 00:00:00", "2026/1/5 0:00", "2026-01-05T00:00:00.000"):
        assert as_date(text) == date(2026, 1, 5)
    for text in ("2026/1/5 8:30", "2026/1/5 0", "2026/13/5 0:00"):
        with pytest.raises(Wrong, match="应为日期"):
            as_date(text)


def test_a_season_comes_in_sheet_by_sheet(officer, farm):
    assert sent("record_purchase", officer, bought()).written == 1
    assert sent("record_use", officer, used()).written == 1
    assert sent("record_harvest", officer, harvested()).written == 1
    tested = {"producer": "SX-1", "occurred_on": "2026-03-15", "product": "长豇豆", "harvest": "PC-1",
              "method": "快速检测", "passed": "合格"}  # fmt: skip
    sold = {"producer": "SX-1", "occurred_on": "2026-03-16", "product": "长豇豆", "harvest": "PC-1",
            "quantity": "300", "unit": "公斤", "buyer": "市场"}  # fmt: skip
    assert sent("record_self_test", officer, tested).written == 1
    assert sent("record_sale", officer, sold).written == 1
    use = InputUse.objects.get()
    assert (use.purchase, use.plot.name, use.entry) == (InputPurchase.objects.get(), "东地", "import")
    harvest = Harvest.objects.get()
    assert harvest.interval_kept
    assert SelfTest.objects.get().harvest == Sale.objects.get().harvest == harvest
    kinds = set(CreditEvent.objects.values_list("kind", flat=True))
    assert {1, 2, 3, 7, 8, 40} <= kinds


def test_the_same_file_twice_records_nothing_twice(officer, farm):
    rows = [harvested(), harvested(batch="", quantity="20", occurred_on="2026-03-16")]
    assert sent("record_harvest", officer, *rows).written == 2
    assert figures(looked_at("record_harvest", officer, *rows)) == (0, 0, 2, 0)
    assert Harvest.objects.count() == 2


def test_a_known_record_with_other_words_is_a_fault(officer, farm):
    sent("record_purchase", officer, bought())
    batch = looked_at("record_purchase", officer, bought(quantity="11", remark=""))
    assert faults(batch) == {(2, "quantity"): "已登记为“10”；记录不能改动，有误的请先撤销，再用新编号登记。"}


def test_every_fault_of_entry_is_named(officer, farm):
    ProducerFactory(key="FAR", region="440825")
    batch = looked_at(
        "record_harvest", officer,
        harvested(batch="A", occurred_on="2099-01-01"),
        harvested(batch="B", product="没有的菜"),
        harvested(batch="C", plot="西地", quantity="0"),
        harvested(batch="D", producer="FAR"),
        harvested(batch="E", producer=""),
        harvested(batch="F"),
        harvested(batch="F", quantity="1"),
        harvested(batch="", remark="同"),
        harvested(batch="", remark="同"),
    )  # fmt: skip
    assert set(faults(batch)) == {
        (2, "occurred_on"), (3, "product"), (4, "plot"), (5, "producer"), (6, "producer"), (8, "batch"),
        (10, "uid"),
    }  # fmt: skip
    assert figures(batch) == (2, 0, 0, 7)
    assert not Harvest.objects.exists()


def test_one_unreadable_cell_does_not_hide_the_day(officer, farm):
    row = {
        "producer": "SX-1",
        "occurred_on": "2099-01-01",
        "product": "龙肝",
        "quantity": "很多",
        "unit": "公斤",
    }
    assert set(faults(looked_at("record_harvest", officer, row))) == {
        (2, "quantity"), (2, "product"), (2, "occurred_on"),
    }  # fmt: skip


def test_banned_inputs_and_missing_intervals_are_refused_by_law(officer, farm):
    batch = looked_at(
        "record_use", officer,
        used(uid="1", name="克百威", purchase="", occurred_on="2026-07-01"),
        used(uid="2", interval_days="", purchase=""),
        used(uid="3", purchase="NO"),
    )  # fmt: skip
    said = faults(batch)
    assert "禁止使用" in said[2, "name"]
    assert (3, "interval_days") in said
    assert (4, "purchase") in said


@pytest.mark.parametrize("noun", ["purchase", "use", "harvest"])
def test_what_is_exported_is_imported_as_unchanged(officer, farm, noun):
    sent("record_purchase", officer, bought(remark="-3 号仓"))
    sent("record_use", officer, used())
    sent("record_harvest", officer, harvested(batch=""))
    sheet = SHEETS[f"record_{noun}"]
    rows = list(sheet.rows_of(sheet.model.objects.all()))
    assert len(rows) == 1
    for upload in (workbook(sheet.headings, rows), table(sheet.headings, rows, for_people=True)):
        batch = checked(sheet.name, upload, officer)
        assert figures(batch) == (0, 0, 1, 0), faults(batch)


SMALL = {
    "pest": {"pest": "蓟马", "severity": "轻"},
    "packing": {"harvest": "PC-1", "work": "包装", "quantity": "100", "unit": "公斤", "packages": "20"},
    "packaging": {"pieces": "12", "collection_point": "村回收点"},
    "self_test": {"harvest": "PC-1", "method": "快速检测", "passed": "合格"},
    "sale": {"harvest": "PC-1", "quantity": "300.5", "unit": "公斤", "buyer": "市场"},
}


@pytest.mark.parametrize("noun", SMALL)
def test_the_smaller_records_come_back_unchanged_too(officer, farm, noun):
    sent("record_harvest", officer, harvested())
    row = {"producer": "SX-1", "occurred_on": "2026-03-16", **SMALL[noun]}
    if noun != "packaging":
        row["product"] = "长豇豆"
    batch = sent(f"record_{noun}", officer, row)
    assert batch.written == 1, faults(batch)
    sheet = SHEETS[f"record_{noun}"]
    rows = list(sheet.rows_of(sheet.model.objects.all()))
    again = checked(sheet.name, workbook(sheet.headings, rows), officer)
    assert figures(again) == (0, 0, 1, 0), faults(again)


def test_reversed_records_do_not_come_back(officer, farm):
    sent("record_harvest", officer, harvested())
    row: Record = Harvest.objects.get()
    reverse_record(row=row, reason="录错", actor=officer)
    sheet = SHEETS["record_harvest"]
    assert list(sheet.rows_of(Harvest.objects.all())) == []


def test_a_thousand_records_cost_no_query_each(officer, farm, django_assert_max_num_queries):
    rows = [harvested(batch=f"PC-{n}") for n in range(200)]
    upload = workbook(*filled("record_harvest", *rows))
    with django_assert_max_num_queries(140):
        batch = imported("record_harvest", upload, officer)
    assert batch.written == 200
