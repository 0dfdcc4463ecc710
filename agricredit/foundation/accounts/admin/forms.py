"""Forms that ask the services' own rules, so that a refusal stands beside its field."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from agricredit.foundation.accounts.models import ApiKey, User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.accounts.scopes import SCOPES
from agricredit.foundation.accounts.services import rules

ACTS = [
    ("", _("不变")),
    ("deactivate", _("停用")),
    ("reactivate", _("恢复")),
    ("reset_second_factor", _("重置二次验证")),
    ("reset_password", _("重置密码")),
]


class UserForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """Who somebody is, their role and division."""

    class Meta:
        model = User
        fields = ["username", "name", "role", "region_code", "phone", "email"]

    def clean_phone(self) -> str | None:
        """No number is NULL, so that many accounts may have none."""
        return self.cleaned_data["phone"] or None

    def clean(self) -> dict[str, Any]:
        """The division must fit the role."""
        data = super().clean() or {}
        if "role" in data and "region_code" in data:
            try:
                rules.check_region(Role(data["role"]), data["region_code"])
            except ValidationError as error:
                self.add_error("region_code", error.messages)
        return data


class UserChangeForm(UserForm):
    """The same, with what may be done to the account."""

    act = forms.ChoiceField(label=_("账号处理"), choices=ACTS, required=False, widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(
        label=_("处理原因"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta(UserForm.Meta):
        fields = ["name", "role", "region_code", "phone", "email"]

    def clean(self) -> dict[str, Any]:
        """Every act on somebody's account has a reason."""
        data = super().clean()
        if data.get("act") and not data.get("reason"):
            self.add_error("reason", _("请写明原因，它会记入操作日志。"))
        return data


class ApiKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """A new key."""

    scopes = forms.MultipleChoiceField(
        label=_("权限范围"), choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ["name", "user", "scopes", "region_code", "expires_at"]


class ApiKeyRevokeForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """All that may happen to a key once it is made."""

    revoke = forms.BooleanField(
        label=_("吊销"),
        help_text=_("吊销后立即失效，不能恢复。"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = ApiKey
        fields: list[str] = []
