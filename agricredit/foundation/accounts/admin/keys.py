"""API keys."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.accounts import services
from agricredit.foundation.accounts.models import ApiKey

from .base import ServiceAdmin
from .forms import ApiKeyForm, ApiKeyRevokeForm


@admin.register(ApiKey)
class ApiKeyAdmin(ServiceAdmin):
    """The security administrator issues and revokes keys; nobody can read one again."""

    list_display = ["name", "prefix", "user", "region_code", "expires_at", "revoked_at", "last_used_at"]
    list_select_related = ["user"]
    list_filter = ["expires_at"]
    search_fields = ["name__startswith", "prefix__exact"]
    search_help_text = gettext_lazy("名称的开头或前缀")
    readonly_fields = [
        "name",
        "prefix",
        "user",
        "scopes",
        "region_code",
        "expires_at",
        "created_at",
        "revoked_at",
        "last_used_at",
    ]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A key can be made, and stopped."""
        form: Any = ApiKeyForm if obj is None else ApiKeyRevokeForm
        return super().get_form(request, obj, change, **{"form": form, "fields": form.Meta.fields, **kwargs})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[tuple[str | None, dict[str, Any]]]:
        """Two layouts for the two forms."""
        fields = ApiKeyForm.Meta.fields if obj is None else [*self.readonly_fields, "revoke"]
        return [(None, {"fields": fields})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Nothing of a key changes."""
        return [] if obj is None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Through the services; the key's text is shown once."""
        actor: Any = request.user
        if change:
            if form.cleaned_data["revoke"]:
                services.revoke_key(key=obj, actor=actor)
            return
        data = form.cleaned_data
        made, text = services.issue_key(
            name=data["name"],
            user=data["user"],
            scopes=data["scopes"],
            region_code=data["region_code"],
            expires_at=data["expires_at"],
            actor=actor,
        )
        obj.pk = made.pk
        shown = _("密钥（只显示这一次，请立即交给使用单位保存）：%s") % text
        self.message_user(request, shown, messages.WARNING)
