"""Logging in: phone and code, password and second factor; nobody learns who has an account."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.urls import reverse

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.sms import RecordingSms, SmsError
from tests.factories.accounts import PASSWORD, UserFactory, enter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.foundation.accounts.urls")]
SECRET = "JBSWY3DPEHPK3PXP"
PHONE = "13800138000"


class FailingSms:
    """A provider that is down."""

    def send(self, phone, text):
        raise SmsError("down")


@pytest.fixture(autouse=True)
def _clean(settings):
    settings.SMS_BACKEND = "agricredit.foundation.common.sms.RecordingSms"
    RecordingSms.sent.clear()
    cache.clear()
    yield
    cache.clear()


def ask_code(client, phone=PHONE):
    return client.post(reverse("account_request_login_code"), {"phone": phone})


def confirm(client, code):
    return client.post(reverse("account_confirm_login_code"), {"code": code})


def sent_code():
    ((phone, text),) = RecordingSms.sent
    return phone, re.search(r"登录验证码(\d{6})，", text)[1]


def log_in(client, login, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": login, "password": password}, **extra)


def code_now(secret=SECRET, step=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def is_in(client):
    return "_auth_user_id" in client.session


def test_a_producer_enters_by_phone_and_code(client):
    user = UserFactory(role=Role.PRODUCER, phone=PHONE, password=None, name="老陈")
    answer = ask_code(client)
    assert answer.url == reverse("account_confirm_login_code")
    page = client.get(answer.url).content.decode()
    assert "输入验证码" in page
    phone, code = sent_code()
    assert phone == PHONE
    assert confirm(client, code).url == "/my/"
    assert is_in(client)
    assert client.get("/my/").content == b"my"
    assert client.session.get_expiry_age() > 29 * 86400
    assert [line.sentence for line in AuditLine.objects.all()] == ["老陈登录"]
    assert AuditLine.objects.get().actor == user


def test_the_number_may_be_written_as_people_write_it(client):
    UserFactory(role=Role.PRODUCER, phone=PHONE, password=None)
    ask_code(client, "+86 138-0013-8000")
    assert sent_code()[0] == PHONE


def test_three_wrong_codes_end_the_attempt(client):
    UserFactory(role=Role.PRODUCER, phone=PHONE, password=None)
    ask_code(client)
    _phone, code = sent_code()
    wrong = "000000" if code != "000000" else "111111"
    page = confirm(client, wrong)
    assert "验证码不正确，请核对后再输一次。" in page.content.decode()
    confirm(client, wrong)
    assert confirm(client, wrong).url == reverse("account_request_login_code")
    confirm(client, code)
    assert not is_in(client)


def answers(client, phone):
    """Everything a visitor can see of asking for a code and mistyping it."""
    asked = ask_code(client, phone)
    page = client.get(asked.url)
    wrong = confirm(client, "abcdef")
    text = page.content.decode() + wrong.content.decode()
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text).replace(phone, "PHONE")
    return asked.status_code, asked.url, page.status_code, wrong.status_code, text


@pytest.mark.parametrize("who", ["nobody", "staff", "inactive", "provider down"])
def test_known_and_unknown_numbers_get_the_same_answer(client, client_class, settings, who):
    UserFactory(role=Role.PRODUCER, phone=PHONE, password=None)
    other = "13900139000"
    if who == "staff":
        UserFactory(role=Role.COUNTY_OFFICER, phone=other)
    elif who == "inactive":
        UserFactory(role=Role.PRODUCER, phone=other, is_active=False, password=None)
    known = answers(client, PHONE)
    if who == "provider down":
        UserFactory(role=Role.PRODUCER, phone=other, password=None)
        settings.SMS_BACKEND = f"{__name__}.FailingSms"
    assert answers(client_class(), other) == known
    assert len(RecordingSms.sent) == 1


@pytest.fixture
def client_class():
    from django.test import Client

    return Client


def test_a_second_code_waits_a_minute(client):
    UserFactory(role=Role.PRODUCER, phone=PHONE, password=None)
    ask_code(client)
    client.post(reverse("account_logout"))
    page = ask_code(client)
    assert "尝试次数过多" in page.content.decode()
    assert len(RecordingSms.sent) == 1


def test_a_wrong_name_and_a_wrong_password_read_the_same(client):
    UserFactory(username="known", role=Role.COUNTY_OFFICER)
    pages = [log_in(client, name, "wrong-password-1").content.decode() for name in ("known", "unknown")]
    assert all("用户名、手机号码或密码不正确。" in page for page in pages)
    assert [line.sentence for line in AuditLine.objects.all()] == [
        f"账号{User.objects.get().name}登录未成功：密码不正确"
    ]


def test_five_failures_shut_the_name_even_to_the_right_password(client):
    UserFactory(username="known")
    for _attempt in range(5):
        log_in(client, "known", "wrong-password-1")
    page = log_in(client, "known").content.decode()
    assert "尝试次数过多，请15分钟后再试" in page
    assert not is_in(client)


def test_the_lock_does_not_need_the_account_to_exist(client):
    for _attempt in range(5):
        log_in(client, "nobody", "wrong-password-1")
    assert "尝试次数过多" in log_in(client, "nobody").content.decode()


def test_logins_work_while_the_cache_is_away(client, settings):
    UserFactory(username="officer", role=Role.MARKET)
    settings.CACHES = {
        "default": {**settings.CACHES["default"], "LOCATION": "unix:///nonexistent/valkey.sock?db=0"}
    }
    assert log_in(client, "officer").url == "/"
    assert is_in(client)


def test_staff_are_led_to_the_second_factor_and_then_in(client):
    UserFactory(username="officer", name="陈科长")
    log_in(client, "officer")
    assert is_in(client)
    for path in ("/admin/", "/field/", "/my/"):
        assert client.get(path).url == f"{reverse('mfa_activate_totp')}?next=%2F{path.strip('/')}%2F"
    refused = client.get("/api/v1/thing/")
    assert (refused.status_code, refused.json()) == (
        403,
        {"detail": "请先在网页上完成登录的全部步骤（修改密码、二次验证）。"},
    )
    page = client.get(reverse("mfa_activate_totp"))
    assert "设置二次验证" in page.content.decode()
    secret = client.session["mfa.totp.secret"]
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "x"})
    assert "验证码不正确" in wrong.content.decode()
    done = client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert done.url == reverse("mfa_view_recovery_codes")
    codes = client.get(done.url).content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", codes)) == 10
    assert client.get("/field/").content == b"field"
    assert client.get("/api/v1/thing/").json() == {"who": "陈科长"}
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    assert [line.sentence for line in AuditLine.objects.order_by("id")] == [
        "陈科长登录",
        "陈科长设置了二次验证",
    ]


def test_with_a_second_factor_the_password_alone_is_no_login(client):
    user = UserFactory(username="officer")
    TOTP.activate(user, SECRET)
    assert log_in(client, "officer").url == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.get("/api/v1/thing/").json() == {"who": "AnonymousUser"}
    page = client.get(reverse("mfa_authenticate")).content.decode()
    assert "打开手机上的验证器" in page
    assert "验证码不正确" in client.post(reverse("mfa_authenticate"), {"code": "123"}).content.decode()
    client.post(reverse("mfa_authenticate"), {"code": code_now()})
    assert is_in(client)
    assert client.get("/field/").content == b"field"


def test_a_recovery_code_serves_once(client, client_class):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    user = UserFactory(username="officer")
    TOTP.activate(user, SECRET)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    for browser, expected in ((client, True), (client_class(), False)):
        log_in(browser, "officer")
        browser.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(browser) is expected


def test_a_session_from_before_the_second_factor_must_pass_it(client):
    user = UserFactory()
    client.force_login(user)
    TOTP.activate(user, SECRET)
    assert client.get("/admin/").url == f"{reverse('mfa_reauthenticate')}?next=%2Fadmin%2F"
    page = client.get(reverse("mfa_reauthenticate")).content.decode()
    assert "请再次确认身份" in page
    assert (
        client.post(reverse("mfa_reauthenticate"), {"code": code_now(), "next": "/field/"}).url == "/field/"
    )
    assert client.get("/field/").content == b"field"


def test_a_password_set_by_somebody_else_is_changed_first(client):
    user = UserFactory(must_change_password=True, name="新人")
    enter(client, user)
    assert client.get("/admin/").url == f"{reverse('account_change_password')}?next=%2Fadmin%2F"
    page = client.get(reverse("account_change_password")).content.decode()
    assert "您的密码是别人代设的" in page
    form = {"oldpassword": PASSWORD, "password1": "123", "password2": "123"}
    assert "至少" in client.post(reverse("account_change_password"), form).content.decode()
    new = "荔枝湾头有白鹭-88"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), form).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new)
    assert not user.must_change_password
    assert client.get("/field/").content == b"field"
    assert "新人修改了自己的密码" in [line.sentence for line in AuditLine.objects.all()]


def test_staff_sessions_last_fifteen_idle_minutes(client):
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    user = enter(client, UserFactory()) and User.objects.get()
    client.get("/field/")
    assert client.session.get_expiry_age() <= 15 * 60
    row = Session.objects.get(session_key=client.session.session_key)
    assert (row.expire_date - timezone.now()).total_seconds() <= 15 * 60
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/admin/").url == "/admin/login/?next=/admin/"
    assert user.is_staff


def test_reading_twice_in_a_minute_writes_the_session_once(client, django_assert_num_queries):
    enter(client, UserFactory())
    client.get("/field/")
    with django_assert_num_queries(2):
        client.get("/field/")


def test_a_shut_account_is_out_at_once(client):
    from agricredit.foundation.accounts import services

    user = UserFactory()
    enter(client, user)
    assert client.get("/api/v1/thing/").json() == {"who": user.name}
    services.deactivate(user=user, reason="离岗")
    assert client.get("/api/v1/thing/").json() == {"who": "AnonymousUser"}


def test_a_shut_account_is_told_so_only_after_its_right_password(client):
    UserFactory(username="gone", is_active=False)
    assert "不正确" in log_in(client, "gone", "wrong-password-1").content.decode()
    answer = log_in(client, "gone")
    assert answer.url == reverse("account_inactive")
    assert "账号已停用" in client.get(answer.url).content.decode()


def test_there_is_no_sign_up_and_no_reset_by_mail(client):
    for path in ("signup/", "password/reset/", "email/", "password/set/"):
        assert client.get(f"/accounts/{path}").status_code == 404


def test_the_back_office_has_no_entrance_of_its_own(client):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.url == "/accounts/login/?next=%2Fadmin%2F"
    enter(client, UserFactory(role=Role.PRODUCER, phone=PHONE))
    assert client.get("/admin/login/").status_code == 403


def test_an_old_login_is_asked_again_before_new_recovery_codes(client):
    user = UserFactory()
    TOTP.activate(user, SECRET)
    enter(client, user, ago=600)
    generate = reverse("mfa_generate_recovery_codes")
    assert client.get(generate).url.startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(generate).status_code == 200
    assert client.post(generate).url == reverse("mfa_view_recovery_codes")
    assert [line.sentence for line in AuditLine.objects.all()] == [f"{user.name}重新生成了恢复码"]


ENGLISH = re.compile(r">[^<>]*[A-Za-z]{3,}[^<>]*<")


def test_no_page_of_the_entrance_speaks_english(client, client_class):
    officer = UserFactory(username="officer")
    pages = [client.get(reverse("account_login")), client.get(reverse("account_request_login_code"))]
    pages.append(log_in(client, "", ""))
    ask_code(client)
    pages.append(client.get(reverse("account_confirm_login_code")))
    inside = enter(client_class(), officer)
    names = [
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_index",
    ]
    pages += [inside.get(reverse(name)) for name in names]
    TOTP.activate(officer, SECRET)
    names = ["mfa_index", "mfa_generate_recovery_codes", "mfa_reauthenticate"]
    pages += [inside.get(reverse(name)) for name in names]
    for page in pages:
        assert page.status_code == 200
        body = page.content.decode().partition("<main")[2].partition("</main>")[0]
        body = re.sub(r"<code>.*?</code>", "", body)
        assert ENGLISH.findall(body) == []
        assert "placeholder" not in body
