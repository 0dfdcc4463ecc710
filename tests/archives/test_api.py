"""The archives at the API: what is seen by whom, in how many queries, and records entered once."""

import datetime
import uuid
from types import SimpleNamespace

import pytest
from rest_framework.test import APIClient

from archives.api.serializers import ProducerSerializer
from archives.models import CreditEvent, Harvest, Producer
from archives.services import ledger
from tests.factories.accounts import UserFactory
from tests.factories.archives import (
    MembershipFactory,
    PlotFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


def client_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def county():
    return client_of(UserFactory())


@pytest.fixture
def farm():
    producer = ProducerFactory(key="FARM")
    product = ProductFactory(code="010101", name="长豇豆")
    ProducerProductFactory(producer=producer, product=product)
    producer.plot = PlotFactory(producer=producer)
    producer.user = MembershipFactory(producer=producer).user
    return producer


def keys(answer):
    return [row["key"] for row in answer.json()["results"]]


def test_producers_are_listed_by_jurisdiction_in_a_fixed_number_of_queries(
    county, django_assert_max_num_queries
):
    mine = [ProducerFactory() for _ in range(5)]
    ProducerFactory(region="440825")
    with django_assert_max_num_queries(4):
        answer = county.get(f"{BASE}/producers/")
    assert keys(answer) == [producer.key for producer in mine]
    assert answer.json()["results"][0]["region_name"] == "广东省湛江市遂溪县"
    assert "phone" not in answer.json()["results"][0]


def test_producers_are_filtered_and_paged(county):
    ProducerFactory(name="绿源蔬菜", key="A")
    ProducerFactory(name="绿源果业", key="B", kind="enterprise")
    ProducerFactory(name="红江橙", key="C", status="closed")
    assert keys(county.get(f"{BASE}/producers/", {"q": "绿源"})) == ["A", "B"]
    assert keys(county.get(f"{BASE}/producers/", {"kind": "enterprise"})) == ["B"]
    assert keys(county.get(f"{BASE}/producers/", {"status": "closed"})) == ["C"]
    assert keys(county.get(f"{BASE}/producers/", {"region": "4408"})) == ["A", "B", "C"]


def test_one_producer_is_found_by_key_or_not_there(county):
    ProducerFactory(key="K/1")
    ProducerFactory(key="FAR", region="440825")
    assert county.get(f"{BASE}/producers/K/1/").json()["key"] == "K/1"
    assert county.get(f"{BASE}/producers/FAR/").status_code == 404


def test_events_speak_the_words_of_the_exchange_file(county, django_assert_max_num_queries):
    producer = ProducerFactory(key="A")
    far = ProducerFactory(region="440825")
    for owner, uid in ((producer, "e1"), (far, "e2")):
        ledger.post(
            [
                ledger.EventDraft(
                    uid=uid, producer_id=owner.pk, kind="training.attended", value=250,
                    occurred_on=datetime.date(2024, 5, 1), note="不外传",
                )
            ]
        )  # fmt: skip
    with django_assert_max_num_queries(4):
        (row,) = county.get(f"{BASE}/events/", {"kind": "training.attended"}).json()["results"]
    assert (row["uid"], row["kind"], row["value"], row["outcome"], row["producer"]) == (
        "e1", "training.attended", "2.50", "none", "A",
    )  # fmt: skip
    assert "note" not in row
    assert county.get(f"{BASE}/events/", {"outcome": "fail"}).json()["results"] == []


def harvest(**fields):
    return {
        "uid": str(uuid.UUID(int=7)), "producer": "FARM", "product": "010101", "occurred_on": "2026-10-01",
        "quantity": "12.5", "unit": "公斤", **fields,
    }  # fmt: skip


def test_a_member_enters_a_record_once(farm):
    member = client_of(farm.user)
    given = harvest(plot=farm.plot.pk)
    first = member.post(f"{BASE}/records/harvests/", given, format="json")
    assert first.status_code == 201
    assert first.json()["product"] == "010101"
    assert member.post(f"{BASE}/records/harvests/", given, format="json").json() == first.json()
    assert Harvest.objects.count() == 1
    assert CreditEvent.objects.filter(uid=f"{uuid.UUID(int=7)}:harvest.recorded").get().outcome_name == "pass"
    (row,) = member.get(f"{BASE}/records/harvests/").json()["results"]
    assert row == first.json()


def test_a_refused_record_says_why_by_field(farm):
    answer = client_of(farm.user).post(f"{BASE}/records/harvests/", harvest(quantity="0"), format="json")
    assert answer.status_code == 400
    assert "数量须大于0。" in str(answer.json())
    assert not Harvest.objects.exists()


def test_another_body_reads_persons_names_masked(county):
    ProducerFactory(key="P", name="李阿婆", natural=True)
    ProducerFactory(key="Q", name="绿源合作社")
    row = Producer.objects.get(key="P")

    def name_for(role):
        return ProducerSerializer(
            row, context={"request": SimpleNamespace(user=UserFactory(role=role))}
        ).data["name"]

    assert name_for("agency") == "李**"
    assert name_for("county_officer") == "李阿婆"
    names = {row["key"]: row["name"] for row in county.get(f"{BASE}/producers/").json()["results"]}
    assert names == {"P": "李阿婆", "Q": "绿源合作社"}


def test_nobody_enters_records_of_producers_out_of_sight(farm):
    stranger = MembershipFactory().user
    answer = client_of(stranger).post(f"{BASE}/records/harvests/", harvest(), format="json")
    assert answer.status_code == 400
    officer = client_of(UserFactory())
    assert officer.post(f"{BASE}/records/harvests/", harvest(), format="json").status_code == 403


def test_a_record_is_reversed_by_its_member(farm):
    member = client_of(farm.user)
    uid = member.post(f"{BASE}/records/harvests/", harvest(), format="json").json()["uid"]
    answer = member.post(f"{BASE}/records/harvests/{uid}/reverse/", {"reason": "记错"}, format="json")
    assert (answer.status_code, answer.json()["status"]) == (200, "reversed")
    stranger = client_of(MembershipFactory().user)
    again = stranger.post(f"{BASE}/records/harvests/{uid}/reverse/", {"reason": "x"}, format="json")
    assert again.status_code == 404


def test_divisions_and_products_are_there_for_those_who_are_in(county):
    RegionFactory(code="440823101")
    ProductFactory(code="P1", name="辣椒")
    assert [r["code"] for r in county.get(f"{BASE}/regions/", {"parent": "440823"}).json()["results"]] == [
        "440823101"
    ]
    assert county.get(f"{BASE}/products/").json()["results"][0]["name"] == "辣椒"
    assert APIClient().get(f"{BASE}/regions/").status_code in (401, 403)
