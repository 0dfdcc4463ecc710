"""Withdrawal from the label: meat, milk, eggs and fish of one drug each by their own days (休药期)."""

import datetime
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest

from archives.models import InputUse
from archives.portal import flows, repeating, wording
from archives.portal.asking import Ask
from archives.portal.input_questions import IntervalQuestion
from archives.services.catalogue import known_input
from archives.services.records import RecordsRefused, earliest_harvest
from tests.archives.conftest import MONDAY, pick, spray
from tests.factories.archives import ProducerFactory, ProducerProductFactory, ProductFactory
from tests.factories.inputs import InputItemFactory, InputLabelFactory

ANIMALS = {
    "egg": ("020401", "鸡蛋", "禽蛋", "鸡"), "hen": ("020202", "肉鸡", "畜禽", "鸡"),
    "milk": ("020501", "牛奶", "生鲜乳", "牛"), "fish": ("030104", "草鱼", "水产品", ""),
}  # fmt: skip


def days(count):
    return MONDAY + datetime.timedelta(days=count)


@pytest.fixture
def yard(db, noon):
    """Hens, cows and fish; a drug whose label an officer has read."""
    farm = ProducerFactory(key="YARD", sectors=["livestock"])
    for key, (code, name, category, animal) in ANIMALS.items():
        sector = "livestock" if animal else "aquaculture"
        product = ProductFactory(code=code, name=name, category=category, animal=animal, sector=sector)
        ProducerProductFactory(producer=farm, product=product)
        setattr(farm, key, product)
    farm.bean, farm.plot = farm.egg, None
    farm.drug = InputItemFactory(
        kind="veterinary_drug", name="氟苯尼考粉", registration_number="兽药字190011001"
    )
    for crop, commodity, more in (
        ("鸡", "egg", {"interval_days": 7}), ("鸡", "meat", {"interval_days": 28}),
        ("牛", "milk", {"interval_days": 3}),
        ("草鱼", "aquatic", {"degree_days": 375, "interval_days": None}),
    ):  # fmt: skip
        InputLabelFactory(item=farm.drug, crop=crop, covers=[crop], commodity=commodity, **more)
    return farm


def dose(yard, product, **more):
    return spray(
        yard, kind="veterinary_drug", name=yard.drug.name, registration_number=yard.drug.registration_number,
        **{"product": product, "interval_days": None, **more},
    )  # fmt: skip


def test_the_checked_label_says_the_days_of_each_commodity(yard):
    use = dose(yard, yard.egg)
    assert (use.interval_days, use.egg_from, use.meat_from) == (7, days(7), days(28))
    assert dose(yard, yard.milk).harvest_from == days(3)
    assert earliest_harvest(producer=yard, product=yard.hen, on=MONDAY) == days(28)
    with pytest.raises(RecordsRefused):
        pick(yard, days(27).replace(day=20), product=yard.hen)
    assert flows.first_day(use) == "鸡蛋现在可以上市；肉鸡 11月30日起可上市"


def test_degree_days_of_the_label_ask_for_the_waters_temperature(yard):
    with pytest.raises(RecordsRefused) as error:
        dose(yard, yard.fish, interval_days=2)
    assert [str(fault) for fault in error.value.faults] == [
        "[0] water_temperature: 标签的休药期是375度日，请填水温（1至45℃）。"
    ]
    assert not InputUse.objects.exists()
    use = dose(yard, yard.fish, water_temperature=Decimal("24"))
    assert (use.interval_days, use.harvest_from, use.interval_source) == (16, days(16), "catalogue")
    short = dose(yard, yard.fish, interval_days=2, water_temperature=Decimal("24"))
    assert (short.interval_days, short.doubts) == (16, ["short_interval"])


def test_of_two_answers_for_the_same_eggs_the_longer_holds(yard):
    use = spray(yard, kind="veterinary_drug", name="别的药", interval_days=3, egg_days=9)
    assert use.harvest_from == days(9)


def test_the_question_knows_the_label_and_what_must_be_said_of_the_flock(yard):
    answers = {
        "product": str(yard.egg.pk), "kind": "veterinary_drug", "what": "other", "name": yard.drug.name,
        "registration_number": yard.drug.registration_number,
    }  # fmt: skip
    form = IntervalQuestion(Ask(yard, "use", answers))
    assert (form.initial["interval_days"], form.initial["meat_days"]) == (7, 28)
    assert "鸡（蛋）7天、鸡（肉）28天" in str(form.fields["interval_days"].help_text)
    assert not IntervalQuestion(Ask(yard, "use", answers), {"interval_days": "7"}).is_valid()
    fish = IntervalQuestion(Ask(yard, "use", {**answers, "product": str(yard.fish.pk)}))
    assert fish.initial["degree_days"] == 375
    given = {"degree_days": "375", "water_temperature": "24.5"}
    asked = IntervalQuestion(Ask(yard, "use", {**answers, "product": str(yard.fish.pk)}), given)
    assert asked.is_valid()
    assert asked.said() == "375 度日 · 水温 24.5℃"
    assert not IntervalQuestion(asked.ask, {"degree_days": "375"}).is_valid()
    unknown = Ask(yard, "use", {**asked.ask.answers, "name": "别的药", "registration_number": ""})
    assert "interval_days" in IntervalQuestion(unknown, {}).errors


def test_once_more_takes_every_period_along(yard):
    use = dose(yard, yard.egg)
    again = dict(parse_qsl(repeating.again("use", use)[1:]))
    assert (again["interval_days"], again["meat_days"]) == ("7", "28")
    fish = dose(yard, yard.fish, degree_days=400, water_temperature=Decimal("23.5"))
    again = dict(parse_qsl(repeating.again("use", fish)[1:]))
    assert (again["degree_days"], again["water_temperature"]) == ("400", "23.5")
    assert "interval_days" not in again


def test_the_label_is_found_by_the_animal(yard):
    known = known_input(kind="veterinary_drug", name="", registration_number="兽药字 190011001 ")
    assert known.days(yard.egg) == 7
    assert known.days(yard.egg, "meat") == 28
    assert known.days(ProductFactory(name="长豇豆")) is None


def test_a_record_of_animals_speaks_of_withdrawal_and_market(yard):
    facts = dict(wording.facts(dose(yard, yard.fish, water_temperature=Decimal("24"))))
    assert (facts["休药期（天）"], facts["最早可上市日"]) == ("16", "2026年11月18日")
    assert "安全间隔期（天）" not in facts
