"""Pairs of files that may be one producer: the list, and the two files side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.masking import mask_identity, mask_phone
from agricredit.foundation.common.templatetags.formats import full_date
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.divisions import below
from archives.models import (
    CreditEvent,
    DuplicatePair,
    DuplicateReason,
    Membership,
    Producer,
    ProducerStatus,
    Sector,
)
from archives.services import duplicates

COLOURS = {"open": "warning", "merged": "success", "distinct": "info"}
CHANGE = "archives.change_duplicatepair"
ACTS = {"distinct": duplicates.mark_distinct, "undo": duplicates.undo_merge, "reopen": duplicates.reopen}
DONE = {
    "merge": _("已合并，原有记录都保留，可以撤销。"),
    "distinct": _("已记住：不是同一主体。"),
    "undo": _("已撤销合并，恢复为两个主体。"),
    "reopen": _("已恢复为待处理。"),
}
_SHOWN: dict[str, Callable[[Producer], Any]] = {
    "kind": lambda producer: producer.get_kind_display(),
    "nature": lambda producer: producer.get_nature_display(),
    "sectors": lambda producer: str(_("、")).join(str(Sector(sector).label) for sector in producer.sectors),
    "region_id": lambda producer: str(producer.region),
    "registered_on": lambda producer: full_date(producer.registered_on),
    "phone": lambda producer: mask_phone(producer.phone or ""),
    "identity_number": lambda producer: mask_identity(producer.identity_number or ""),
}


def shown(producer: Producer, name: str) -> str:
    """A field as people read it; personal numbers are masked."""
    if name in _SHOWN:
        return str(_SHOWN[name](producer))
    return str(getattr(producer, name) or "")


class PairDivisionFilter(DivisionFilter):
    """Of which one file or the other lies there."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Pairs that reach into the division."""
        text = self.value() or ""
        return queryset.filter(below(text, "low__region__code") | below(text, "high__region__code"))


@admin.register(DuplicatePair)
class DuplicatePairAdmin(ProducerSearch, ReadOnlyAdmin):
    """Shows, compares and decides; ``services.duplicates`` writes."""

    search_fields = ("low__name",)
    producer_paths = ("low", "high")

    list_display = ("pair", "places", "why", "score", "shown_state", "found_at")
    list_filter = (("state", ChoicesDropdownFilter), PairDivisionFilter)
    list_filter_submit = True
    list_select_related = ("low__region", "high__region")
    list_before_template = "admin/archives/duplicates/find.html"
    ordering = ("-score", "pk")

    def get_urls(self) -> list[URLPattern]:
        """The list's own act, before the pages of single pairs."""
        find = path("find/", self.admin_site.admin_view(self.find_view), name="archives_duplicatepair_find")
        return [find, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; those who may decide may also search."""
        may = request.user.has_perm(CHANGE)
        response: HttpResponse = super().changelist_view(request, {"may_find": may, **(extra_context or {})})
        return response

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Search the officer's own jurisdiction, in the background."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if request.method == "POST" and request.POST.get("act") == "find":
            duplicates.request(region=scope_of(request.user).region_code, actor=request.user)
            messages.success(request, str(_("已开始查找，进度见“后台任务”，完成后刷新本页。")))
        return HttpResponseRedirect(reverse("admin:archives_duplicatepair_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """GET compares; POST previews (``act=preview``) or decides."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("low__region", "high__region", "decided_by", "kept")
        pair = get_object_or_404(rows, pk=int(object_id) if object_id.isdigit() else 0)
        faults: list[str] = []
        if request.method == "POST":
            if not request.user.has_perm(CHANGE):
                raise PermissionDenied
            try:
                if self._decide(request, pair):
                    return HttpResponseRedirect(request.path)
            except ValidationError as refusal:
                faults = refusal.messages
        return TemplateResponse(
            request, "admin/archives/duplicates/compare.html", self._context(request, pair, faults)
        )

    def _decide(self, request: HttpRequest, pair: DuplicatePair) -> bool:
        """Do what was asked; say whether anything was done."""
        act, reason = request.POST.get("act", ""), request.POST.get("reason", "")
        if act == "merge":
            keep = _kept(request, pair)
            duplicates.merge_pair(
                pair=pair, keep=keep, picks=_picks(request, pair, keep), reason=reason, actor=request.user
            )
        elif act in ACTS:
            ACTS[act](pair=pair, reason=reason, actor=request.user)
        else:
            return False
        messages.success(request, str(DONE[act]))
        return True

    def _context(self, request: HttpRequest, pair: DuplicatePair, faults: list[str]) -> dict[str, Any]:
        keep = _kept(request, pair)
        picks = _picks(request, pair, keep)
        act = request.POST.get("act", "")
        # Somebody else decided while this page was open: nothing of what was typed fits the acts offered now.
        overtaken = pair.state != "open" and act in ("preview", "merge", "distinct")
        asked = act in ("preview", "merge") and not overtaken
        return {
            **self.admin_site.each_context(request),
            "title": _("比对两份档案"),
            "opts": self.opts,
            "pair": pair,
            "reasons": _reasons(pair),
            "sides": [_side(pair.low, "low", keep), _side(pair.high, "high", keep)],
            "fields": [_compared(pair, name, keep, picks) for name in duplicates.PICKABLE],
            "outcome": _outcome(pair, keep, picks) if asked else None,
            "keep_name": keep.name,
            "reason": "" if overtaken else request.POST.get("reason", ""),
            "faults": faults,
            "may_decide": request.user.has_perm(CHANGE),
            "back": reverse("admin:archives_duplicatepair_changelist"),
        }

    @admin.display(description=_("两份档案"))
    def pair(self, row: DuplicatePair) -> str:
        """Both names."""
        return str(row)

    @admin.display(description=_("所在区划"))
    def places(self, row: DuplicatePair) -> str:
        """Both divisions, once when they are the same."""
        return " ／ ".join(dict.fromkeys((str(row.low.region), str(row.high.region))))

    @admin.display(description=_("疑似理由"))
    def why(self, row: DuplicatePair) -> str:
        """What they have in common, in words."""
        return _reasons(row)

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: DuplicatePair) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.state, row.get_state_display())


def _reasons(pair: DuplicatePair) -> str:
    return str(_("、")).join(str(DuplicateReason(reason).label) for reason in pair.reasons)


def _label(name: str) -> Any:
    """What the register calls a field."""
    return next(field.verbose_name for field in Producer._meta.fields if field.attname == name)


def _kept(request: HttpRequest, pair: DuplicatePair) -> Producer:
    """The file asked to be kept; else the older one, unless it is closed."""
    given = request.POST.get("keep")
    if given in ("low", "high"):
        return pair.low if given == "low" else pair.high
    return pair.high if pair.low.status == ProducerStatus.CLOSED else pair.low


def _picks(request: HttpRequest, pair: DuplicatePair, keep: Producer) -> list[str]:
    """Fields to be taken from the other file: as chosen; by itself what the kept file lacks."""
    other = pair.high if keep.pk == pair.low_id else pair.low
    side = "high" if keep.pk == pair.low_id else "low"
    if request.method == "POST":
        return [name for name in duplicates.PICKABLE if request.POST.get(f"pick_{name}") == side]
    lacking = [name for name in duplicates.PICKABLE if not getattr(keep, name) and getattr(other, name)]
    return lacking if keep.nature == other.nature else []


def _side(producer: Producer, side: str, keep: Producer) -> dict[str, Any]:
    return {
        "side": side,
        "producer": producer,
        "kept": producer.pk == keep.pk,
        "events": CreditEvent.objects.filter(producer=producer).count(),
        "members": Membership.objects.filter(producer=producer).count(),
        "url": reverse("admin:archives_producer_change", args=[producer.pk]),
    }


def _compared(pair: DuplicatePair, name: str, keep: Producer, picks: list[str]) -> dict[str, Any]:
    low, high = getattr(pair.low, name), getattr(pair.high, name)
    from_low = (keep.pk == pair.low_id) != (name in picks)
    return {
        "name": name,
        "label": _label(name),
        "same": low == high,
        "choices": [
            {"side": "low", "text": shown(pair.low, name), "chosen": from_low},
            {"side": "high", "text": shown(pair.high, name), "chosen": not from_low},
        ],
    }


def _outcome(pair: DuplicatePair, keep: Producer, picks: list[str]) -> list[dict[str, Any]]:
    """The kept file as it will be; what comes from the other one is marked."""
    other = pair.high if keep.pk == pair.low_id else pair.low
    return [
        {
            "label": _label(name),
            "text": shown(other if name in picks else keep, name),
            "changed": name in picks and getattr(other, name) != getattr(keep, name),
        }
        for name in duplicates.PICKABLE
    ]
