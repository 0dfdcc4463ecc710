"""API keys: shown once, narrowed, ended at once."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from agricredit.foundation.accounts import services
from agricredit.foundation.accounts.api import ApiKeyAuthentication, HasScope
from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.accounts.models import ApiKey
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from tests.factories.accounts import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Thing(APIView):
    """Says who asks."""

    authentication_classes = [ApiKeyAuthentication]
    permission_classes = [HasScope]
    throttle_classes = []
    required_scope = "producers:read"

    def get(self, request):
        return Response({"who": request.user.username, "scope": scope_of(request.user).region_code})


class Unscoped(Thing):
    """Forgot to say which scope it needs."""

    required_scope = ""


urlpatterns = [path("thing/", Thing.as_view()), path("unscoped/", Unscoped.as_view())]


@pytest.fixture
def agency():
    return UserFactory(username="agency", role=Role.AGENCY, name="市监局")


def issue(user, **fields):
    return services.issue_key(
        **{
            "name": "市监共享",
            "user": user,
            "scopes": ["producers:read"],
            "expires_at": timezone.now() + timedelta(days=30),
            **fields,
        }
    )


def call(text, url="/thing/"):
    return APIClient().get(url, HTTP_AUTHORIZATION=f"Api-Key {text}")


def test_a_key_opens_its_scope_in_its_division(agency):
    key, text = issue(agency, region_code="440823")
    assert call(text).json() == {"who": "agency", "scope": "440823"}
    assert text.split(".")[0] == key.prefix
    assert text.split(".")[1] not in str(ApiKey.objects.values().get())
    assert [line.sentence for line in AuditLine.objects.all()] == [
        f"为市监局签发接口密钥市监共享 ({key.prefix})"
    ]


def test_use_is_noted_at_most_every_ten_minutes(agency, django_assert_num_queries):
    key, text = issue(agency)
    call(text)
    key.refresh_from_db()
    assert key.last_used_at is not None
    with django_assert_num_queries(1):
        call(text)


def test_other_scopes_and_views_without_one_are_refused(agency):
    _key, text = issue(agency, scopes=["ledger:read"])
    assert call(text).status_code == 403
    _key, text = issue(agency)
    assert call(text, "/unscoped/").status_code == 403


def test_every_bad_key_gets_the_same_answer(agency):
    key, text = issue(agency)
    expired, expired_text = issue(agency)
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    bad = [f"{key.prefix}.wrong", "nothing.here", "", "a b c", expired_text]
    services.revoke_key(key=key)
    services.revoke_key(key=key)
    bad.append(text)
    answers = {(call(one).status_code, call(one).content) for one in bad}
    assert len(answers) == 1
    status, content = answers.pop()
    assert status == 401
    assert "接口密钥无效、已吊销或已到期。" in content.decode()
    assert AuditLine.objects.filter(verb="key.revoked").count() == 1


def test_a_shut_accounts_keys_stop(agency):
    _key, text = issue(agency)
    services.deactivate(user=agency, reason="协议到期")
    assert call(text).status_code == 401


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"scopes": ["everything"]}, "请从列表中选择权限范围。"),
        ({"scopes": []}, "请从列表中选择权限范围。"),
        ({"region_code": "4409"}, "密钥的行政区划应在账号的行政区划之内。"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "到期时间应晚于现在。"),
    ],
)
def test_refused_keys(agency, fields, message):
    with pytest.raises(ValidationError, match=message):
        issue(agency, **fields)
    assert not ApiKey.objects.exists()
    assert not AuditLine.objects.exists()


def test_staff_accounts_hold_no_keys():
    with pytest.raises(ValidationError, match="工作人员账号不能用作接口账号"):
        issue(UserFactory())
