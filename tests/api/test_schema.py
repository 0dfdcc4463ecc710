"""The OpenAPI document, its page, and requests made up from it: none ends in a fault of ours."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from django.utils import translation
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.throttling import SimpleRateThrottle

from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.foundation.accounts.services.keys import issue_key
from agricredit.foundation.common import clock
from agricredit.wsgi import application
from tests.factories.accounts import UserFactory, enter
from tests.factories.archives import MembershipFactory, ProducerFactory

pytestmark = pytest.mark.django_db
EXAMPLES = 3


def document():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_document_is_made_without_a_warning(capsys):
    GENERATOR_STATS.reset()
    document()
    assert not GENERATOR_STATS


def test_every_operation_is_described_in_chinese_and_names_its_refusals():
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert any("\u4e00" <= letter <= "\u9fff" for letter in operation["summary"]), path
            assert operation["description"], path
            assert "429" in operation["responses"], path
            if method == "post":
                assert {"400", "401", "403", "409"} <= set(operation["responses"]), path


def test_the_page_leads_to_every_operation_without_a_script(client):
    page = client.get(reverse("api-docs"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "<script" not in text
    for path, methods in document()["paths"].items():
        for method, said in methods.items():
            assert f"{method.upper()} {path}" in text
            assert f'href="/api/v1/docs/{said["operationId"]}/"' in text
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_every_operation_has_a_small_page_of_its_own(client):
    for path, methods in document()["paths"].items():
        for method, said in methods.items():
            page = client.get(reverse("api-docs-operation", args=[said["operationId"]]))
            assert f"{method.upper()} {path}" in page.content.decode()
            assert len(page.content) < 50_000, path
    assert client.get(reverse("api-docs-operation", args=["nothing"])).status_code == 404


def test_items_of_bulk_calls_are_described_field_by_field(client):
    schemas = document()["components"]["schemas"]
    said = schemas["SelfTestsBulkItem"]["properties"]["passed"]["description"]
    assert said == "必填。 true 合格; false 不合格"
    text = client.get(reverse("api-docs-operation", args=["bulk_harvests"])).content.decode()
    assert "<code>items[].quarantine_number</code>" in text
    assert "Idempotency-Key" in text


def test_codes_of_a_field_are_read_without_marks(client):
    text = client.get(reverse("api-docs-operation", args=["records_uses_create"])).content.decode()
    assert "pesticide 农药<br>fertiliser 肥料" in text


def test_the_page_speaks_english_when_asked(client):
    with translation.override("en"):
        english = translation.gettext("接口说明")
    assert english != "接口说明"
    assert english in client.get(reverse("api-docs"), {"lang": "en"}).content.decode()


def test_the_document_is_served_to_anyone(client):
    served = json.loads(client.get(reverse("api-schema"), {"format": "json"}).content)
    assert served["openapi"].startswith("3.")
    assert "/api/v1/producers/" in served["paths"]


@pytest.fixture
def _one_connection():
    """Keep the test's own connection and transaction over requests, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def as_producers_machine():
    """A producer's key with every scope."""
    user = UserFactory(role="producer")
    MembershipFactory(user=user, producer=ProducerFactory())
    ends = clock.now() + timedelta(days=1)
    _key, text = issue_key(name="made up", user=user, scopes=list(SCOPES), expires_at=ends)
    return {"Authorization": f"Api-Key {text}"}


def as_officer():
    """A county officer who has logged in."""
    client = enter(Client(), UserFactory())
    token = "t" * 32
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": token}
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": token,
        "Referer": "http://localhost/",
    }


@pytest.mark.usefixtures("_one_connection")
@pytest.mark.parametrize("who", [as_producers_machine, as_officer])
def test_made_up_requests_never_end_in_a_fault_of_ours(monkeypatch, who):
    """Schemathesis against the WSGI application, with whatever the document allows."""
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"anon": None, "user": None})
    headers = who()
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document(), default=str)))
    schema.app = application
    faults: list[str] = []
    for found in schema.get_all_operations():
        try_operation(found.ok(), headers, faults)
    assert faults == []


def try_operation(operation, headers, faults):
    """A few made-up requests to one operation; those answered by a 5xx are kept."""

    limits = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    def once(case):
        response = case.call(headers=headers)
        if response.status_code >= 500:
            faults.append(f"{case.method} {case.path} → {response.status_code}: {case.body!r} {case.query!r}")

    limits(given(case=operation.as_strategy())(once))()
