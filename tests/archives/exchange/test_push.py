"""Companies' own systems: many items a call, answered one by one, under a key that makes repeating safe."""

import pytest
from rest_framework.test import APIClient

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common import clock
from archives.models import CreditEvent, Harvest, IdempotentCall, Producer
from archives.services import pushing
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
HARVESTS = "/api/v1/bulk/harvests/"
PRODUCERS = "/api/v1/bulk/producers/"


def client_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def farm():
    producer = ProducerFactory(key="FARM", address="旧址")
    ProducerProductFactory(producer=producer, product=ProductFactory(code="010101", name="长豇豆"))
    PlotFactory(producer=producer, name="东地")
    producer.user = MembershipFactory(producer=producer).user
    return producer


@pytest.fixture
def company(farm):
    return client_of(farm.user)


@pytest.fixture
def agency():
    RegionFactory()
    return client_of(UserFactory(role=Role.AGENCY, region_code="440823"))


def harvest(**more):
    return {
        "uid": "ERP-1", "producer": "FARM", "occurred_on": "2026-10-01", "product": "010101", "plot": "东地",
        "batch": "B1", "quantity": 12.5, "unit": "公斤", **more,
    }  # fmt: skip


def farmer(**more):
    return {"producer": "NEW-1", "name": "新社", "kind": "cooperative", "nature": "legal_person",
            "sectors": ["crops"], "region": "440823", **more}  # fmt: skip


def send(client, address, *items, key=""):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(address, {"items": list(items)}, format="json", headers=headers)


def statuses(answer):
    return [result["status"] for result in answer.json()["results"]]


def test_sound_items_are_written_and_faulty_ones_say_why(company):
    answer = send(
        company, HARVESTS, harvest(), harvest(uid="ERP-2", batch="B2", quantity=0),
        harvest(uid="ERP-3", batch="B3", producer="OTHER"),
        harvest(uid="ERP-4", batch="B4", **{"col\0our": "red"}),
    )  # fmt: skip
    assert answer.status_code == 200
    assert statuses(answer) == ["new", "faulty", "faulty", "faulty"]
    errors = [set(result["errors"]) for result in answer.json()["results"]]
    assert errors == [set(), {"quantity"}, {"producer"}, {"colour"}]
    row = Harvest.objects.get()
    assert (str(row.uid), row.entry) == (answer.json()["results"][0]["id"], "api")
    assert CreditEvent.objects.filter(kind=6, outcome=1).count() == 1
    assert AuditLine.objects.filter(verb="push.received").count() == 1


def test_sending_all_again_writes_only_what_is_missing(company):
    send(company, HARVESTS, harvest(), harvest(uid="ERP-2", batch="B2", quantity=0))
    answer = send(company, HARVESTS, harvest(), harvest(uid="ERP-2", batch="B2", quantity=3))
    assert statuses(answer) == ["unchanged", "new"]
    assert send(company, HARVESTS, harvest(quantity=99)).json()["results"][0]["errors"]["quantity"]
    assert Harvest.objects.count() == 2


def test_a_repeat_names_the_item_before_it_and_a_refused_one_has_no_number(company, agency):
    items = [harvest(uid="E0", batch="B0", quantity=0), harvest(), harvest(batch="B2"), harvest(uid="E3")]
    answer = send(company, HARVESTS, *items)
    first, second, third, fourth = answer.json()["results"]
    assert third["errors"] == {"uid": ["本次报送的第2项（items.1）已有这个记录编号。"]}
    assert fourth["errors"] == {"batch": ["本次报送的第2项（items.1）已有这个批次号。"]}
    assert [first["id"], third["id"], fourth["id"]] == ["", "", ""]
    other = send(company, HARVESTS, harvest(quantity=99)).json()["results"][0]
    assert (other["status"], other["id"]) == ("faulty", second["id"]), "the one to reverse"
    twice = send(agency, PRODUCERS, farmer(), farmer()).json()["results"]
    assert twice[1]["errors"] == {"producer": ["本次报送的第1项（items.0）已有这个主体。"]}


def test_codes_are_understood_as_the_document_says_them(company):
    tested = {"uid": "T1", "producer": "FARM", "occurred_on": "2026-10-01", "product": "长豇豆",
              "method": "rapid", "passed": "true"}  # fmt: skip
    answer = send(company, "/api/v1/bulk/self-tests/", tested, {**tested, "uid": "T2", "passed": True})
    assert statuses(answer) == ["new", "new"]


def test_a_key_gets_its_first_answer_again(company):
    first = send(company, HARVESTS, harvest(), key="K1")
    again = send(company, HARVESTS, harvest(), key="K1")
    assert first.json() == again.json()
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert statuses(again) == ["new"]
    assert AuditLine.objects.filter(verb="push.received").count() == 1


def test_a_key_with_other_items_is_refused_and_writes_nothing(company):
    send(company, HARVESTS, harvest(), key="K1")
    answer = send(company, HARVESTS, harvest(uid="ERP-2", batch="B2"), key="K1")
    assert answer.status_code == 422
    assert answer.json()["code"] == "idempotency_key_reused"
    assert "换一个" in answer.json()["detail"]
    assert send(company, "/api/v1/bulk/sales/", harvest(), key="K1").status_code == 422
    assert Harvest.objects.count() == 1


def test_keys_of_two_accounts_are_two(company):
    send(company, HARVESTS, harvest(), key="K1")
    other = MembershipFactory(producer=Producer.objects.get()).user
    assert statuses(send(client_of(other), HARVESTS, harvest(), key="K1")) == ["unchanged"]
    assert IdempotentCall.objects.count() == 2


def test_a_fault_of_ours_leaves_the_key_free(company, monkeypatch):
    company.raise_request_exception = False

    def fails(*args, **more):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(pushing, "_written", fails)
        assert send(company, HARVESTS, harvest(), key="K1").status_code == 500
    assert statuses(send(company, HARVESTS, harvest(), key="K1")) == ["new"]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, ""), ({"items": []}, ""), ({"items": [1]}, ""), ({"items": [{"uid": {"a": 1}}]}, ""),
        ({"items": [{}] * (pushing.ITEMS + 1)}, ""), ({"items": [{}]}, "K" * 65),
    ],
)  # fmt: skip
def test_malformed_calls_are_refused_whole(company, body, key):
    headers = {"Idempotency-Key": key} if key else {}
    answer = company.post(HARVESTS, body, format="json", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not IdempotentCall.objects.exists()


def test_an_agency_opens_and_updates_producers_of_its_division(agency):
    ProducerFactory(key="FAR", region="440825")
    answer = send(agency, PRODUCERS, farmer(), farmer(producer="", credit_code=""), farmer(producer="FAR"),
                  farmer(producer="NEW-2", region="440825"))  # fmt: skip
    assert statuses(answer) == ["new", "faulty", "faulty", "faulty"]
    assert statuses(send(agency, PRODUCERS, farmer(), farmer(address="新址"))) == ["unchanged", "faulty"]
    assert statuses(send(agency, PRODUCERS, farmer(address="新址"))) == ["changed"]
    assert Producer.objects.get(key="NEW-1").address == "新址"


def test_a_company_keeps_its_own_contact_and_nothing_else(company, farm):
    same = {"producer": "FARM", "name": farm.name, "kind": farm.kind, "nature": farm.nature,
            "region": farm.region_id}  # fmt: skip
    assert statuses(send(company, PRODUCERS, {**same, "address": "新址"})) == ["changed"]
    answer = send(company, PRODUCERS, {**same, "name": "改名"}, farmer())
    assert statuses(answer) == ["faulty", "faulty"]
    assert set(answer.json()["results"][0]["errors"]) == {"name"}
    farm.refresh_from_db()
    assert farm.address == "新址"
    assert Producer.objects.count() == 1


def test_who_may_not(farm):
    market = client_of(UserFactory(role=Role.MARKET))
    assert send(market, HARVESTS, harvest()).status_code == 403
    assert send(APIClient(), HARVESTS, harvest()).status_code in (401, 403)
    assert send(client_of(UserFactory()), PRODUCERS, farmer()).status_code == 403


def test_a_call_costs_no_query_an_item(company, django_assert_max_num_queries):
    items = [harvest(uid=f"E{n}", batch=f"B{n}") for n in range(100)]
    with django_assert_max_num_queries(60):
        assert set(statuses(send(company, HARVESTS, *items, key="K"))) == {"new"}


def test_old_answers_are_forgotten(company):
    send(company, HARVESTS, harvest(), key="K1")
    IdempotentCall.objects.update(created_at=clock.now() - 2 * pushing.KEPT)
    assert pushing.purge() == 1
