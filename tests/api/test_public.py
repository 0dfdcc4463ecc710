"""The public look-up and what every endpoint shares: one form of refusal, limits, languages."""

import pytest
from django.core.cache import cache
from rest_framework.throttling import SimpleRateThrottle

from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import ProducerFactory
from tests.pages.city import rate

pytestmark = pytest.mark.django_db
SEARCH = "/api/v1/public/producers/"


def test_search_finds_by_name_and_names_the_grade_in_force(client):
    farm = ProducerFactory(key="SX-1", name="红土地蔬菜合作社")
    rate(farm, "AAA")
    ProducerFactory(natural=True, name="红土地老陈")
    (found,) = client.get(SEARCH, {"q": "红土地"}).json()
    assert (found["key"], found["grade"]) == ("SX-1", "AAA")
    assert found["word"]
    assert client.get(SEARCH, {"q": ""}).json() == []
    assert client.get(SEARCH).json() == []


def test_one_producer_by_key_or_credit_code_with_history(client):
    farm = ProducerFactory(key="SX-1")
    rate(farm, "AA")
    for name in ("SX-1", farm.credit_code, farm.credit_code.lower()):
        said = client.get(f"{SEARCH}{name}/").json()
        assert (said["key"], said["grade"]) == ("SX-1", "AA")
        assert [(year["year"], year["grade"]) for year in said["history"]] == [(2025, "AA")]


def test_a_merged_producer_answers_as_what_it_became(client):
    farm = ProducerFactory(key="SX-1")
    ProducerFactory(key="OLD", status="merged", merged_into=farm)
    assert client.get(f"{SEARCH}OLD/").json()["key"] == "SX-1"


def test_natural_persons_are_as_unknown_as_nobody(client):
    ProducerFactory(key="N-1", natural=True)
    for key in ("N-1", "nobody"):
        response = client.get(f"{SEARCH}{key}/")
        assert response.status_code == 404
        assert response.json() == {"code": "not_found", "detail": "未找到。", "errors": {}}


def test_a_pending_decision_leaves_no_trace(client):
    farm = ProducerFactory(key="SX-1")
    rate(farm, "C", status="pending", official=False)
    said = client.get(f"{SEARCH}SX-1/").json()
    assert said["grade"] == ""
    assert said["history"] == []
    assert "pending" not in client.get(f"{SEARCH}SX-1/").content.decode()


def test_unknown_addresses_and_methods_are_refused_in_the_same_form(client):
    for response, status, code in (
        (client.get("/api/v1/nothing/"), 404, "not_found"),
        (client.delete(SEARCH), 405, "method_not_allowed"),
        (client.get("/api/v1/certificates/"), 403, "not_authenticated"),
    ):
        assert response.status_code in (status, 401)
        said = response.json()
        assert said["code"] == code
        assert said["detail"]
        assert said["errors"] == {}


def test_a_body_that_is_no_json_is_refused(client):
    officer = enter(client, UserFactory())
    address = "/api/v1/supervision/guidance-visits/"
    assert officer.post(address, "{", content_type="application/json").json()["code"] == "parse_error"
    assert officer.post(address, "a=b", content_type="text/plain").json()["code"] == "unsupported_media_type"


def test_too_many_calls_are_told_how_long_to_wait(client, monkeypatch):
    cache.clear()
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    answers = [client.get(SEARCH, {"q": "甲"}) for _turn in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    cache.clear()
