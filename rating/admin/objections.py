"""Objections: what the producer says, the clock, and the acts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.admin import Labelled
from archives.admin.finding import DivisionFilter
from rating.admin.acted import ActedAdmin, RowAct
from rating.admin.attachments import links
from rating.admin.deadlines import DeadlineAdmin
from rating.admin.forms import ReasonForm
from rating.admin.remedy_forms import UpholdForm
from rating.models import Objection
from rating.services import objections, remedies, repairs

COLOURS = {
    Objection.State.OPEN: "warning",
    Objection.State.UPHELD: "success",
    Objection.State.REJECTED: "info",
}


@admin.register(Objection)
class ObjectionAdmin(DeadlineAdmin, ActedAdmin):
    """Read only but for the acts."""

    act_permission = "rating.decide_objection"
    act_row = "objection"
    acts = {
        "uphold": RowAct(
            ("open",),
            _("异议成立"),
            _("更正有误的信息，随即重新出具该主体的结果。须由未参与原认定的人办理。"),
            UpholdForm,
            objections.uphold,
        ),
        "reject": RowAct(
            ("open",),
            _("异议不成立"),
            _("写明理由；结果不变，“异议中”的标注随即去掉。"),
            ReasonForm,
            objections.reject,
        ),
        "extend": RowAct(
            ("open",),
            _("延长期限"),
            _("复杂的可以延长一次，自提出起共20个工作日（平台默认期限）。"),
            ReasonForm,
            objections.extend,
        ),
    }
    list_display = ("producer", "run", "rating_version", "state_word", "filed_on", "days_left", "decided_on")
    list_filter = ("state", "run__year", DivisionFilter)
    list_select_related = ("producer", "run__scheme")
    ordering = ("-id",)
    fields = (
        *("producer", "run", "rating_version", "state_word", "reasons", "filed_by", "filed_on"),
        *("days_left", "extension_reason", "extended_by", "decided_by", "decided_on", "outcome_reason"),
        *("files", "reversed_uids", "versions"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Objection]:
        """Of the producers that the account may see."""
        rows: QuerySet[Objection] = super().get_queryset(request)
        return rows.select_related("producer", "run__scheme")

    def _form(self, request: HttpRequest, chosen: RowAct, row: Any) -> forms.Form:
        """With the producer's adverse facts to tick, where some are taken back."""
        form = super()._form(request, chosen, row)
        if isinstance(form, UpholdForm):
            form.offer(repairs.repairable(row.producer))
        return form

    def deadlines(self, row: Objection) -> list[date | None]:
        """Until when it has to be decided."""
        return [row.decide_by if row.state == Objection.State.OPEN else None]

    @admin.display(description=_("距截止日"))
    def days_left(self, objection: Objection) -> str:
        """Working days until the deadline."""
        return self.told(objection)[0]

    @admin.display(description=_("附件"))
    def files(self, objection: Objection) -> Any:
        """What was handed in."""
        return links(objection.attachments.all())

    @admin.display(description=_("重新出具的结果"))
    def versions(self, objection: Objection) -> Any:
        """The versions that the objection made."""
        return remedies.versions_text(f"objection:{objection.pk}", objection.producer)

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, objection: Objection) -> tuple[str, str]:
        """The state in words."""
        return Labelled(objection.state, objection.get_state_display())
