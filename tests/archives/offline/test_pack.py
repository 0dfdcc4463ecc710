"""The pack: every question of every noun as data, with what earlier answers change; small and quick."""

import gzip

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from archives.portal.flows import FLOWS
from archives.portal.offline.variants import leaves
from archives.services.records import record_harvest, record_purchase, record_use
from tests.archives.portal.farm import make_farm
from tests.factories.archives import PlotFactory, ProducerProductFactory, ProductFactory
from tests.factories.records import (
    HarmlessDisposalFactory,
    HarvestFactory,
    ImmunisationFactory,
    InputPurchaseFactory,
    InputUseFactory,
    PackagingReturnFactory,
    PackingFactory,
    ProductionBatchFactory,
)

pytestmark = pytest.mark.django_db


def resolve(tree, answers):
    """As the scripts do."""
    while "on" in tree:
        tree = tree["of"].get(answers.get(tree["on"]), tree["else"])
    return tree["q"]


def noun_of(pack, noun):
    return next(one for one in pack["nouns"] if one["noun"] == noun)


def question(pack, noun, slug, answers=None):
    tree = next(one for one in noun_of(pack, noun)["questions"] if one["slug"] == slug)
    return resolve(tree, answers or {})


def fields(question):
    return {field["name"]: field for field in question["fields"]}


def get(farm):
    response = farm.client.get("/my/pack.json")
    assert response.status_code == 200
    return response.json()


def worked(farm, moment):
    """A farm with a purchase, a use and two products, one with a batch."""
    other = ProductFactory(code="020202", name="火龙果")
    ProducerProductFactory(producer=farm.producer, product=other)
    common = {"producer": farm.producer, "occurred_on": moment.now.date(), "actor": farm.user}
    bought = record_purchase(**common, kind="pesticide", name="阿维菌素", quantity=10, unit="瓶")
    feed = record_purchase(**common, kind="fertiliser", name="复合肥", quantity=10, unit="袋")
    record_use(
        **common,
        product=farm.product,
        plot=farm.plot,
        kind="pesticide",
        name="阿维菌素",
        purchase=bought,
        quantity=2,
        unit="瓶",
        interval_days=9,
        method="喷雾",
    )
    batch = record_harvest(**common, product=other, quantity=50, unit="公斤")
    return other, bought, feed, batch


def test_every_question_of_every_flow_is_there_with_its_fields(farm):
    pack = get(farm)
    assert {one["noun"]: [tree["slug"] for tree in one["questions"]] for one in pack["nouns"]} == {
        noun: [kind.slug for kind in kinds] for noun, kinds in FLOWS.items() if noun != "immunisation"
    }  # animals only
    for one in pack["nouns"]:
        for tree in one["questions"]:
            for leaf in leaves(tree):
                assert leaf["title"]
                assert all(field["label"] for field in leaf["fields"])
    amount = fields(question(pack, "harvest", "amount"))
    assert amount["quantity"] | {"label": ""} == {
        "name": "quantity",
        "label": "",
        "type": "decimal",
        "required": True,
        "min_value": 0.001,
        "decimal_places": 3,
    }
    assert ["公斤", "公斤"] in amount["unit"]["choices"]


def test_the_only_product_goes_without_saying_and_is_not_asked(farm):
    pack = get(farm)
    assert noun_of(pack, "harvest")["given"] == {"product": str(farm.product.pk)}
    assert question(pack, "harvest", "product") is None
    assert noun_of(pack, "purchase")["given"] == {}


def test_questions_follow_earlier_answers_without_being_told_how(farm, moment):
    other, bought, feed, batch = worked(farm, moment)
    pack = get(farm)
    of_input = {"what": str(bought.uid)}
    assert fields(question(pack, "use", "interval", of_input))["interval_days"]["initial"] == "9"
    assert question(pack, "use", "interval", {"what": str(feed.uid)}) is None
    assert question(pack, "use", "interval", {"what": "other", "kind": "fertiliser"}) is None
    assert question(pack, "use", "interval", {"what": "other", "kind": "pesticide"})
    assert question(pack, "sale", "batch", {"product": str(farm.product.pk)}) is None
    choices = fields(question(pack, "sale", "batch", {"product": str(other.pk)}))["harvest"]
    assert [value for value, _label in choices["choices"]] == [str(batch.uid), "none"]
    assert choices["refers"] == "harvest"


def test_what_a_choice_makes_necessary_is_found_by_trying(farm):
    pack = get(farm)
    assert ["what", "other", "name", "请写下用了什么。"] in question(pack, "use", "what")["needs"]
    assert ["method", "entrusted", "laboratory", "委托检测请写明检测机构。"] in question(
        pack, "self_test", "test"
    )["needs"]


def test_banned_inputs_are_known_without_reception(farm):
    names = dict(map(tuple, get(farm)["banned"]["pesticide"]))
    assert "禁止使用" in names["甲胺磷"]
    assert names["乙酰甲胺磷"] == "" or "禁止" in names["乙酰甲胺磷"]
    order = [len(name) for name, _sentence in get(farm)["banned"]["pesticide"]]
    assert order == sorted(order, reverse=True)


def test_recent_records_can_be_repeated_and_intervals_are_known(farm, moment):
    worked(farm, moment)
    pack = get(farm)
    use = next(row for row in pack["recent"] if row["noun"] == "use")
    assert use["answers"]["interval_days"] == "9"
    assert noun_of(pack, "use")["changing"] == "when"
    assert pack["intervals"] == [
        {
            "product": str(farm.product.pk),
            "plot": str(farm.plot.pk),
            "from": "2026-11-21",
            "until": "2026-11-30",
            "name": "阿维菌素",
        }
    ]


def test_it_is_small_and_asks_little_of_the_database(farm, moment):
    worked(farm, moment)
    for number in range(8):
        PlotFactory(producer=farm.producer, name=f"{number}号棚")
        ProducerProductFactory(
            producer=farm.producer, product=ProductFactory(code=f"X{number}", name=f"菜{number}")
        )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        response = farm.client.get("/my/pack.json")
    assert len(gzip.compress(response.content)) < 12_000
    assert len(asked) <= 80


def test_only_for_those_who_record_and_only_of_whom_they_act_for(farm, client):
    assert client.get("/my/pack.json").status_code == 401
    other = make_farm(name="别家", role="producer")
    assert farm.client.get(f"/my/pack.json?producer={other.producer.pk}").status_code == 404
    assert farm.get("/my/app/").find(farm.producer.name) == -1


@pytest.mark.parametrize(
    "factory",
    [
        HarmlessDisposalFactory,
        HarvestFactory,
        ImmunisationFactory,
        InputPurchaseFactory,
        InputUseFactory,
        PackagingReturnFactory,
        PackingFactory,
        ProductionBatchFactory,
    ],
)
def test_a_last_record_of_any_kind_is_a_start_for_the_next(farm, factory):
    place = {"product": farm.product} if hasattr(factory._meta.model, "product") else {}
    factory(producer=farm.producer, **place)
    assert len(get(farm)["nouns"]) >= 6
