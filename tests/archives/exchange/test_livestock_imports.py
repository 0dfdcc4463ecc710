"""What farms with animals and fish record, from sheets (防疫, 出栏, 捕捞, 无害化), out and in again."""

import pytest

from archives.models import HarmlessDisposal, Harvest, Immunisation, InputPurchase, ProductionBatch
from archives.services.sheets import SHEETS
from tests.archives.exchange.files import checked, faults, figures, filled, looked_at, sent, workbook
from tests.factories.accounts import UserFactory
from tests.factories.archives import PlotFactory, ProducerFactory, ProducerProductFactory, ProductFactory

pytestmark = pytest.mark.django_db
NOUNS = ("batch", "immunisation", "harvest", "harmless", "purchase")


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture(autouse=True)
def farm():
    producer = ProducerFactory(key="SX-1", sectors=["livestock", "aquaculture"])
    for name, sector in (("生猪", "livestock"), ("对虾", "aquaculture")):
        ProducerProductFactory(producer=producer, product=ProductFactory(name=name, sector=sector))
    for name in ("1号栏", "2号栏", "3、4号栏"):
        PlotFactory(producer=producer, name=name)
    return producer


def row(**more):
    return {"producer": "SX-1", "occurred_on": "2026-03-15", "product": "生猪", **more}


SEASON = {
    "batch": [
        row(occurred_on="2026-01-05", number="2026-A", quantity="120", unit="头", plots="3、4号栏；1号栏"),
        row(occurred_on="2026-01-06", number="2026-B", quantity="10", unit="头"),
    ],
    "immunisation": [
        row(production="2026-A", disease="口蹄疫", vaccine="口蹄疫灭活疫苗", quantity="120", unit="头"),
    ],
    "harvest": [
        row(batch="CL-1", production="2026-A", quantity="11000", unit="公斤", way="出栏", head_count="100",
            quarantine_number="粤A-0001"),
        row(product="对虾", batch="BL-1", quantity="300", unit="公斤"),
    ],
    "harmless": [row(production="2026-A", cause="病死或死因不明", method="深埋", quantity="2", unit="头")],
    "purchase": [
        {"producer": "SX-1", "occurred_on": "2026-02-01", "kind": "饲料及添加剂", "name": "配合饲料",
         "supplier": "店", "quantity": "20", "unit": "袋", "pack_quantity": "40", "pack_unit": "公斤"},
    ],
}  # fmt: skip


def season(officer):
    for noun in NOUNS:
        batch = sent(f"record_{noun}", officer, *SEASON[noun])
        assert (batch.written, batch.faulty) == (len(SEASON[noun]), 0), faults(batch)


def test_a_season_with_animals_comes_in_and_is_exported_as_it_came(officer):
    season(officer)
    pigs, shrimps = Harvest.objects.order_by("pk")
    assert (pigs.way, pigs.head_count, pigs.quarantine_number) == ("alive", 100, "粤A-0001")
    assert shrimps.way == "caught"
    herd, other = ProductionBatch.objects.order_by("number")
    assert [sorted(batch.plots.values_list("name", flat=True)) for batch in (herd, other)] == [
        ["1号栏", "3、4号栏"], [],
    ]  # fmt: skip
    assert Immunisation.objects.get().production == HarmlessDisposal.objects.get().production == herd
    assert InputPurchase.objects.get().pack_quantity == 40
    for noun in NOUNS:
        sheet = SHEETS[f"record_{noun}"]
        rows = list(sheet.rows_of(sheet.model.objects.all()))
        batch = checked(sheet.name, workbook(sheet.headings, rows), officer)
        assert figures(batch) == (0, 0, len(rows), 0), faults(batch)


def test_pens_of_a_batch_are_those_of_its_farm(officer):
    PlotFactory(name="别家的栏")
    batch = looked_at(
        "record_batch", officer, row(number="A", plots="1号栏、9号栏、别家的栏"),
        row(number="B", plots="1号栏,2号栏，1号栏"),
    )  # fmt: skip
    assert faults(batch) == {(2, "plots"): "该主体没有“9号栏、别家的栏”这个地块。"}
    sent("record_batch", officer, row(uid="P-1", number="C", plots="1号栏、2号栏"))
    same = looked_at("record_batch", officer, row(uid="P-1", number="C", plots="2号栏、1号栏"))
    assert figures(same) == (0, 0, 1, 0)
    other = looked_at("record_batch", officer, row(uid="P-1", number="C", plots="2号栏"))
    assert "已登记为“1号栏、2号栏”" in faults(other)[2, "plots"]


def test_faults_of_animals_are_named(officer):
    caught = row(quantity="10", unit="公斤")
    batch = looked_at(
        "record_harvest", officer, {**caught, "head_count": "-1"}, {**caught, "way": "偷走", "batch": "2"},
        {**caught, "production": "NO"},
    )  # fmt: skip
    assert set(faults(batch)) == {(2, "head_count"), (3, "way"), (4, "production")}
    dead = row(cause="病死或死因不明", method="交专业处理场集中处理", quantity="2", unit="头")
    batch = looked_at("record_harmless", officer, dead, {**dead, "cause": "卖掉", "method": "深埋"})
    assert set(faults(batch)) == {(2, "handler"), (3, "cause")}


def test_a_file_of_before_the_new_columns_is_still_the_same_file(officer):
    old = row(product="对虾", quantity="300", unit="公斤")
    sent("record_harvest", officer, old)
    headings, rows = filled("record_harvest", old)
    assert "头（只）数" not in headings
    batch = checked("record_harvest", workbook([*headings, "头（只）数"], [[*rows[0], ""]]), officer)
    assert figures(batch) == (0, 0, 1, 0)
