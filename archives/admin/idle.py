"""Registered, not operating: the list, and the acts from notice to delisting and back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, TextFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from archives.admin.acts import Act, ActsAdmin
from archives.admin.forms import ReasonForm
from archives.models import IdleFinding, IdleState
from archives.services import idle

CHANGE = "archives.change_idlefinding"
COLOURS = {"found": "warning", "noticed": "info", "delisted": "danger", "kept": "success"}


class NoticeForm(ReasonForm):
    """How long the producer has to answer, and why."""

    days = forms.IntegerField(
        label=_("告知期（天）"), min_value=idle.NOTICE_DAYS_LEAST, max_value=365, initial=30,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    field_order = ("days", "reason")


ACTS = {
    "visit": Act(
        CHANGE, _("派巡查核实"),
        _("在检查计划中增加一次巡查指导任务，下月底前到现场核实；注销前应当核实。"), _("已安排巡查。"),
        forms.Form, idle.ask_visit, lambda row: row.state in (IdleState.FOUND, IdleState.NOTICED),
    ),
    "notice": Act(
        CHANGE, _("告知拟注销"), _("告知主体：期满仍无生产经营记录的，将注销其档案。"), _("已告知。"),
        NoticeForm, idle.give_notice, lambda row: row.state == IdleState.FOUND,
    ),
    "keep": Act(
        CHANGE, _("核实在产"), _("经核实仍在生产经营，写明为何没有记录。"), _("已记录。"), ReasonForm,
        idle.keep, lambda row: row.state in (IdleState.FOUND, IdleState.NOTICED),
    ),
    "delist": Act(
        CHANGE, _("注销档案"), _("告知期满后注销；记录和信用信息都保留，可以恢复。"), _("已注销。"),
        ReasonForm, idle.delist, lambda row: row.state == IdleState.NOTICED,
    ),
    "relist": Act(
        CHANGE, _("恢复档案"), _("撤销注销，档案恢复为正常。"), _("已恢复。"), ReasonForm, idle.relist,
        lambda row: row.state == IdleState.DELISTED,
    ),
}  # fmt: skip


class DivisionFilter(TextFilter):  # type: ignore[misc]  # Unfold ships no types
    """By the division's code, with all below it."""

    title = _("区划代码")
    parameter_name = "township"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Producers there."""
        code = (self.value() or "").strip()
        return queryset.filter(producer__region__code__startswith=code) if code else queryset


@admin.register(IdleFinding)
class IdleFindingAdmin(ActsAdmin, ReadOnlyAdmin):
    """Shows and asks; ``services.idle`` writes."""

    acts = ACTS
    target = "finding"
    list_display = ("producer", "place", "since", "shown_state", "visit_asked_on", "notice_until", "found_at")
    list_filter = (("state", ChoicesDropdownFilter), DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer__region",)
    list_before_template = "admin/archives/idle/find.html"
    ordering = ("since", "pk")
    actions = ("ask_visits",)
    fields = (
        "producer",
        "place",
        "since",
        "shown_state",
        "visit_asked_on",
        "notice_until",
        "reason",
        "decided_by",
        "decided_at",
    )

    def get_urls(self) -> list[URLPattern]:
        """The list's own act, before the pages of single rows."""
        find = path("find/", self.admin_site.admin_view(self.find_view), name="archives_idlefinding_find")
        return [find, *super().get_urls()]

    def has_visit_permission(self, request: HttpRequest) -> bool:
        """Those who decide about findings."""
        return bool(request.user.has_perm(CHANGE))

    @admin.action(description=_("派巡查核实所选主体"), permissions=["visit"])
    def ask_visits(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """One guidance task each, through the floor above."""
        rows = idle.ask_visits(findings=queryset, actor=request.user)
        messages.success(request, _("已为%(count)d个主体安排巡查。") % {"count": len(rows)})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; those who may decide may also search."""
        more = {"may_find": request.user.has_perm(CHANGE), "months": idle.MONTHS}
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Search the officer's own jurisdiction, in the background."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        given = request.POST.get("months", "")
        if request.method == "POST":
            try:
                months = int(given) if given.isdecimal() else 0
                idle.request(region=scope_of(request.user).region_code, months=months, actor=request.user)
                messages.success(request, str(_("已开始查找，进度见“后台任务”，完成后刷新本页。")))
            except ValidationError as refusal:
                messages.error(request, refusal.messages[0])
        return HttpResponseRedirect(reverse("admin:archives_idlefinding_changelist"))

    @admin.display(description=_("所在区划"))
    def place(self, row: IdleFinding) -> str:
        """The division's full name."""
        return str(row.producer.region)

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: IdleFinding) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.state, row.get_state_display())
