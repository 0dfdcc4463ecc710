"""Certificates at the API: sold and certified once, void with a reason, verified by anyone."""

import uuid

import pytest

from archives.models import Harvest, Sale
from certificates.models import Certificate
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import (
    MembershipFactory,
    ProducerFactory,
    ProducerProductFactory,
    ProductFactory,
)
from tests.factories.certificates import issued
from tests.factories.records import HarvestFactory

pytestmark = pytest.mark.django_db
LIST = "/api/v1/certificates/"


@pytest.fixture
def farm():
    farm = ProducerFactory(key="SX-1", name="遂溪甲合作社")
    ProducerProductFactory(producer=farm, product=ProductFactory(code="JD", name="长豇豆"))
    return farm


@pytest.fixture
def owner(client, farm):
    user = UserFactory(role="producer")
    MembershipFactory(user=user, producer=farm)
    return enter(client, user)


@pytest.fixture
def officer(client):
    return enter(client, UserFactory())


def sale(**changes):
    facts = {
        "uid": str(uuid.uuid4()),
        "producer": "SX-1",
        "product": "JD",
        "quantity": "40",
        "unit": "公斤",
        "bases": ["quality_control"],
        "buyer": "城西市场",
    }
    return facts | changes


def post(client, address, body, status):
    response = client.post(address, body, content_type="application/json")
    assert response.status_code == status, response.content.decode()
    return response.json()


def test_selling_writes_harvest_sale_and_certificate_once(owner, farm):
    body = sale()
    first = post(owner, LIST, body, 201)
    assert (first["issuer_name"], first["quantity"], first["status"]) == ("遂溪甲合作社", "40.000", "issued")
    assert post(owner, LIST, body, 201)["code"] == first["code"]
    assert (Harvest.objects.count(), Sale.objects.count(), Certificate.objects.count()) == (1, 1, 1)


def test_a_uid_with_other_content_is_a_conflict(owner, farm):
    body = sale()
    post(owner, LIST, body, 201)
    said = post(owner, LIST, body | {"quantity": "41"}, 409)
    assert said["code"] == "conflict"
    assert Certificate.objects.count() == 1


def test_every_wrong_field_has_its_sentence(owner, farm):
    said = post(owner, LIST, sale(producer="nobody", quantity="-1", bases=["luck"]), 400)
    assert said["code"] == "invalid"
    assert set(said["errors"]) == {"producer", "quantity", "bases.0"}
    assert said["errors"]["producer"] == ["没有“nobody”，或者不在您的查看范围内。"]
    said = post(owner, LIST, sale(unit="盒"), 400)
    assert said["errors"] == {"unit": ["合格证按重量开具，请用公斤、斤或吨。"]}
    assert said["detail"] == said["errors"]["unit"][0]
    assert not Certificate.objects.exists()


def test_refusals_speak_english_when_asked(owner, farm):
    response = owner.post(
        LIST, sale(unit="盒"), content_type="application/json", headers={"Accept-Language": "en"}
    )
    assert response.json()["detail"].isascii()


def test_an_officer_reads_the_own_region_and_issues_nothing(officer, farm):
    here, there = issued(producer=farm), issued(producer=ProducerFactory(region="440825"))
    rows = officer.get(LIST).json()["results"]
    assert [row["code"] for row in rows] == [here.code]
    assert officer.get(f"{LIST}{there.code}/").status_code == 404
    assert post(officer, LIST, sale(), 403)["code"] == "permission_denied"
    assert Certificate.objects.count() == 2


def test_voiding_asks_a_reason_and_happens_once(officer, farm):
    row = issued(producer=farm)
    address = f"{LIST}{row.code}/void/"
    assert set(post(officer, address, {}, 400)["errors"]) == {"reason"}
    assert post(officer, address, {"reason": "写错了数量"}, 200)["status"] == "void"
    assert post(officer, address, {"reason": "再一次"}, 400)["detail"] == "这张合格证已经作废。"


def test_anyone_verifies_a_code_in_either_case(client, farm):
    row = issued(producer=farm)
    for code in (row.code, row.code.lower()):
        said = client.get(f"/api/v1/public/certificates/{code}/").json()
        assert said["genuine"] is True
        assert said["sentence"] == "查验通过：证书真实、未作废，由生产者自行承诺"
    assert client.get("/api/v1/public/certificates/0000000000000000/").status_code == 404


def test_verification_masks_a_natural_persons_name(client):
    row = issued(producer=ProducerFactory(natural=True, name="陈大文"))
    said = client.get(f"/api/v1/public/certificates/{row.code}/").json()
    assert said["issuer"] == "陈**"
    assert "contact" not in said
    assert "grade" not in said


def test_lists_page_by_cursor_and_filter(officer, farm):
    rows = [issued(producer=farm) for _turn in range(3)]
    first = officer.get(LIST, {"page_size": 2}).json()
    second = officer.get(first["next"]).json()
    codes = [row["code"] for row in (*first["results"], *second["results"])]
    assert codes == [row.code for row in reversed(rows)]
    assert second["next"] is None
    assert officer.get(LIST, {"status": "void"}).json()["results"] == []
    assert officer.get(LIST, {"cursor": "made-up"}).status_code == 404


def test_a_batch_on_record_is_sold_by_its_uid(owner, farm):
    batch = HarvestFactory(producer=farm, product=ProductFactory(code="JD"))
    said = post(owner, LIST, sale(harvest=str(batch.uid), quantity="30"), 201)
    assert said["harvest"] == str(batch.uid)
    assert Harvest.objects.count() == 1
