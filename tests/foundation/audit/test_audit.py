"""The audit: readable, complete, and closed to every change."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit import actor, registry
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.audit.services import record, record_view
from tests.factories.accounts import UserFactory, enter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.foundation.accounts.urls")]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditline SET actor_name = 'x'",
        "DELETE FROM audit_auditline",
        "TRUNCATE audit_auditline",
    ],
)
def test_the_database_refuses_every_change(sql):
    record(verb="data.exported", what="主体", count=3)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(sql)
    assert AuditLine.objects.get().sentence == "导出了主体，共3条"


def test_a_line_says_who_in_which_request_from_where():
    user, other = UserFactory(name="陈科长"), UserFactory(name="李四")
    facts = actor.RequestFacts(request_id="r-1", ip="10.0.0.7")
    with actor.acting_as(user, facts):
        line = record_view(what="身份证号", target=other, region_code="440823")
    line.refresh_from_db()
    assert line.sentence == "查看了李四的身份证号"
    assert (line.actor, line.actor_name, line.actor_role) == (user, "陈科长", "county_officer")
    assert (line.request_id, line.ip, line.region_code) == ("r-1", "10.0.0.7", "440823")
    assert list(AuditLine.objects.about(other)) == [line]
    assert actor.current() is None
    assert actor.current_request() == actor.RequestFacts()


def test_nobody_is_the_system_and_the_given_actor_wins():
    assert record(verb="data.exported", what="x", count=1).actor is None
    user = UserFactory()
    with actor.acting_as(UserFactory()):
        assert record(verb="data.exported", what="x", count=1, actor=user).actor == user
        with actor.acting_as(None):
            assert actor.current() is None


def test_an_act_rolled_back_leaves_no_line():
    with transaction.atomic():
        record(verb="data.exported", what="x", count=1)
        transaction.set_rollback(True)
    assert not AuditLine.objects.exists()


def test_an_unknown_verb_is_an_error_and_a_retired_one_stays_readable():
    with pytest.raises(registry.UnknownVerb):
        record(verb="no.such")
    assert registry.sentence("no.such", {}) == "no.such"
    assert registry.sentence("data.exported", {"what": "主体"}) == "导出了主体，共—条"
    assert registry.sentence("data.exported", {"what": "2026-03-01"}) == "导出了2026年3月1日，共—条"
    assert registry.sentence("data.exported", {"what": "2026-02-30"}) == "导出了2026-02-30，共—条"


def test_a_verb_has_one_sentence():
    registry.register({"data.exported": registry._sentences["data.exported"]})
    with pytest.raises(ValueError, match="twice"):
        registry.register({"data.exported": "别的"})


def test_facts_cannot_reach_into_objects():
    assert "secret" not in registry.sentence("data.exported", {"what": "{count.__class__}", "count": 1})


def test_a_request_binds_its_maker(client, settings):
    keeper = UserFactory(role=Role.SECURITY_ADMIN)
    enter(client, keeper)
    client.post(reverse("account_logout"), REMOTE_ADDR="10.1.2.3", headers={"X-Request-ID": "abcdef-123456"})
    line = AuditLine.objects.get()
    assert (line.actor, line.ip, line.request_id) == (keeper, "10.1.2.3", "abcdef-123456")


@pytest.mark.parametrize(("trusted", "expected"), [(False, "10.1.2.3"), (True, "172.16.0.9")])
def test_only_a_trusted_proxy_is_believed(rf, monkeypatch, settings, trusted, expected):
    from agricredit.foundation.audit.middleware import client_ip

    monkeypatch.setattr(settings.ENV, "AGRICREDIT_TRUST_PROXY", trusted)
    request = rf.get("/", REMOTE_ADDR="10.1.2.3", headers={"X-Forwarded-For": "6.6.6.6, 172.16.0.9"})
    assert client_ip(request) == expected


def test_the_audit_administrator_reads_filters_and_cannot_write(client):
    reader = enter(client, UserFactory(role=Role.AUDIT_ADMIN))
    officer = UserFactory(username="chen", name="陈科长")
    line = record(verb="data.exported", actor=officer, what="主体名册", count=12)
    record_view(what="手机号码", target=officer)
    url = reverse("admin:audit_auditline_changelist")
    page = reader.get(url).content.decode()
    assert "导出了主体名册，共12条" in page
    assert "陈科长（县级监管人员）" in page
    only = reader.get(url, {"verb": "data.viewed"}).content.decode()
    assert "查看了陈科长的手机号码" in only
    assert "主体名册" not in only
    assert "主体名册" in reader.get(url, {"q": "chen"}).content.decode()
    assert "主体名册" not in reader.get(url, {"role": "system"}).content.decode()
    assert reader.get(reverse("admin:audit_auditline_change", args=[line.pk])).status_code == 200
    assert reader.post(reverse("admin:audit_auditline_change", args=[line.pk]), {}).status_code == 403
    assert reader.get(reverse("admin:audit_auditline_add")).status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role != Role.AUDIT_ADMIN])
def test_nobody_else_reads_it(client, role):
    enter(client, UserFactory(role=role))
    assert client.get(reverse("admin:audit_auditline_changelist")).status_code in {302, 403}
