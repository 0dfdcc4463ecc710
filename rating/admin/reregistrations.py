"""Re-registrations: the list, the two files beside each other, and the acts of two people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin, linked
from archives.admin.acts import Act, ActsAdmin
from archives.admin.duplicates import shown
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.admin.forms import ReasonForm
from archives.ledger.kinds import NEGATIVE_NUMBERS
from archives.models import CreditEvent, Producer
from rating.models import Reregistration, ReregistrationState, Sign
from rating.services import reregistrations

CHANGE = "rating.change_reregistration"
COLOURS = {"found": "warning", "proposed": "info", "confirmed": "danger", "distinct": "success"}
COMPARED = (
    "name", "kind", "nature", "region_id", "credit_code", "contact_name", "phone", "address", "registered_on",
    "status",
)  # fmt: skip
NEWEST = 20

ACTS = {
    "propose": Act(
        CHANGE, _("提出认定"), _("认为是同一经营者重新登记的，写明依据，由另一人复核。"),
        _("已提出，待另一人复核。"),
        ReasonForm, reregistrations.propose, lambda row: row.state == ReregistrationState.FOUND,
    ),
    "confirm": Act(
        CHANGE, _("复核认定"),
        _("认定后原主体成为新主体的别名，原有信用信息（含失信信息）归新主体计算，可以撤销。"), _("已认定。"),
        ReasonForm, reregistrations.confirm, lambda row: row.state == ReregistrationState.PROPOSED,
    ),
    "distinct": Act(
        CHANGE, _("不是同一经营者"), _("记住这个判断，以后不再提出。"), _("已记住。"), ReasonForm,
        reregistrations.tell_apart,
        lambda row: row.state in (ReregistrationState.FOUND, ReregistrationState.PROPOSED),
    ),
    "reopen": Act(
        CHANGE, _("撤销处理"), _("恢复为两个主体，重新核实。"), _("已撤销。"), ReasonForm,
        reregistrations.reopen,
        lambda row: row.state in (ReregistrationState.CONFIRMED, ReregistrationState.DISTINCT),
    ),
}  # fmt: skip


class NewDivisionFilter(DivisionFilter):
    """Where the new file lies."""

    path = "new__region"


@admin.register(Reregistration)
class ReregistrationAdmin(ProducerSearch, ActsAdmin, ReadOnlyAdmin):
    """Shows and asks; ``services.reregistrations`` writes."""

    search_fields = ("new__name",)
    producer_paths = ("old", "new")

    acts = ACTS
    target = "row"
    history_of = ("new", "old")
    list_display = ("pair", "shown_grade", "why", "score", "shown_state", "found_at")
    list_filter = (("state", ChoicesDropdownFilter), NewDivisionFilter)
    list_filter_submit = True
    list_select_related = ("old", "new")
    list_before_template = "admin/rating/reregistration/find.html"
    change_form_after_template = "admin/rating/reregistration/compare.html"
    ordering = ("-score", "pk")
    fields = (
        "shown_old", "shown_new", "why", "score", "shown_grade", "shown_state", "proposed_by", "reason",
        "decided_by", "decided_at", "decision",
    )  # fmt: skip
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """The list's own act."""
        find = path("find/", self.admin_site.admin_view(self.find_view), name="rating_reregistration_find")
        return [find, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; those who may decide may also search."""
        may = {"may_find": request.user.has_perm(CHANGE)}
        answer: HttpResponse = super().changelist_view(request, {**may, **(extra_context or {})})
        return answer

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Search the officer's own jurisdiction, in the background."""
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if request.method == "POST" and request.POST.get("act") == "find":
            reregistrations.request(region=scope_of(request.user).region_code, actor=request.user)
            messages.success(request, str(_("已开始查找，进度见“后台任务”，完成后刷新本页。")))
        return HttpResponseRedirect(reverse("admin:rating_reregistration_changelist"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The pair, field by field, with what is held against the old one."""
        row = self.get_object(request, object_id)
        context = {**(_compared(row) if row is not None else {}), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    @admin.display(description=_("原主体 → 新登记主体"))
    def pair(self, row: Reregistration) -> str:
        """Both names."""
        return str(row)

    @admin.display(description=_("原主体"))
    def shown_old(self, row: Reregistration) -> str:
        """Leads to its file."""
        return linked(row.old)

    @admin.display(description=_("新登记主体"))
    def shown_new(self, row: Reregistration) -> str:
        """Leads to its file."""
        return linked(row.new)

    @admin.display(description=_("相同之处"))
    def why(self, row: Reregistration) -> str:
        """The signs in words."""
        return str(_("、")).join(str(Sign(sign).label) for sign in row.signs)

    @admin.display(description=_("原主体情况"))
    def shown_grade(self, row: Reregistration) -> str:
        """The grade it had, or that it was closed."""
        return row.grade or str(row.old.get_status_display())

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: Reregistration) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.state, row.get_state_display())


def _compared(row: Reregistration) -> dict[str, Any]:
    held = CreditEvent.objects.counting(of=[row.old_id]).filter(kind__in=NEGATIVE_NUMBERS)
    held = held.exclude(outcome=CreditEvent.Outcome.PASS).order_by("-occurred_on", "-pk")
    return {
        "compared": [(_label(name), _text(row.old, name), _text(row.new, name)) for name in COMPARED],
        "held": [(event, event.event_kind.label) for event in held[:NEWEST]],
    }


def _text(producer: Producer, name: str) -> str:
    return str(producer.get_status_display()) if name == "status" else shown(producer, name)


def _label(name: str) -> Any:
    return next(field.verbose_name for field in Producer._meta.fields if field.attname == name)
