"""The ledger and its seals as officers see them: pages that only show."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from agricredit.foundation.audit.services import record_view
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin, linked
from archives.admin.finding import FirstProducersSearch
from archives.ledger.drafts import hundredths
from archives.models import CreditEvent, EventNote, Seal
from archives.services.tiles import positions_of

OUTCOME_COLOURS = {
    CreditEvent.Outcome.NONE: "default",
    CreditEvent.Outcome.PASS: "success",
    CreditEvent.Outcome.FAIL: "danger",
}


@admin.register(CreditEvent)
class CreditEventAdmin(FirstProducersSearch, ReadOnlyAdmin):
    """Newest first; found by event number, incident, or producer (key, name, initials, credit code)."""

    list_display: tuple[Any, ...] = (
        "occurred_on",
        "shown_producer",
        "shown_kind",
        "shown_outcome",
        "shown_value",
        "shown_state",
    )
    list_filter = (("kind", ChoicesDropdownFilter), ("occurred_on", RangeDateFilter))
    list_filter_submit = True
    list_select_related: tuple[Any, ...] = ("producer",)
    ordering: tuple[Any, ...] = ("-pk",)
    search_fields = ("uid",)
    search_help_text = _("信息编号、事件编号，或生产主体的编号、名称、拼音首字母、统一社会信用代码")
    fieldsets: tuple[Any, ...] = (
        (
            None,
            {"fields": ("uid", "producer", "shown_kind", "shown_meaning", "shown_outcome", "shown_value")},
        ),
        (_("时间与地点"), {"fields": ("occurred_on", "valid_until", "recorded_at", "region")}),
        (_("来源"), {"fields": ("source", "incident", "shown_note")}),
        (_("效力"), {"fields": ("shown_state", "reverses", "repairs", "shown_position")}),
    )
    readonly_fields: tuple[Any, ...] = (
        "shown_kind",
        "shown_meaning",
        "shown_outcome",
        "shown_value",
        "shown_note",
        "shown_state",
        "shown_position",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the account's jurisdiction, each with whether it was reversed."""
        return super().get_queryset(request).with_reversed()  # type: ignore[no-any-return, attr-defined]  # the model's own queryset

    def named(self, term: str) -> Q:
        """Events that the text names, whole."""
        return Q(uid=term) | Q(incident=term)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One event; that its note was looked at is written down."""
        event = self.get_object(request, object_id)
        if event is not None and event.note_hash is not None and self.has_view_permission(request, event):
            record_view(what=str(_("信用信息备注")), target=event, region_code=event.region_id)
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response

    @admin.display(description=_("生产主体"), ordering="producer_id")
    def shown_producer(self, event: CreditEvent) -> str:
        """The producer's name."""
        return linked(event.producer)

    @admin.display(description=_("信息类型"))
    def shown_kind(self, event: CreditEvent) -> str:
        """The kind's label."""
        return str(event.event_kind.label)

    @admin.display(description=_("含义"))
    def shown_meaning(self, event: CreditEvent) -> str:
        """What an event of this kind says."""
        return str(event.event_kind.meaning)

    @display(description=_("结果"), label=OUTCOME_COLOURS)  # type: ignore[untyped-decorator]  # no types
    def shown_outcome(self, event: CreditEvent) -> tuple[int, str]:
        """Pass, fail or none."""
        return Labelled(event.outcome, event.get_outcome_display())

    @admin.display(description=_("数值"))
    def shown_value(self, event: CreditEvent) -> str:
        """The value with its unit."""
        return f"{hundredths(event.value)} {event.event_kind.unit}".strip()

    @admin.display(description=_("效力"))
    def shown_state(self, event: CreditEvent) -> str:
        """Whether it was taken back, or takes another back."""
        if event.reverses_id is not None:
            return str(_("冲销另一条信息"))
        return str(_("已冲销")) if getattr(event, "is_reversed", False) else str(_("有效"))

    @admin.display(description=_("备注"))
    def shown_note(self, event: CreditEvent) -> str:
        """The note, or that it was erased."""
        row = EventNote.objects.filter(event=event).first()
        if row is None:
            return ""
        return row.note if row.erased_at is None else str(_("已依法清除：%s") % row.erased_because)

    @admin.display(description=_("账本位置"))
    def shown_position(self, event: CreditEvent) -> int:
        """The event's leaf, counted from 0."""
        return positions_of([event.pk])[event.pk]


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    """The chain of seals, newest first."""

    list_display = ("size", "sealed_at", "shown_root")
    ordering = ("-size",)
    fields = ("size", "sealed_at", "shown_root", "shown_previous", "shown_chained")
    readonly_fields = fields

    @admin.display(description=_("默克尔根"))
    def shown_root(self, seal: Seal) -> str:
        """The root in hex."""
        return bytes(seal.root).hex()

    @admin.display(description=_("前一封存链值"))
    def shown_previous(self, seal: Seal) -> str:
        """The chain value of the seal before, in hex."""
        return bytes(seal.previous).hex()

    @admin.display(description=_("链值"))
    def shown_chained(self, seal: Seal) -> str:
        """The chain value in hex."""
        return bytes(seal.chained).hex()
