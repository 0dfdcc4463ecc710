"""Registered, not operating: the list, and the acts from notice to delisting and back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin, page_of
from archives.admin.acts import Act, ActsAdmin
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.admin.forms import ReasonForm
from archives.models import IdleFinding, IdleState
from archives.services import idle

CHANGE = "archives.change_idlefinding"
NAMES_SHOWN = 10
COLOURS = {"found": "warning", "noticed": "info", "delisted": "danger", "kept": "success"}


class NoticeForm(ReasonForm):
    """How long the producer has to answer, and why."""

    days = forms.IntegerField(
        label=_("告知期（天）"), min_value=idle.NOTICE_DAYS_LEAST, max_value=365, initial=30,
        widget=UnfoldAdminIntegerFieldWidget,
        error_messages={"min_value": _("告知期不少于%(limit_value)s天。")},
    )  # fmt: skip
    field_order = ("days", "reason")


class ChosenForm(NoticeForm):
    """The same for those chosen in the list."""

    ids = forms.CharField(widget=forms.HiddenInput)


class AnswerFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """By whether the producer has spoken and waits."""

    title = _("主体的说明")
    parameter_name = "answered"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One choice."""
        return [("1", _("已说明，待处理"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those who said that they operate."""
        return queryset.answered() if self.value() == "1" else queryset  # type: ignore[attr-defined]  # the model's own queryset


ACTS = {
    "visit": Act(
        CHANGE, _("派巡查核实"),
        _("在检查计划中增加一次巡查指导任务，下月底前到现场核实；注销前应当核实。"), _("已安排巡查。"),
        forms.Form, idle.ask_visit, lambda row: row.state in (IdleState.FOUND, IdleState.NOTICED),
    ),
    "notice": Act(
        CHANGE, _("告知拟注销"),
        _("主体在“我的”页面和短信中看到：期满仍无生产经营记录的，将注销其档案；期满前可以说明情况。"),
        _("已告知。"),
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


@admin.register(IdleFinding)
class IdleFindingAdmin(ProducerSearch, ActsAdmin, ReadOnlyAdmin):
    """Shows and asks; ``services.idle`` writes."""

    acts = ACTS
    target = "finding"
    list_display = (
        "producer", "deal", "place", "since", "shown_state", "shown_answer", "visit_asked_on",
        "notice_until",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), AnswerFilter, DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer__region",)
    list_before_template = "admin/archives/idle/find.html"
    ordering = ("since", "pk")
    actions = ("ask_visits", "notice_chosen")
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
        "answer",
        "answered_by",
        "answered_at",
        "found_at",
    )

    def get_urls(self) -> list[URLPattern]:
        """The list's own act, before the pages of single rows."""
        wrap = self.admin_site.admin_view
        own = [
            path("find/", wrap(self.find_view), name="archives_idlefinding_find"),
            path("notice/", wrap(self.notice_view), name="archives_idlefinding_notice"),
        ]
        return [*own, *super().get_urls()]

    def links(self, row: Any) -> list[dict[str, str]]:
        """To the producer's file, where its visits stand."""
        return [{"label": str(_("看主体档案和巡查结果")), "url": page_of(row.producer)}]

    def has_visit_permission(self, request: HttpRequest) -> bool:
        """Those who decide about findings."""
        return bool(request.user.has_perm(CHANGE))

    @admin.action(description=_("派巡查核实所选主体"), permissions=["visit"])
    def ask_visits(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """One guidance task each, through the floor above."""
        rows = idle.ask_visits(findings=queryset, actor=request.user)
        messages.success(request, _("已为%(count)d个主体安排巡查。") % {"count": len(rows)})

    @admin.action(description=_("告知所选主体拟注销"), permissions=["visit"])
    def notice_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """On to the page that asks for the period and the reason."""
        keys = list(queryset.values_list("pk", flat=True)[: idle.NOTICES_MOST + 1])
        address = reverse("admin:archives_idlefinding_notice")
        return HttpResponseRedirect(f"{address}?ids={','.join(map(str, keys))}")

    def notice_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks, POST gives notice to all that were chosen and are still to be verified."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        given = (request.POST if request.method == "POST" else request.GET).get("ids", "")
        keys = [int(text) for text in given.split(",") if text.isdecimal() and len(text) < 19]
        rows = self.get_queryset(request).filter(pk__in=keys).select_related("producer")
        open_ones = [row for row in rows.order_by("since", "pk") if row.state == IdleState.FOUND]
        names = "、".join(row.producer.name for row in open_ones[:NAMES_SHOWN])
        said = {"count": len(open_ones), "names": names}
        more = len(open_ones) > NAMES_SHOWN
        line = _("将告知%(count)d个主体：%(names)s等。") if more else _("将告知%(count)d个主体：%(names)s。")
        lines = [str(line) % said if open_ones else str(_("所选主体都已办理，没有需要告知的。"))]
        if len(rows) > len(open_ones):
            lines.append(
                str(_("另有%(count)d个已办理，不包括在内。")) % {"count": len(rows) - len(open_ones)}
            )

        def act(values: dict[str, Any]) -> str:
            told = idle.give_notices(
                findings=rows, reason=values["reason"], days=values["days"], actor=request.user
            )
            return str(_("已告知%(count)d个主体。")) % {"count": len(told)}

        return act_page(
            request, title=str(_("告知拟注销")), lines=[*lines, str(ACTS["notice"].says)],
            button=str(_("告知拟注销")),
            form=ChosenForm(request.POST if request.method == "POST" else None, initial={"ids": given}),
            act=act, back=reverse("admin:archives_idlefinding_changelist"),
        )  # fmt: skip

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

    @admin.display(description=_("办理"))
    def deal(self, row: IdleFinding) -> str:
        """Opens the finding with its acts; the name leads to the producer's file."""
        return gettext("办理")

    @admin.display(description=_("所在区划"))
    def place(self, row: IdleFinding) -> str:
        """The division's full name."""
        return str(row.producer.region)

    @admin.display(description=_("主体的说明"))
    def shown_answer(self, row: IdleFinding) -> str | None:
        """What the producer says, as far as a list holds it."""
        return Truncator(row.answer).chars(30) or None

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: IdleFinding) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.state, row.get_state_display())
