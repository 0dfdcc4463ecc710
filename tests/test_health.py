"""Health, metrics, the checks of the configuration, and what a log line must not hold."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.utils import OperationalError

from agricredit import wsgi
from agricredit.foundation.common import checks, health, logs


def test_alive_asks_no_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.django_db
def test_ready_when_all_is_there(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "reasons": []})


@pytest.mark.django_db
def test_unready_names_each_reason(client, monkeypatch, settings):
    def refuse():
        raise OperationalError("could not connect to 10.0.0.9")

    monkeypatch.setattr(connection, "ensure_connection", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    settings.ENVIRONMENT_PROBLEMS = ["AGRICREDIT_SECRET_KEY is missing."]
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == ["配置有误，见系统日志", "数据库无法连接", "消息服务无法连接"]


@pytest.mark.django_db
def test_unready_while_migrations_are_pending(client, monkeypatch):
    monkeypatch.setattr(health, "pending", lambda: ["archives.0009_new"])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["数据库结构不是最新，请先执行 migrate"])


@pytest.mark.django_db
def test_metrics_for_this_machine(client):
    client.get("/healthz")
    text = client.get("/metrics").content.decode()
    assert 'agricredit_request_seconds_count{method="GET",route="healthz",status="200"}' in text
    for name in (
        "agricredit_ledger_events",
        "agricredit_outbox_lag_seconds 0.0",
        "agricredit_database_up 1.0",
    ):
        assert name in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"REMOTE_ADDR": "203.0.113.5"}, 403),
        ({"HTTP_X_FORWARDED_FOR": "203.0.113.5"}, 403),
        ({"REMOTE_ADDR": "203.0.113.5", "HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
        ({"REMOTE_ADDR": "203.0.113.5", "HTTP_AUTHORIZATION": "Bearer right"}, 200),
        ({"REMOTE_ADDR": "203.0.113.5", "HTTP_AUTHORIZATION": "Bearer 令牌"}, 403),
    ],
)
def test_metrics_for_nobody_else(client, settings, headers, status):
    settings.ENV = settings.ENV.model_copy(update={"AGRICREDIT_METRICS_TOKEN": "right"})
    assert client.get("/metrics", **headers).status_code == status


def test_each_configuration_fault_is_an_error_with_a_hint(settings):
    settings.ENVIRONMENT_PROBLEMS = [
        "AGRICREDIT_SECRET_KEY is missing.",
        "Give both DATABASE_URL and REDIS_URL.",
    ]
    found = checks.environment_is_usable()
    assert [each.id for each in found] == ["agricredit.E001", "agricredit.E009"]
    assert all("docs/operations.md" in each.hint for each in found)


def test_web_refuses_an_unusable_configuration_with_every_sentence(settings):
    settings.ENVIRONMENT_PROBLEMS = ["One is missing.", "Another is wrong."]
    with pytest.raises(ImproperlyConfigured, match=r"- One is missing\.\n- Another is wrong\."):
        wsgi.refuse_unusable_configuration()


def test_log_lines_hold_no_personal_numbers():
    event = {"event": "call 13812345678 about 44080219800101123X", "phone": "x", "status": 200}
    assert logs.without_personal_data(None, "info", event) == {
        "event": "call [removed] about [removed]",
        "phone": "[removed]",
        "status": 200,
    }
