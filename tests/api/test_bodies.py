"""What a caller sends that is no proper request: refused in its language, in the form of every refusal."""

import json
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.foundation.accounts.services import issue_key
from agricredit.foundation.common import clock
from agricredit.pages.api import parsing
from archives.models import Harvest
from tests.factories.accounts import UserFactory
from tests.factories.archives import MembershipFactory, ProducerFactory

pytestmark = pytest.mark.django_db
HARVESTS = "/api/v1/bulk/harvests/"


def machine(*scopes, role="producer"):
    """A client with a key of a producer's own system."""
    user = UserFactory(role=role)
    if role == "producer":
        MembershipFactory(user=user, producer=ProducerFactory(key="FARM"))
    ends = clock.now() + timedelta(days=1)
    _key, text = issue_key(name="软件", user=user, scopes=scopes, expires_at=ends)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {text}")
    return client


@pytest.fixture
def company():
    return machine("records:write")


def post(client, body, content_type="application/json", **headers):
    return client.post(HARVESTS, body, content_type=content_type, headers=headers)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"items":\n [{"uid": "1",}]}', "请求体第2行第15个字符处不是规范的JSON。"),
        ('{"items": [{"unit": "公斤"}]}'.encode("gb18030"), "请求体不是UTF-8编码（第22个字节）。"),
        (b'{"items": [{"quantity": NaN}]}', "请求体中的“NaN”不是规范的JSON。"),
        (b'{"items": [{"quantity": ' + b"9" * 5000 + b"}]}", "请求体中有太长的数字。"),
        (b"[" * 100_000 + b"]" * 100_000, "请求体的JSON嵌套层数太多。"),
    ],
)
def test_a_body_that_cannot_be_read_is_told_where(company, body, said):
    answer = post(company, body)
    assert answer.status_code == 400
    assert answer.json() == {"code": "parse_error", "detail": said, "errors": {}}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_other_encodings_are_read_when_they_are_declared(company, encoding):
    body = json.dumps({"items": [{"producer": "FARM", "unit": "公斤"}]}, ensure_ascii=False).encode(encoding)
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    answer = post(company, body, f"application/json; charset={declared}")
    assert answer.status_code == 200
    assert answer.json()["counts"]["faulty"] == 1
    bomb = post(company, b"x", "application/json; charset=zlib_codec").json()
    assert (bomb["code"], "zlib_codec" in bomb["detail"]) == ("parse_error", True)


def test_a_thousand_full_items_fit_and_more_is_too_large(company, monkeypatch):
    item = {"uid": "1" * 64, "remark": "注" * 240, "reason": "因" * 240, "product": "豆" * 80}
    body = json.dumps({"items": [item] * 1_000}).encode()
    assert len(body) > 3 * parsing.MEGABYTE, "more than a form may hold"
    assert post(company, body).status_code == 200
    monkeypatch.setattr(parsing, "BODY_LIMIT", parsing.MEGABYTE)
    answer = post(company, body)
    assert answer.status_code == 413
    assert answer.json() == {
        "code": "too_large", "detail": "请求体超过1 MB，请分几次报送。", "errors": {},
    }  # fmt: skip


def test_characters_that_nothing_can_hold_are_named_with_item_and_field(company):
    body = b'{"items": [{}, {"uid": "\\ud800", "remark": "a\\u0000b", "plot": {"name": "1"}}]}'
    errors = post(company, body).json()["errors"]
    assert errors == {
        "items.1.uid": ["含有不可见的字符，请重新填写。"],
        "items.1.remark": ["含有不可见的字符，请重新填写。"],
        "items.1.plot": ["应为文字、数字、true、false或文字的列表。"],
    }
    unknown = b'{"items": [{"\\ud800": "x", "colour": "\\ud800"}]}'
    answer = post(company, unknown, **{"Idempotency-Key": "K"})
    assert set(answer.json()["results"][0]["errors"]) >= {"?", "colour"}
    assert not Harvest.objects.exists()


def test_strangers_are_asked_for_a_key_and_keys_for_their_scope():
    stranger = APIClient().post(HARVESTS, {"items": [{}]}, format="json")
    assert (stranger.status_code, stranger["WWW-Authenticate"]) == (401, "Api-Key")
    narrow = post(machine("records:read"), b'{"items": [{}]}')
    assert narrow.status_code == 403
    assert "“报送生产记录”（records:write）" in narrow.json()["detail"]
    agency = post(machine(*SCOPES, role="agency"), b'{"items": [{}]}')
    assert agency.status_code == 403
    assert "角色" in agency.json()["detail"]


@pytest.mark.parametrize("address", ["/api/v1/bulk/harvests", "/api/v1/bulk/nothing/"])
def test_posting_to_an_address_that_is_not_there(address):
    strict = APIClient(enforce_csrf_checks=True)
    answer = strict.post(address, {"items": []}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
