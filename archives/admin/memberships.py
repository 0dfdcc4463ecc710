"""Who acts for whom; granted on the producer's page, revoked here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from archives.admin.acts import Act, ActsAdmin
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.admin.forms import ReasonForm
from archives.models import Membership
from archives.services.memberships import revoke_membership

ACTS = {
    "revoke": Act(
        "archives.change_membership",
        _("收回权限"),
        _("从今天起该用户不能再为主体办理事务。"),
        _("已收回。"),
        ReasonForm,
        revoke_membership,
        lambda membership: membership.valid_to is None,
    )
}


@admin.register(Membership)
class MembershipAdmin(ProducerSearch, ActsAdmin):
    """A list to look at, with one act."""

    acts = ACTS
    target = "membership"
    list_display = ("user", "producer", "role", "valid_from", "valid_to")
    list_select_related = ("user", "producer")
    list_filter = ("role", DivisionFilter)
    list_filter_submit = True
    search_help_text = _("主体名称、编号或信用代码，或完整的用户名")
    ordering = ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A user name that is held, else the producer."""
        named = queryset.filter(user__username=search_term.strip())
        if search_term.strip() and named.exists():
            return named, False
        return super().get_search_results(request, queryset, search_term)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Granted on the producer's page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Nothing is edited; the act revokes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """A membership ends, it is not deleted."""
        return False
