"""The audit administrator's page: filters and lines, nothing to change."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common.admin import ReadOnlyAdmin

from . import registry
from .models import AuditLine


class VerbFilter(admin.SimpleListFilter):
    """By verb, offered from the registry: no scan of the table for what occurs in it."""

    title = _("操作")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every registered verb, read as its sentence."""
        return list(registry.verbs().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLine]) -> QuerySet[AuditLine]:
        """Lines of the chosen verb."""
        return queryset.filter(verb=self.value()) if self.value() else queryset


class ActorRoleFilter(admin.SimpleListFilter):
    """By the role the actor had then."""

    title = _("操作人角色")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The roles, and the system itself."""
        return [("system", str(_("系统")))] + [(role.value, str(role.label)) for role in Role]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLine]) -> QuerySet[AuditLine]:
        """Lines of the chosen role."""
        if self.value() == "system":
            return queryset.filter(actor__isnull=True)
        return queryset.filter(actor_role=self.value()) if self.value() else queryset


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnlyAdmin):
    """Who did what, newest first."""

    list_display = ["at", "line", "who", "region_code", "ip"]
    list_display_links = ["line"]
    list_filter = [("at", RangeDateTimeFilter), VerbFilter, ActorRoleFilter]
    list_filter_submit = True
    search_fields = ["actor_name"]
    search_help_text = _("操作人或被操作账号的用户名、姓名（完整），或对象编号")
    fields = ["at", "line", "who", "region_code", "target_type", "target_id", "facts", "request_id", "ip"]

    @admin.display(description=_("内容"))
    def line(self, obj: AuditLine) -> str:
        """The readable sentence."""
        return obj.sentence

    @admin.display(description=_("操作人"))
    def who(self, obj: AuditLine) -> str:
        """Name and role as they were then; nobody is the system."""
        if not obj.actor_name:
            return str(_("系统"))
        role = Role(obj.actor_role).label if obj.actor_role in Role.values else obj.actor_role
        return f"{obj.actor_name}（{role}）"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditLine], search_term: str
    ) -> tuple[QuerySet[AuditLine], bool]:
        """Exact matches that the indexes serve; a search within texts would read years of lines."""
        term = search_term.strip()
        if not term:
            return queryset, False
        people = list(User.objects.filter(Q(username=term) | Q(name=term)).values_list("pk", flat=True)[:50])
        account = Q(target_type="accounts.user", target_id__in=[str(pk) for pk in people])
        return queryset.filter(Q(actor__in=people) | account | Q(target_id=term)), False
