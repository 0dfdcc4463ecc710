"""The security administrator's pages."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from agricredit.foundation.accounts.models import ApiKey, User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from tests.factories.accounts import UserFactory, enter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.foundation.accounts.urls")]
ADD, LIST = "admin:accounts_user_add", "admin:accounts_user_changelist"


@pytest.fixture
def keeper(client):
    user = UserFactory(role=Role.SECURITY_ADMIN, username="keeper", name="安全员")
    enter(client, user)
    return user


def change(client, user, **fields):
    current = {
        "name": user.name,
        "role": user.role,
        "region_code": user.region_code,
        "phone": user.phone or "",
    }
    form = {**current, "email": "", "act": "", "reason": "", **fields}
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), form, follow=True)


def test_opening_staff_shows_a_temporary_password_once(client, keeper):
    form = {
        "username": "li",
        "name": "李四",
        "role": "county_officer",
        "region_code": "440823",
        "phone": "",
        "email": "",
    }
    page = client.post(reverse(ADD), form, follow=True)
    password = re.search(r"李四的临时密码：(\w{12})", page.content.decode())[1]
    user = User.objects.get(username="li")
    assert user.check_password(password)
    assert (user.is_staff, user.must_change_password, user.phone) == (True, True, None)
    line = AuditLine.objects.get()
    assert (line.sentence, line.actor) == ("开设账号李四（县级监管人员，用户名li）", keeper)


def test_a_refusal_stands_beside_its_field(client, keeper):
    form = {
        "username": "li",
        "name": "李四",
        "role": "county_officer",
        "region_code": "4408",
        "phone": "",
        "email": "",
    }
    page = client.post(reverse(ADD), form).content.decode()
    assert "“县级监管人员”的区划代码应为6位。" in page
    assert not User.objects.filter(username="li").exists()


def test_role_and_name_change_through_the_services(client, keeper):
    user = UserFactory(name="旧名")
    change(client, user, name="新名", role="city_officer", region_code="4408")
    user.refresh_from_db()
    assert (user.name, user.role, user.region_code) == ("新名", "city_officer", "4408")
    assert set(AuditLine.objects.values_list("verb", flat=True)) == {
        "account.changed",
        "account.role_assigned",
    }


def test_an_act_needs_its_reason(client, keeper):
    user = UserFactory()
    page = change(client, user, act="deactivate").content.decode()
    assert "请写明原因" in page
    change(client, user, act="deactivate", reason="调离")
    user.refresh_from_db()
    assert not user.is_active


def test_a_refusal_of_the_service_keeps_nothing(client, keeper):
    page = change(client, keeper, name="改名", role="audit_admin").content.decode()
    assert "不能更改自己的角色" in page
    keeper.refresh_from_db()
    assert (keeper.name, keeper.role) == ("安全员", "security_admin")
    assert not AuditLine.objects.exists()


def test_the_list_is_searched_and_nothing_is_deleted(client, keeper):
    user = UserFactory(username="wang")
    assert "wang" in client.get(reverse(LIST), {"q": "wan"}).content.decode()
    assert client.get(reverse("admin:accounts_user_delete", args=[user.pk])).status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role != Role.SECURITY_ADMIN])
def test_nobody_else_gets_in(client, role):
    enter(client, UserFactory(role=role))
    for page in (reverse(LIST), reverse(ADD), reverse("admin:accounts_apikey_changelist")):
        assert client.get(page).status_code in {302, 403}


def test_a_key_is_shown_once_and_revoked(client, keeper):
    agency = UserFactory(role=Role.AGENCY)
    end = timezone.localtime() + timedelta(days=30)
    form = {
        "name": "共享",
        "user": agency.pk,
        "scopes": ["producers:read"],
        "region_code": "",
        "expires_at_0": end.strftime("%Y-%m-%d"),
        "expires_at_1": "12:00:00",
    }
    page = client.post(reverse("admin:accounts_apikey_add"), form, follow=True).content.decode()
    key = ApiKey.objects.get()
    assert key.matches(re.search(key.prefix + r"\.([\w-]{43})", page)[1])
    url = reverse("admin:accounts_apikey_change", args=[key.pk])
    again = client.get(url).content.decode()
    assert key.digest not in again
    client.post(url, {"revoke": "on"})
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_key_for_staff_is_refused_beside_the_form(client, keeper):
    form = {
        "name": "x",
        "user": UserFactory().pk,
        "scopes": ["producers:read"],
        "region_code": "",
        "expires_at_0": "2099-01-01",
        "expires_at_1": "12:00:00",
    }
    page = client.post(reverse("admin:accounts_apikey_add"), form, follow=True).content.decode()
    assert "工作人员账号不能用作接口账号。" in page
    assert not ApiKey.objects.exists()
