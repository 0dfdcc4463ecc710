"""The input catalogue: what ships, what officers keep, what it says of an input on a crop."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from agricredit.foundation.audit.models import AuditLine
from archives.models import InputItem, InputLabel, SubstanceRule
from archives.services.catalogue import (
    Loaded,
    candidates,
    keep_item,
    keep_rule,
    known_input,
    load_inputs,
)
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProductFactory
from tests.factories.inputs import InputItemFactory, InputLabelFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def bean():
    return ProductFactory(name="长豇豆", code="010101")


def test_every_migrate_loads_it_and_a_second_load_writes_nothing():
    assert InputItem.objects.filter(kind="pesticide").count() >= 80
    assert set(InputItem.objects.values_list("kind", flat=True)) >= {"veterinary_drug", "fertiliser", "feed"}
    lines = AuditLine.objects.count()
    assert load_inputs() == Loaded(0, 0)
    assert AuditLine.objects.count() == lines


def test_the_command_says_what_it_wrote_and_the_audit_too(capsys):
    InputItem.objects.filter(name="阿维菌素").delete()
    call_command("load_inputs")
    assert "投入品目录写入 1 条，禁限用规定写入 0 条。" in capsys.readouterr().out
    assert AuditLine.objects.filter(verb="inputs.loaded").count() == 1


def test_a_load_restores_what_ships_and_leaves_alone_what_officers_changed():
    first, second = InputItem.objects.filter(kind="pesticide", shipped=True)[:2]
    InputItem.objects.filter(pk=first.pk).update(ingredient="错")
    second.ingredient = "本县核对"
    keep_item(item=second, actor=None)
    assert load_inputs().items == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.ingredient, second.ingredient) == (first.name, "本县核对")


@pytest.mark.parametrize("text", ["awjs", "AWJS", "阿维", "维菌素"])
def test_it_is_found_by_pinyin_initials_and_parts_of_a_name(text):
    assert "阿维菌素" in [row.name for row in candidates(text, kind="pesticide")]


def test_it_is_found_by_registration_number_however_it_is_typed():
    item = InputItemFactory(registration_number="PD20201234")
    assert candidates("pd 2020 1234") == [item]
    assert candidates("") == candidates("没有这种药") == []


def test_hints_are_never_taken_for_a_label(bean):
    known = known_input(kind="pesticide", name="阿维菌素")
    assert not known.verified
    assert known.days(bean) == 5
    assert known.days(ProductFactory(name="辣椒", code="010102")) is None


def test_the_largest_interval_of_a_label_holds(bean):
    item = InputItemFactory()
    InputLabelFactory(item=item, interval_days=7)
    InputLabelFactory(item=item, crop="豇豆", covers=["长豇豆"], interval_days=14)
    known = known_input(kind="pesticide", name="随便", registration_number=item.registration_number.lower())
    assert known.verified
    assert known.days(bean) == 14


def test_a_change_is_audited_and_the_version_before_it_stays():
    item = InputItemFactory(manufacturer="甲厂")
    item.manufacturer = "乙厂"
    keep_item(item=item, actor=UserFactory(role="county_officer"))
    history = InputItem._meta.apps.get_model("archives", "InputItemEvent")
    assert [row.manufacturer for row in history.objects.filter(pgh_obj=item)] == ["乙厂"]
    assert AuditLine.objects.filter(verb="input.kept").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "poison"}, "name"),
        ({"verified": True, "registration_number": ""}, "verified"),
        ({"registration_number": "pd2020 9999"}, "registration_number"),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(changes, field):
    InputItemFactory(registration_number="PD20209999")
    item = InputItemFactory.build(code="", registration_number="PD1")
    for name, value in changes.items():
        setattr(item, name, value)
    before = InputItem.objects.count()
    with pytest.raises(ValidationError) as error:
        keep_item(item=item, actor=None)
    assert set(error.value.message_dict) == {field}
    assert InputItem.objects.count() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basis": ""}, "basis"),
        ({"ends": datetime.date(2019, 1, 1)}, "ends"),
        ({"sort": "restricted"}, "covers"),
        ({"covers": ["蔬菜"]}, "covers"),
    ],
)
def test_a_rule_must_say_what_it_rests_on_and_where_it_holds(changes, field):
    given = {"sort": "banned", "kind": "pesticide", "name": "某药", "basis": "公告第1号"}
    rule = SubstanceRule(**{**given, "begins": datetime.date(2020, 1, 1), **changes})
    with pytest.raises(ValidationError) as error:
        keep_rule(rule=rule, actor=None)
    assert set(error.value.message_dict) == {field}
    assert not SubstanceRule.objects.filter(name="某药").exists()


def test_the_database_itself_refuses_a_checked_label_without_a_number():
    with pytest.raises(IntegrityError), transaction.atomic():
        InputItemFactory(code="X", registration_number="", verified=True)


def test_an_officer_keeps_an_item_and_its_label_in_the_back_office(client, bean):
    desk = enter(client, UserFactory())
    data = {
        "kind": "pesticide", "name": "虱螨脲", "english": "", "ingredient": "虱螨脲", "form": "5%悬浮剂",
        "registration_number": "PD20151111", "manufacturer": "某厂", "toxicity": "low", "valid_until": "",
        "verified": "on", "source": "标签照片",
        "labels-TOTAL_FORMS": "1", "labels-INITIAL_FORMS": "0", "labels-MIN_NUM_FORMS": "0",
        "labels-MAX_NUM_FORMS": "1000", "labels-0-crop": "豇豆", "labels-0-covers": "长豇豆",
        "labels-0-commodity": "crop", "labels-0-interval_days": "10", "labels-0-max_uses": "2",
        "labels-0-dose_max": "50", "labels-0-dose_unit": "毫升",
    }  # fmt: skip
    response = desk.post(reverse("admin:archives_inputitem_add"), data)
    assert response.status_code == 302, response.content.decode()[-2000:]
    label = InputLabel.objects.get(item__registration_number="PD20151111")
    assert (label.covers, label.interval_days, label.max_uses) == (["长豇豆"], 10, 2)
    assert AuditLine.objects.filter(verb="input.kept").exists()


def test_those_who_only_look_cannot_change_it(client):
    desk = enter(client, UserFactory(role="township_supervisor", region_code="440823100"))
    assert desk.get(reverse("admin:archives_substancerule_changelist")).status_code == 200
    assert desk.post(reverse("admin:archives_substancerule_add"), {}).status_code == 403
    assert not SubstanceRule.objects.filter(shipped=False).exists()
