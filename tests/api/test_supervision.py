"""Supervision at the API: for people of the authority only, each record through its service, once."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from agricredit.foundation.accounts.services.keys import issue_key
from agricredit.foundation.common import clock
from supervision.api.views import EVERY_LIST
from supervision.models import GuidanceVisit, Inspection
from supervision.services.checklist import items
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.factories.supervision import EnforcementCertificateFactory, TaskFactory

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/supervision/"


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def officer(client, user):
    EnforcementCertificateFactory(user=user, number="GD-1")
    EnforcementCertificateFactory(number="GD-2")
    return enter(client, user)


@pytest.fixture
def farm():
    return ProducerFactory(key="SX-1")


def post(client, address, body, status):
    response = client.post(ROOT + address, body, content_type="application/json")
    assert response.status_code == status, response.content.decode()
    return response.json()


def guidance(**changes):
    facts = {
        "uid": str(uuid.uuid4()),
        "producer": "SX-1",
        "visited_on": "2026-11-01",
        "observations": "台账齐全",
    }
    return facts | changes


def inspection(**changes):
    facts = {
        "uid": str(uuid.uuid4()),
        "producer": "SX-1",
        "inspected_on": "2026-11-01",
        "second_officer_certificate": "GD-2",
        "notice_number": "遂农检〔2026〕1号",
        "items": {item.code: "ok" for item in items()},
        "result": "pass",
        "signature": "signed",
    }
    return facts | changes


def test_a_guidance_visit_is_recorded_once_and_finishes_its_task(officer, farm):
    task = TaskFactory(producer=farm, kind="guidance")
    body = guidance(task=task.pk)
    said = post(officer, "guidance-visits/", body, 201)
    assert (said["producer"], said["task"]) == ("SX-1", task.pk)
    post(officer, "guidance-visits/", body, 201)
    assert GuidanceVisit.objects.count() == 1
    task.refresh_from_db()
    assert task.state == "done"
    assert post(officer, "guidance-visits/", body | {"observations": "别的"}, 409)["code"] == "conflict"


def test_an_inspection_names_the_second_officer_by_certificate(officer, user, farm):
    said = post(officer, "inspections/", inspection(), 201)
    assert (said["officer"], said["officer_certificate"], said["second_certificate"]) == (
        user.name,
        "GD-1",
        "GD-2",
    )
    assert said["items"] == {item.code: "ok" for item in items()}
    wrong = post(officer, "inspections/", inspection(second_officer_certificate="GD-9"), 400)
    assert wrong["errors"] == {"second_officer_certificate": ["本地区没有这个执法证号。"]}
    same = post(officer, "inspections/", inspection(second_officer_certificate="GD-1"), 400)
    assert set(same["errors"]) == {"second_officer"}
    assert Inspection.objects.count() == 1


def test_a_producer_out_of_reach_does_not_exist(officer):
    ProducerFactory(key="XW-1", region="440825")
    said = post(officer, "guidance-visits/", guidance(producer="XW-1"), 400)
    assert said["errors"] == {"producer": ["没有“XW-1”，或者不在您的查看范围内。"]}
    assert not GuidanceVisit.objects.exists()


def test_tasks_come_by_due_day_and_are_filtered(officer, farm):
    late = TaskFactory(producer=farm, month=11, due_on="2026-11-30")
    early = TaskFactory(producer=farm, plan=late.plan, month=10, due_on="2026-10-31")
    TaskFactory(producer=ProducerFactory(region="440825"), plan=late.plan)
    rows = officer.get(f"{ROOT}tasks/").json()["results"]
    assert [row["id"] for row in rows] == [early.pk, late.pk]
    assert [r["id"] for r in officer.get(f"{ROOT}tasks/", {"month": 11}).json()["results"]] == [late.pk]
    assert officer.get(f"{ROOT}tasks/", {"state": "lost"}).json()["code"] == "invalid"


def test_a_village_assistant_guides_and_does_not_inspect(client, farm):
    assistant = enter(client, UserFactory(role="village_assistant", region_code="440823100201"))
    assert post(assistant, "inspections/", inspection(), 403)["code"] == "permission_denied"
    assert client.get(f"{ROOT}inspections/").status_code == 403


def test_no_key_opens_supervision(farm):
    agency = UserFactory(role="agency")
    _key, text = issue_key(
        name="k", user=agency, scopes=["producers:read"], expires_at=clock.now() + timedelta(days=1)
    )
    client = Client(headers={"Authorization": f"Api-Key {text}"})
    for address in ("plans/", "tasks/", "frequencies/", "guidance-visits/", "inspections/", "items/"):
        assert client.get(ROOT + address).status_code == 403
        assert Client().get(ROOT + address).status_code in (401, 403)


def test_the_item_list_is_the_services(officer):
    assert [row["code"] for row in officer.get(f"{ROOT}items/").json()] == [
        item.code for item in items(EVERY_LIST)
    ]
