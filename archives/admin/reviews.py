"""Verification of records: the work list with bulk confirmation, samples, their settings, and substitutes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter, RangeDateFilter
from unfold.decorators import display

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.templatetags.formats import full_date
from archives.admin.acts import Act, ActsAdmin
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.admin.forms import ReasonForm
from archives.models import RecordReview, ReviewFlag, ReviewState
from archives.portal import wording
from archives.services.records import NOUNS
from archives.services.reviews import deciding, sampling
from archives.services.reviews.reading import attach

CHANGE = "archives.change_recordreview"
COLOURS = {"open": "warning", "returned": "info", "confirmed": "success", "reversed": "danger"}


class FlagFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """By what made the record worth a look."""

    title = _("核实理由")
    parameter_name = "flag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The flags in words."""
        return list(ReviewFlag.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that bear it."""
        flag = self.value()
        return queryset.filter(flags__contains=[flag]) if flag in ReviewFlag.values else queryset


class NounFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """By the kind of record."""

    title = _("记录种类")
    parameter_name = "noun"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The nouns in words."""
        return [(name, noun.model._meta.verbose_name) for name, noun in NOUNS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the noun."""
        return queryset.filter(noun=self.value()) if self.value() in NOUNS else queryset


def _open(row: RecordReview) -> bool:
    return row.state == ReviewState.OPEN


@admin.register(RecordReview)
class RecordReviewAdmin(ProducerSearch, ActsAdmin, ReadOnlyAdmin):
    """Shows and asks; ``services.reviews`` writes."""

    acts = {
        "confirm": Act(
            CHANGE, _("核实无误"), _("与实际情况一致；30分钟内可以撤回。"), _("已核实。"), forms.Form,
            lambda review, actor: deciding.confirm(reviews=[review.pk], actor=actor), _open,
        ),
        "return": Act(
            CHANGE, _("退回主体"), _("主体在“我的”页面看到理由，可以说明，或撤销后重新录入。"), _("已退回。"),
            ReasonForm, deciding.send_back, _open,
        ),
        "reverse": Act(
            CHANGE, _("撤销记录"), _("查无此事的记录撤销后保留，并冲销它计入的信用信息。"),
            _("记录已撤销。"), ReasonForm, deciding.reverse, _open,
        ),
    }  # fmt: skip
    target = "review"
    list_display = ("occurred_on", "producer", "what", "why", "shown_state", "who", "area")
    list_filter = (
        ("state", ChoicesDropdownFilter), FlagFilter, NounFilter, DivisionFilter,
        ("occurred_on", RangeDateFilter),
    )  # fmt: skip
    list_filter_submit = True
    list_select_related = ("producer__region", "recorded_by")
    list_before_template = "admin/archives/reviews/before_list.html"
    change_form_before_template = "admin/archives/reviews/record.html"
    actions = ["confirm_chosen"]
    ordering = ("-put_up_at", "-pk")
    fields = (
        "producer", "place", "shown_noun", "occurred_on", "entered_at", "recorded_by", "why", "sample",
        "shown_state", "reason", "decided_by", "decided_at", "answer", "answered_by", "answered_at",
    )  # fmt: skip
    readonly_fields = ("place", "shown_noun", "why", "shown_state")

    def get_urls(self) -> list[URLPattern]:
        """The bulk pages, before those of single rows."""
        name = "archives_recordreview"
        own = [
            path("confirm/", self.admin_site.admin_view(self.confirm_view), name=f"{name}_confirm"),
            path("undo/", self.admin_site.admin_view(self.undo_view), name=f"{name}_undo"),
            path("draw/", self.admin_site.admin_view(self.draw_view), name=f"{name}_draw"),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Marked where somebody else must verify."""
        return super().get_queryset(request).with_own(request.user)  # type: ignore[attr-defined, no-any-return]  # the package's base is untyped

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Nobody is offered what he may not do."""
        return super().get_actions(request) if request.user.has_perm(CHANGE) else {}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; those who may arrange may also draw."""
        more = {"may_draw": request.user.has_perm("archives.add_reviewsample")}
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What was put up, above it the record itself."""
        review = self.get_object(request, object_id)
        row = attach([review])[0].row if review is not None else None
        facts = wording.facts(row) if row is not None else []
        context = {
            "facts": {"rows": [list(pair) for pair in facts]} if facts else None,
            **(extra_context or {}),
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    @admin.action(description=_("核实所选记录"))
    def confirm_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """On to the preview."""
        keys = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[: deciding.BULK_MOST])
        return HttpResponseRedirect(f"{reverse('admin:archives_recordreview_confirm')}?ids={keys}")

    def confirm_view(self, request: HttpRequest) -> HttpResponse:
        """GET shows what will be confirmed and what not; POST confirms and offers to take it back."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        given = (request.POST if request.method == "POST" else request.GET).get("ids", "")
        keys = [int(text) for text in given.split(",") if text.isdecimal()][: deciding.BULK_MOST]
        rows = self.get_queryset(request).filter(pk__in=keys).select_related("producer", "recorded_by")
        back = reverse("admin:archives_recordreview_changelist")
        if request.method == "POST":
            try:
                done = deciding.confirm(reviews=[row.pk for row in rows], actor=request.user)
            except ValidationError as refusal:
                messages.error(request, refusal.messages[0])
                return HttpResponseRedirect(back)
            messages.success(request, deciding.said(done))
            return HttpResponseRedirect(f"{reverse('admin:archives_recordreview_undo')}?act={done.act}")
        chosen = attach(rows.order_by("-put_up_at", "-pk"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("核实所选记录"),
            "opts": self.opts,
            "table": _table([row for row in chosen if _open(row) and not row.own]),
            "own": sum(_open(row) and row.own for row in chosen),
            "decided": sum(not _open(row) for row in chosen),
            "ids": ",".join(str(row.pk) for row in chosen),
            "back": back,
        }
        return TemplateResponse(request, "admin/archives/reviews/confirm.html", context)

    def undo_view(self, request: HttpRequest) -> HttpResponse:
        """What was just confirmed, and the button that takes it back for a while."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        try:
            act = UUID(request.GET.get("act", ""))
        except ValueError:
            raise Http404 from None
        rows = self.get_queryset(request).filter(act=act, decided_by=request.user.pk)
        if request.method == "GET" and not rows.exists():
            raise Http404
        minutes = int(deciding.UNDO.total_seconds() // 60)
        said = gettext("已核实%(count)d条。如有误，%(minutes)d分钟内可以撤回，撤回后恢复为待核实。")
        return act_page(
            request,
            title=gettext("撤回核实"),
            lines=[said % {"count": rows.count(), "minutes": minutes}],
            button=gettext("撤回核实"),
            form=forms.Form(request.POST if request.method == "POST" else None),
            act=lambda _values: deciding.said_undone(deciding.undo(act=act, actor=request.user)),
            back=reverse("admin:archives_recordreview_changelist"),
        )

    def draw_view(self, request: HttpRequest) -> HttpResponse:
        """Draw last week's random subset for the officer's own jurisdiction, in the background."""
        if not request.user.has_perm("archives.add_reviewsample"):
            raise PermissionDenied
        if request.method == "POST" and request.POST.get("act") == "draw":
            first, last = sampling.last_week()
            sampling.request(
                region=scope_of(request.user).region_code, first=first, last=last, actor=request.user
            )
            messages.success(request, str(_("已开始抽取，进度见“后台任务”，完成后刷新本页。")))
        return HttpResponseRedirect(reverse("admin:archives_recordreview_changelist"))

    @admin.display(description=_("记录"))
    def what(self, row: RecordReview) -> str:
        """The kind of record."""
        return str(NOUNS[row.noun].model._meta.verbose_name)

    @admin.display(description=_("记录种类"))
    def shown_noun(self, row: RecordReview) -> str:
        """The kind of record, on its own page."""
        return self.what(row)

    @admin.display(description=_("核实理由"))
    def why(self, row: RecordReview) -> str:
        """Each flag, with what was seen."""
        return _why(row)

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: RecordReview) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.state, row.get_state_display())

    @admin.display(description=_("录入人"))
    def who(self, row: RecordReview) -> str:
        """Who entered it; that somebody else must verify one's own is said here."""
        name = row.recorded_by.name if row.recorded_by else "—"
        return gettext("%(name)s（须由他人核实）") % {"name": name} if row.own else name

    @admin.display(description=_("所在区划"))
    def place(self, row: RecordReview) -> str:
        """The division's full name."""
        return str(row.producer.region)

    @admin.display(description=_("所在区划"))
    def area(self, row: RecordReview) -> str:
        """The division's name; records of another township that one verifies for are told apart by it."""
        return row.producer.region.name


def line_of(review: RecordReview) -> str:
    """One line of a record beside its review: what kind it is, then what it says."""
    noun = str(NOUNS[review.noun].model._meta.verbose_name)
    return f"{noun} · {wording.line(review.row)}" if review.row is not None else noun


def _table(rows: list[RecordReview]) -> dict[str, Any]:
    """What will be confirmed, for Unfold's table."""
    headers = [
        gettext("发生日期"),
        gettext("生产主体"),
        gettext("记录"),
        gettext("核实理由"),
        gettext("主体的说明"),
    ]
    lines = [
        [full_date(row.occurred_on), row.producer.name, line_of(row), _why(row), row.answer] for row in rows
    ]
    return {"headers": headers, "rows": lines}


def _why(row: RecordReview) -> str:
    return str(_("；")).join(f"{label}（{note}）" if note else label for label, note in row.reasons)
