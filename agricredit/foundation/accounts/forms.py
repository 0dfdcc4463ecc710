"""The forms of the entrance: Chinese labels above the fields, no placeholders."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.utils.translation import gettext_lazy as _

from .models import User
from .models.user import check_phone


class PhoneField(forms.CharField):
    """A mainland mobile number; blanks, hyphens and a leading +86 are taken away."""

    def __init__(self, **kwargs: Any) -> None:
        """A telephone keyboard on phones; the browser may fill it in."""
        kwargs.setdefault("label", _("手机号码"))
        widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})
        super().__init__(**{"widget": widget, "validators": [check_phone], **kwargs})

    def to_python(self, value: Any) -> str:
        """Eleven digits, if it can be read so."""
        text = str(super().to_python(value) or "").replace(" ", "").replace("-", "")
        return text.removeprefix("+").removeprefix("86") if len(text) > 11 else text


def _number_keys(field: forms.Field, label: Any) -> None:
    """A short code is typed with number keys and filled in from the message."""
    field.label = label
    field.widget.attrs = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth is untyped
    """User name (or phone number) and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Our labels; the way out of a forgotten password stands on the page itself."""
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("用户名或手机号码")
        self.fields["login"].widget.attrs = {"autocomplete": "username", "autocapitalize": "none"}
        self.fields["password"].label = _("密码")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}


class RequestCodeForm(allauth_forms.RequestLoginCodeForm):  # type: ignore[misc]  # allauth ships no types
    """A phone number; whether it belongs to an account is never said."""

    _user: User | None

    def clean_phone(self) -> str:
        """Staff enter by password: their number is answered like an unknown one."""
        phone: str = super().clean_phone()
        if self._user is not None and (self._user.is_staff or not self._user.is_active):
            self._user = None
        return phone


class ConfirmCodeForm(allauth_forms.ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth ships no types
    """The code from the short message."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Number keys."""
        super().__init__(*args, **kwargs)
        _number_keys(self.fields["code"], _("短信验证码"))


class ChangePasswordForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]  # allauth ships no types
    """The old password once, the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Our labels."""
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": _("现在的密码"), "password1": _("新密码"), "password2": _("再输一次新密码")}
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)


class ReauthenticateForm(allauth_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Our label."""
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("密码")
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}


class AuthenticateForm(mfa_forms.AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The six digits of the authenticator, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Number keys."""
        super().__init__(*args, **kwargs)
        _number_keys(self.fields["code"], _("动态验证码或恢复码"))


class ReauthenticateCodeForm(mfa_forms.ReauthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """The same, while logged in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Number keys."""
        super().__init__(*args, **kwargs)
        _number_keys(self.fields["code"], _("动态验证码或恢复码"))


class ActivateTotpForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]  # allauth ships no types
    """The first code of a newly scanned key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Number keys."""
        super().__init__(*args, **kwargs)
        _number_keys(self.fields["code"], _("动态验证码"))
