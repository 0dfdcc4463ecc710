"""How django-allauth meets our accounts."""

import base64
import logging
import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.audit.middleware import client_ip
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import sms
from agricredit.foundation.common.crypto import decrypt, encrypt

from .forms import PhoneField
from .models import User
from .roles import Role

logger = logging.getLogger(__name__)

PORTAL = "/my/"
_WRONG = _("用户名、手机号码或密码不正确。")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Accounts are made by services, never by visitors; logins leave audit lines."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("这个账号已停用，请联系安全管理员。"),
        "phone_password_mismatch": _WRONG,
        "username_password_mismatch": _WRONG,
        "invalid_login": _WRONG,
        "enter_current_password": _("现在的密码不正确。"),
        "incorrect_password": _("密码不正确。"),
        "incorrect_code": _("验证码不正确，请核对后再输一次。"),
        "too_many_login_attempts": _("尝试次数过多，请15分钟后再试；忘记密码请联系本单位安全管理员。"),
        "rate_limited": _("操作太频繁，请稍后再试。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The same address as in the audit; a unix socket has none and counts as one caller."""
        return client_ip(request) or "0.0.0.0"  # noqa: S104 - a name for "no address", nothing is bound

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within five minutes of any proof (allauth itself counts only repeated ones, not the login)."""
        proofs = get_authentication_records(self.request, self.request.user)
        if any(time.time() - proof["at"] < app_settings.REAUTHENTICATION_TIMEOUT for proof in proofs):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where the day's work is: the back office, the producer's own pages, or the public home."""
        user = request.user
        if isinstance(user, User) and user.is_staff:
            return reverse("admin:index")
        if isinstance(user, User) and user.role in {Role.PRODUCER, Role.HELPER}:
            return PORTAL
        return str(resolve_url(settings.LOGIN_REDIRECT_URL))

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        """Eleven digits instead of E.164."""
        return PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        """The active account with that number."""
        return User.objects.filter(phone=phone, is_active=True).first()

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """Numbers are entered by an officer or the security administrator, so they count as verified."""
        return (user.phone, True) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        """Numbers are changed by ``services.change_details`` alone."""
        raise PermissionError("Phone numbers are changed by services.change_details.")

    def set_phone_verified(self, user: User, phone: str) -> None:
        """Refused when the number was given to somebody else since the code was sent."""
        if user.phone != phone:
            raise ValidationError(gettext("手机号码已变更，请重新获取验证码。"))

    def send_verification_code_sms(self, user: User, phone: str, code: str, **kwargs: Any) -> None:
        """Send the code; a provider's failure is logged and answered like success, to tell nothing."""
        text = gettext(
            "【%(site)s】登录验证码%(code)s，5分钟内有效。工作人员不会向您索要验证码，请勿告诉他人。"
        )
        try:
            sms.send(phone, text % {"site": settings.SITE_NAME, "code": code})
        except sms.SmsError:
            logger.exception("login code not sent", extra={"user_id": user.pk})

    def login(self, request: HttpRequest, user: User) -> None:
        """Log in and leave a line."""
        super().login(request, user)
        record(verb="account.entered", actor=user, target=user, region_code=user.region_code)

    def logout(self, request: HttpRequest) -> None:
        """Log out and leave a line."""
        user = request.user
        if isinstance(user, User):
            record(verb="account.left", actor=user, target=user, region_code=user.region_code)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A line for accounts that exist; what was typed for another may be a password and is not kept."""
        user = User.objects.filter(username=credentials.get("username", "")).first()
        user = user or self.get_user_by_phone(credentials.get("phone", "") or "")
        if user is not None:
            record(verb="account.refused", target=user, region_code=user.region_code)

    def set_password(self, user: User, password: str) -> None:
        """The person's own new password: nothing more to change."""
        user.must_change_password = False
        super().set_password(user, password)
        record(verb="account.password_changed", actor=user, target=user, region_code=user.region_code)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Secrets are encrypted at rest; staff cannot do without."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("工作人员必须使用二次验证；换手机请联系安全管理员重置。"),
        "cannot_generate_recovery_codes": _("请先设置二次验证，再生成恢复码。"),
        "incorrect_code": _("验证码不正确。请核对手机时间是否准确，再输一次最新的验证码。"),
    }

    def get_totp_issuer(self) -> str:
        """The site's name, as the authenticator shows it."""
        return str(settings.SITE_NAME)

    def get_totp_label(self, user: User) -> str:
        """The user name; a mail address would be one more personal fact on a phone."""
        return user.username

    def encrypt(self, text: str) -> str:
        """Base64 of the platform's encryption of personal data."""
        return base64.b64encode(encrypt(text)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret's text."""
        return decrypt(base64.b64decode(encrypted_text))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Only those who need none may drop theirs."""
        return not authenticator.user.is_staff
