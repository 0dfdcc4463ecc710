"""The API's read endpoints: who sees which rows, and paging."""

import json
from datetime import date

import pytest

from rating.models import RatingRun
from rating.services import standings
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, ProducerFactory
from tests.factories.rating import make_rating, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.rating.urls")]


@pytest.fixture
def run():
    run = make_run(region="4408", state="effective", effective_on=date(2025, 3, 1))
    for region in ("440823", "440823", "440825"):
        make_rating(run=run, producer=ProducerFactory(region=region))
    standings.apply_run(run)
    return run


def get(client, user, address, status=200, **query):
    enter(client, user)
    response = client.get(f"/api/v1/rating/{address}", query)
    assert response.status_code == status, response.content
    return json.loads(response.content) if response.content else None


def test_an_officer_reads_the_own_region_only(client, run):
    page = get(client, UserFactory(), f"runs/{run.pk}/ratings/")
    assert [row["region_code"] for row in page["results"]] == ["440823", "440823"]
    assert page["results"][0]["score"] == "85.00"
    city = UserFactory(role="city_officer")
    assert len(get(client, city, f"runs/{run.pk}/ratings/")["results"]) == 3
    assert len(get(client, city, "standings/", region="440825")["results"]) == 1


def test_results_page_by_keyset(client, run):
    city = UserFactory(role="city_officer")
    first = get(client, city, f"runs/{run.pk}/ratings/", page_size=2)
    assert len(first["results"]) == 2
    second = json.loads(client.get(first["next"]).content)
    assert (len(second["results"]), second["next"]) == (1, None)


def test_a_producer_reads_its_own_result_once_it_has_effect(client, run):
    producer = run.ratings.first().producer
    owner = MembershipFactory(producer=producer).user
    [row] = get(client, owner, f"runs/{run.pk}/ratings/")["results"]
    assert row["producer"] == producer.key
    RatingRun.objects.filter(pk=run.pk).update(state="public_notice")
    get(client, owner, f"runs/{run.pk}/ratings/", status=404)


@pytest.mark.parametrize("role", ["system_admin", "audit_admin", "security_admin", "market", "laboratory"])
def test_others_are_refused(client, run, role):
    get(client, UserFactory(role=role), f"runs/{run.pk}/ratings/", status=403)
    get(client, UserFactory(role=role), "standings/", status=403)


def test_a_run_of_another_county_does_not_exist(client):
    run = make_run(region="440825")
    get(client, UserFactory(region_code="440823"), f"runs/{run.pk}/", status=404)
    assert get(client, UserFactory(region_code="440823"), "runs/")["results"] == []


def test_a_pending_result_says_so(client):
    run = make_run(state="in_review")
    make_rating(run=run, grade="C", status="pending", vetoes=0b101)
    [row] = get(client, UserFactory(), f"runs/{run.pk}/ratings/")["results"]
    assert (row["status"], row["vetoes"]) == ("pending", ["GD-V1", "GD-V3"])


def test_schemes_are_readable_with_their_document(client, run):
    rows = get(client, UserFactory(), "schemes/")["results"]
    assert {row["code"] for row in rows} == {"gd-r1", "hz-r1"}
    assert rows[0]["document"]["code"] == rows[0]["code"]


def test_an_explanation_of_a_foreign_producer_does_not_exist(client, run):
    foreign = ProducerFactory(region="440825")
    get(client, UserFactory(), f"producers/{foreign.key}/years/2024/", status=404)
    mine = ProducerFactory()
    get(client, UserFactory(), f"producers/{mine.key}/years/2024/", status=404)
