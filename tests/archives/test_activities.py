"""Shops, carriers and slaughterhouses are subjects of the register; only those who produce are rated."""

import csv
import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from archives.models import Producer
from archives.services import producers
from archives.services.exchange import ImportRefused, export_archive, import_archive
from rating.services import rolls
from tests.factories.archives import ProducerFactory, RegionFactory

pytestmark = pytest.mark.django_db
END = datetime.date(2026, 12, 31)
SHOP = {"name": "惠农农资店", "kind": "enterprise", "nature": "individual_business", "region": "440823"}


def test_a_shop_is_registered_found_and_not_rated(noon):
    RegionFactory(code="440823")
    shop = producers.register(**SHOP, activities=["input_sale"])
    grower = producers.register(**SHOP | {"name": "种菜也卖药"}, activities=["input_sale", "production"])
    assert shop.activities == ["input_sale"]
    assert grower.activities == ["production", "input_sale"], "in the order of the list"
    assert (shop.subject_words, grower.subject_words) == ("农资经营", "企业、农资经营")
    assert set(Producer.objects.working_in("input_sale")) == {shop, grower}
    assert set(Producer.objects.working_in("production")) == {grower}
    assert set(Producer.objects.rated_in("440823", END)) == {grower}
    found = rolls.frozen_of(producer_ids=[shop.pk, grower.pk], scheme_code="gd-r1", year=2025, day=END)
    assert found.roll.producer.tolist() == [grower.pk]


def test_what_it_does_is_changed_and_must_be_something():
    row = ProducerFactory()
    assert producers.change(producer=row, activities=["storage", "purchase"]).activities == [
        "purchase",
        "storage",
    ]
    for wrong, sentence in (([], "至少选择一个"), (["banking"], "请选择")):
        with pytest.raises(ValidationError) as refused:
            producers.change(producer=row, activities=wrong)
        assert sentence in refused.value.message_dict["activities"][0]
    row.refresh_from_db()
    assert row.activities == ["purchase", "storage"]


@pytest.mark.parametrize("wrong", [[], ["banking"]])
def test_the_database_refuses_it_too(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProducerFactory(activities=wrong)


def test_exchange_carries_it_beside_the_contracts_files(tmp_path):
    ProducerFactory(key="GROWER")
    shop = ProducerFactory(key="SHOP", activities=["input_sale"])
    export_archive(directory=tmp_path)
    with (tmp_path / "activities.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == [{"producer": "SHOP", "activities": "input_sale"}]
    Producer.objects.filter(pk=shop.pk).update(activities=["production"])
    import_archive(directory=tmp_path)
    shop.refresh_from_db()
    assert shop.activities == ["input_sale"]
    assert import_archive(directory=tmp_path).producers_unchanged == 2
    Producer.objects.update(activities=["production"])
    export_archive(directory=tmp_path)
    assert not (tmp_path / "activities.csv").exists()


def test_a_faulty_file_is_refused_whole(tmp_path):
    shop = ProducerFactory(key="SHOP")
    export_archive(directory=tmp_path)
    lines = ["producer,activities", "SHOP,storage", "NOBODY,storage", "SHOP,banking"]
    (tmp_path / "activities.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(ImportRefused) as refused:
        import_archive(directory=tmp_path)
    assert {(f.file, f.row, f.column) for f in refused.value.faults} == {
        ("activities.csv", 3, "producer"),
        ("activities.csv", 4, "producer"),
        ("activities.csv", 4, "activities"),
    }
    shop.refresh_from_db()
    assert shop.activities == ["production"]
