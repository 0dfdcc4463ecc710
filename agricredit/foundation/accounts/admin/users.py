"""Accounts."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.accounts import services
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import STAFF, Role
from agricredit.foundation.accounts.services.users import temporary_password

from .base import ServiceAdmin
from .forms import UserChangeForm, UserForm


@admin.register(User)
class UserAdmin(ServiceAdmin):
    """The security administrator opens, changes and shuts accounts."""

    list_display = ["username", "name", "role", "region_code", "phone", "is_active", "last_login"]
    list_filter = ["role", "is_active", "is_staff"]
    search_fields = ["username__startswith", "name__startswith", "phone__exact", "region_code__startswith"]
    search_help_text = gettext_lazy("用户名、姓名、手机号码或行政区划代码的开头")
    readonly_fields = ["username", "is_active", "last_login", "date_joined", "deactivated_at"]
    add_fields = ["username", "name", "role", "region_code", "phone", "email"]
    change_fields = [
        "username",
        ("name", "phone", "email"),
        ("role", "region_code"),
        ("act", "reason"),
        ("is_active", "deactivated_at"),
        ("last_login", "date_joined"),
    ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new account and an old one are asked for different things."""
        form = UserForm if obj is None else UserChangeForm
        return super().get_form(request, obj, change, **{"form": form, "fields": form.Meta.fields, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str | None, dict[str, Any]]]:
        """Two layouts for the two forms."""
        return [(None, {"fields": self.add_fields if obj is None else self.change_fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The user name is chosen once."""
        return [] if obj is None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Through the services; the form has already been asked the same rules."""
        data = form.cleaned_data
        if change:
            self._change(request, obj, data)
        else:
            self._open(request, obj, data)

    def _open(self, request: HttpRequest, obj: User, data: dict[str, Any]) -> None:
        role = Role(data["role"])
        by_password = role in STAFF or (not data["phone"] and role != Role.AGENCY)
        password = temporary_password() if by_password else None
        made = services.create_user(
            username=data["username"],
            name=data["name"],
            role=role,
            region_code=data["region_code"],
            phone=data["phone"] or "",
            email=data["email"],
            password=password,
            actor=_actor(request),
        )
        obj.pk = made.pk
        if password:
            self._show(request, made, password)

    def _change(self, request: HttpRequest, obj: User, data: dict[str, Any]) -> None:
        actor = _actor(request)
        services.change_details(
            user=obj, name=data["name"], phone=data["phone"] or "", email=data["email"], actor=actor
        )
        before = User.objects.get(pk=obj.pk)
        if (before.role, before.region_code) != (data["role"], data["region_code"]):
            services.assign_role(user=before, role=data["role"], region_code=data["region_code"], actor=actor)
        act, reason = data.get("act"), data.get("reason", "")
        if act == "deactivate":
            services.deactivate(user=before, reason=reason, actor=actor)
        elif act == "reactivate":
            services.reactivate(user=before, reason=reason, actor=actor)
        elif act == "reset_second_factor":
            services.reset_second_factor(user=before, reason=reason, actor=actor)
        elif act == "reset_password":
            self._show(request, before, services.reset_password(user=before, reason=reason, actor=actor))

    def _show(self, request: HttpRequest, user: User, password: str) -> None:
        text = _("%(user)s的临时密码：%(password)s（只显示这一次，首次登录须修改）")
        self.message_user(request, text % {"user": user, "password": password}, messages.WARNING)


def _actor(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User):
        raise TypeError("The back office is entered by accounts only.")
    return user
