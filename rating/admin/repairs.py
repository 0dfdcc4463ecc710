"""Applications for credit repair: what was applied for, the clock, and the acts."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled
from agricredit.foundation.common.templatetags.formats import full_date
from archives.admin.finding import DivisionFilter
from archives.models import CreditEvent, Producer
from rating.admin.acted import ActedAdmin, RowAct
from rating.admin.attachments import links
from rating.admin.deadlines import DeadlineAdmin
from rating.admin.forms import ReasonForm
from rating.admin.remedy_forms import AcceptForm, OptionalReasonForm, PaperRepairForm
from rating.models import Repair
from rating.services import remedies, repairs

COLOURS = {
    Repair.State.APPLIED: "warning",
    Repair.State.ACCEPTED: "warning",
    Repair.State.GRANTED: "success",
    Repair.State.REFUSED: "info",
}


@admin.register(Repair)
class RepairAdmin(DeadlineAdmin, ActedAdmin):
    """Read only but for the acts."""

    act_permission = "rating.decide_repair"
    act_row = "repair"
    acts = {
        "accept": RowAct(
            ("applied",),
            _("受理"),
            _("核对失信程度；受理后10个工作日内决定（平台默认期限），不收取任何费用。"),
            AcceptForm,
            repairs.accept,
        ),
        "grant": RowAct(
            ("accepted",),
            _("准予修复"),
            _("这条信息即时停止公示和共享、不再计入，现行等级随即重新出具。须由未作原认定的人决定。"),
            OptionalReasonForm,
            repairs.grant,
        ),
        "refuse": RowAct(
            ("accepted",),
            _("不予修复"),
            _("写明理由；主体改正后可以再次申请。"),
            ReasonForm,
            repairs.refuse,
        ),
        "extend": RowAct(
            ("accepted",),
            _("延长期限"),
            _("只能延长一次，延长10个工作日（平台默认期限）。"),
            ReasonForm,
            repairs.extend,
        ),
    }
    list_display = ("producer", "kind", "tier", "state_word", "applied_on", "days_left", "decided_on")
    list_filter = ("state", "tier", DivisionFilter)
    list_select_related = ("producer", "event")
    ordering = ("-id",)
    fields = (
        *("producer", "event", "kind", "tier", "terms", "state_word", "days_left"),
        *("correction", "pledge", "applied_by", "applied_on", "accept_by", "accepted_by", "accepted_on"),
        *("found_by", "decide_by", "extension_reason", "decided_by", "decided_on", "outcome_reason"),
        *("files", "versions"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Repair]:
        """Of the producers that the account may see."""
        rows: QuerySet[Repair] = super().get_queryset(request)
        return rows.select_related("producer", "event")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may enter an application that came on paper."""
        return bool(request.user.has_perm("rating.decide_repair"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Enter an application for a producer that applied on paper; somebody else decides it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        made: list[Repair] = []

        def act(values: dict[str, Any]) -> str:
            key, uid, user = values.pop("key").strip(), values.pop("uid").strip(), request.user
            visible = Producer.objects.visible_to(user)
            producer = visible.filter(key=key).first() or visible.filter(credit_code=key.upper()).first()
            event = CreditEvent.objects.filter(uid=uid).first()
            if producer is None or event is None:
                raise ValidationError(gettext("没有查到该主体或该条信息。"), code="unknown")
            made.append(repairs.apply(producer=producer, event=event, actor=user, **values))  # type: ignore[arg-type]  # logged in: the page lets nobody else through
            return gettext("已登记%(producer)s的修复申请。") % {"producer": producer}

        form = PaperRepairForm(request.POST or None, request.FILES or None)
        return act_page(
            request,
            title=gettext("登记纸质修复申请"),
            lines=[gettext("代主体登记书面申请，不收取任何费用；登记人不能决定这件申请。")],
            button=gettext("登记"),
            form=form,
            act=act,
            back=reverse("admin:rating_repair_changelist"),
            done=lambda: reverse("admin:rating_repair_change", args=[made[0].pk]),
        )

    def asked(self, row: Any) -> dict[str, Any]:
        """The tier as applied for."""
        return {"tier": row.tier}

    @admin.display(description=_("信息类型"))
    def kind(self, repair: Repair) -> str:
        """The event's kind and day."""
        return f"{repair.event.event_kind.label} {full_date(repair.event.occurred_on)}"

    def deadlines(self, row: Repair) -> list[date | None]:
        """The next one: until when it has to be accepted, then decided."""
        dates = {Repair.State.APPLIED.value: row.accept_by, Repair.State.ACCEPTED.value: row.decide_by}
        return [dates.get(row.state)]

    @admin.display(description=_("距截止日"))
    def days_left(self, repair: Repair) -> str:
        """Working days until the next deadline."""
        return self.told(repair)[0]

    @admin.display(description=_("附件"))
    def files(self, repair: Repair) -> Any:
        """What was handed in."""
        return links(repair.attachments.all())

    @admin.display(description=_("重新出具的结果"))
    def versions(self, repair: Repair) -> str:
        """The versions that the repair made."""
        return remedies.versions_text(f"repair:{repair.pk}", repair.producer)

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, repair: Repair) -> tuple[str, str]:
        """The state in words."""
        return Labelled(repair.state, repair.get_state_display())
