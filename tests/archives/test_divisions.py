"""Rows are found by a division's code or name, also by those of before a change."""

import pytest
from django.test import Client
from django.urls import reverse

from archives.divisions import below, codes_of
from archives.models import DuplicatePair, Producer
from archives.services import region_changes
from tests.archives.test_region_changes import FIRST, SECOND, drafted
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import (
    DuplicatePairFactory,
    IdleFindingFactory,
    LicenceFactory,
    ProducerFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def split():
    """遂城镇 ended: one village went to 黄略镇, the rest became 遂城街道, which was renumbered once more."""
    city, other = (UserFactory(role="city_officer") for _ in range(2))
    RegionFactory(code=FIRST, name="遂城镇")
    RegionFactory(code=SECOND, name="黄略镇")
    for village, name in (("201", "西溪村"), ("202", "东圩村")):
        RegionFactory(code=f"{FIRST}{village}", name=name)
    one, two = (
        ProducerFactory(name="甲", region=f"{FIRST}201"),
        ProducerFactory(name="乙", region=f"{FIRST}202"),
    )
    lines = f"{FIRST} 440823900 遂城街道\n{FIRST}202 {SECOND}299 东圩村"
    region_changes.confirm(change=drafted(city, lines, "split"), actor=other)
    change = drafted(city, "440823900 440823901 新城街道")
    region_changes.confirm(change=change, actor=other)
    return one, two


def found(text):
    return set(Producer.objects.filter(below(text, "region__code")).values_list("name", flat=True))


def test_an_old_code_or_name_finds_what_became_of_it(split):
    assert found(FIRST) == found("遂城镇") == {"甲", "乙"}
    assert found("440823900") == found("遂城街道") == {"甲"}
    assert found(f"{FIRST}202") == {"乙"}
    assert found("440823901") == {"甲"}
    assert found("4408") == found("") == {"甲", "乙"}
    assert found("没有这里") == found("999999") == set()
    assert codes_of("4408") == ["4408"]
    assert codes_of(FIRST) == [FIRST, "440823101299", "440823900", "440823901"]


def test_every_list_of_the_register_is_narrowed_by_old_codes_too(split):
    one, two = split
    desk = enter(Client(), UserFactory())
    LicenceFactory(producer=one)
    IdleFindingFactory(producer=one)
    DuplicatePairFactory(low=one, high=two)
    DuplicatePair.objects.update(state="open")
    for model in ("producer", "licence", "idlefinding", "duplicatepair", "recordreview"):
        address = reverse(f"admin:archives_{model}_changelist")
        wanted = 0 if model == "recordreview" else 1
        for text in ("440823900", "新城街道"):
            rows = desk.get(address, {"township": text})
            assert len(rows.context["cl"].result_list) == wanted, model
        assert not desk.get(address, {"township": "440825"}).context["cl"].result_list


def test_the_api_finds_by_an_old_code(split):
    client = enter(Client(), UserFactory())
    answer = client.get("/api/v1/producers/", {"region": "440823900"})
    assert [row["name"] for row in answer.json()["results"]] == ["甲"]


def test_a_division_is_chosen_by_typing_in_every_list_and_ones_own_come_first(split):
    """Names repeat in every county; a list with no other chooser brings the scripts for this one too."""
    for code in ("440811101230", "440823105230"):
        RegionFactory(code=code, name="乌塘村")
    desk = enter(Client(), UserFactory())
    asked = {"app_label": "archives", "model_name": "producer", "field_name": "region", "term": "乌塘"}
    answer = desk.get(reverse("admin:autocomplete"), asked).json()
    assert [row["id"] for row in answer["results"]] == ["440823105230", "440811101230"]
    for model in ("plot", "licence"):
        page = desk.get(reverse(f"admin:archives_{model}_changelist")).content.decode()
        assert "select2.init.js" in page, model
