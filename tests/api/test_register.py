"""The register's nouns at the API: own producers only, few queries, filters, nothing personal."""

import datetime

import pytest
from rest_framework.test import APIClient

from archives.api.register import NOUNS
from archives.services.register import keeping, training
from tests.factories.accounts import UserFactory
from tests.factories.archives import (
    LicenceFactory,
    MembershipFactory,
    NoticeTextFactory,
    PlotFactory,
    ProducerFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 1, 5)
ENTRIES = {
    "licences": ("licence", {"kind": "pesticide_sale", "number": "{mark}"}),
    "bases": ("base", {"name": "{mark}"}),
    "staff": ("staff", {"name": "{mark}", "duty": "quality", "from_on": DAY, "phone": "13800138000"}),
    "honours": ("honour", {"kind": "other", "title": "{mark}", "level": "city", "issuer": "局",
                           "granted_on": DAY}),
    "filings": ("filing", {"kind": "emergency_plan", "title": "{mark}", "filed_on": DAY}),
    "procedures": ("procedure", {"title": "{mark}", "version": "1", "in_force_on": DAY}),
    "green-controls": ("green_control", {"measure": "physical", "begun_on": DAY, "detail": "{mark}"}),
}  # fmt: skip


def client_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def filled(producer, mark):
    """One entry of every noun that an officer writes."""
    for noun, given in ENTRIES.values():
        values = {k: v.format(mark=mark) if isinstance(v, str) else v for k, v in given.items()}
        keeping.add(noun=noun, producer=producer, **values)
    PlotFactory(producer=producer, name=mark)
    text = NoticeTextFactory(kind="pledge", title=f"承诺{mark}")
    keeping.add(noun="pledge", producer=producer, text=text, signed_on=DAY, signer=mark, way="paper")
    notice = NoticeTextFactory(title=f"告知{mark}")
    keeping.add(noun="delivery", producer=producer, text=notice, delivered_on=DAY, way="hand")
    session = training.hold(
        title=mark, audience="producers", held_on=DAY, hours=8, organiser="局", place="",
        region=RegionFactory(code="440823"),
    )  # fmt: skip
    training.attend(session=session, attendees=[(producer, mark)])


def test_every_noun_is_listed_by_jurisdiction_in_a_fixed_number_of_queries(django_assert_max_num_queries):
    mine = [ProducerFactory() for _ in range(3)]
    for number, producer in enumerate(mine):
        filled(producer, f"本县{number}")
    filled(ProducerFactory(region="440825"), "外县")
    officer, farmer = client_of(UserFactory()), client_of(MembershipFactory(producer=mine[0]).user)
    assert client_of(UserFactory(role="agency")).get("/api/v1/register/licences/").status_code == 403
    for name in NOUNS:
        with django_assert_max_num_queries(4):
            answer = officer.get(f"/api/v1/register/{name}/")
        assert answer.status_code == 200, name
        assert "外县" not in answer.content.decode(), name
        assert "13800138000" not in answer.content.decode(), name
        own = farmer.get(f"/api/v1/register/{name}/").json()["results"]
        expected = 0 if name == "documents" else 1
        assert (len(answer.json()["results"]), len(own)) == (3 * expected, expected), name
        assert {row["producer"] for row in own} <= {mine[0].key}


def test_filters_and_pages():
    producer = ProducerFactory(region="440823100")
    soon = LicenceFactory(producer=producer, valid_until=DAY)
    gone = LicenceFactory(producer=producer, kind="breeding", ended_on=DAY, end_reason="换证")
    LicenceFactory(check_outcome="", checked_on=None)
    officer = client_of(UserFactory())

    def found(**query):
        return {row["id"] for row in officer.get("/api/v1/register/licences/", query).json()["results"]}

    assert found(region="440823100") == {soon.pk, gone.pk}
    assert found(producer=producer.key, open="true") == {soon.pk}
    assert found(kind="breeding") == {gone.pk}
    assert found(valid_until_to="2026-12-31") == {soon.pk}
    assert found(check_outcome="pass", open="false") == {gone.pk}
    assert officer.get("/api/v1/register/licences/", {"kind": "nothing"}).status_code == 400
    first = officer.get("/api/v1/register/licences/", {"page_size": 2}).json()
    assert len(officer.get(first["next"]).json()["results"]) == 1
