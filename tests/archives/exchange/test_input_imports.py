"""The input catalogue from a file: labels line by line, meat, milk, eggs and fish, out and in again."""

import pytest

from agricredit.foundation.audit.models import AuditLine
from archives.models import InputItem, InputLabel
from archives.services.catalogue import load_inputs
from archives.services.sheets import SHEETS
from tests.archives.exchange.files import checked, faults, figures, looked_at, sent, workbook
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProductFactory

pytestmark = pytest.mark.django_db
DRUG = {
    "kind": "兽药", "name": "氟苯尼考粉", "registration_number": "兽药字 190011001", "form": "10%粉剂",
    "manufacturer": "某动保", "verified": "是",
}  # fmt: skip


@pytest.fixture
def officer():
    return UserFactory()


@pytest.fixture(autouse=True)
def _products():
    for code, name, category, animal in (
        ("010101", "长豇豆", "蔬菜", ""), ("020401", "鸡蛋", "禽蛋", "鸡"), ("030104", "草鱼", "水产品", ""),
    ):  # fmt: skip
        ProductFactory(code=code, name=name, category=category, animal=animal)


def line(**more):
    return {**DRUG, **more}


LINES = (
    line(crop="鸡", commodity="肉", interval_days="5"),
    line(crop="鸡", commodity="蛋", interval_days="7"),
    line(crop="草鱼", commodity="水产", degree_days="375"),
    {"kind": "农药", "name": "虱螨脲", "registration_number": "PD20151111", "verified": "是", "crop": "豇豆",
     "target": "豆荚螟", "interval_days": "10", "max_uses": "2", "dose_max": "50", "dose_unit": "毫升"},
    {"kind": "肥料", "name": "本地有机肥", "source": "县里登记"},
)  # fmt: skip


def test_items_and_labels_come_in_and_are_exported_as_they_came(officer):
    batch = sent("inputs", officer, *LINES)
    assert (batch.written, batch.faulty) == (5, 0), faults(batch)
    drug = InputItem.objects.get(registration_number="兽药字190011001")
    said = drug.labels.values_list("commodity", "interval_days", "degree_days", "covers")
    assert {(what, days, degrees, *covers) for what, days, degrees, covers in said} == {
        ("meat", 5, None, "鸡"), ("egg", 7, None, "鸡"), ("aquatic", None, 375, "草鱼"),
    }  # fmt: skip
    assert InputLabel.objects.get(item__registration_number="PD20151111").covers == ["长豇豆"]
    assert InputItem.objects.get(name="本地有机肥").code == "fertiliser-本地有机肥"
    assert AuditLine.objects.filter(verb="inputs.imported").count() == 1
    sheet = SHEETS["inputs"]
    rows = list(sheet.rows_of(InputItem.objects.filter(shipped=False)))
    again = checked("inputs", workbook(sheet.headings, rows), officer)
    assert figures(again) == (0, 0, 5, 0), faults(again)


def test_the_catalogue_as_it_ships_comes_back_unchanged_whatever_grows_here(officer):
    sheet = SHEETS["inputs"]
    rows = list(sheet.rows_of(InputItem.objects.all()))
    assert len(rows) > 100
    again = checked("inputs", workbook(sheet.headings, rows), officer)
    assert figures(again) == (0, 0, len(rows), 0), faults(again)


def test_a_correction_changes_what_it_says_and_nothing_else(officer):
    sent("inputs", officer, *LINES)
    batch = sent("inputs", officer, line(crop="鸡", commodity="蛋", interval_days="9"))
    assert (batch.changed, batch.written) == (1, 1)
    drug = InputItem.objects.get(registration_number="兽药字190011001")
    assert drug.manufacturer == "某动保"
    assert sorted(drug.labels.values_list("commodity", "interval_days")) == [
        ("aquatic", None), ("egg", 9), ("meat", 5),
    ]  # fmt: skip
    assert drug.labels.get(commodity="egg").events.count() == 1, "the change stays in the history"


def test_a_hint_that_ships_is_corrected_by_its_name_and_stays_so(officer):
    item = InputItem.objects.filter(kind="veterinary_drug", shipped=True).first()
    sent(
        "inputs",
        officer,
        {"kind": "兽药", "name": item.name, "crop": "鸡", "commodity": "肉", "interval_days": "3"},
    )
    load_inputs()
    assert item.labels.get().interval_days == 3
    assert InputItem.objects.filter(kind="veterinary_drug", name=item.name).count() == 1


def test_faults_stand_beside_their_cells_and_nothing_is_written(officer):
    before = InputItem.objects.count(), InputLabel.objects.count()
    batch = looked_at(
        "inputs", officer,
        line(crop="鸡", interval_days="5"),
        line(crop="鸡", commodity="肉", degree_days="300"),
        line(crop="恐龙", commodity="肉", interval_days="5"),
        line(crop="鸡", commodity="蛋", least_days="9", interval_days="7"),
        line(crop="草鱼", commodity="水产", degree_days="375", manufacturer="别家"),
        line(crop="草鱼", commodity="水产", degree_days="500"),
        {"kind": "农药", "name": "某药", "verified": "是"},
        {"kind": "农药", "name": "某药", "crop": "长豇豆", "dose_max": "5", "interval_days": "400"},
    )  # fmt: skip
    assert set(faults(batch)) == {
        (2, "commodity"), (3, "degree_days"), (4, "covers"), (5, "least_days"), (6, "manufacturer"),
        (7, "crop"), (8, "verified"), (9, "interval_days"),
    }  # fmt: skip
    assert "农产品目录中没有“恐龙”" in faults(batch)[4, "covers"]
    assert (InputItem.objects.count(), InputLabel.objects.count()) == before


def test_only_those_who_keep_the_catalogue_bring_it_in():
    assert not UserFactory(role="township_supervisor", region_code="440823100").has_perm(
        SHEETS["inputs"].permission
    )
