"""What a producer's file shows beside its fields, each under a tab: the newest rows, to be looked at only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from archives.ledger.drafts import hundredths
from archives.models import CreditEvent, Harvest, Membership, Plot, ProducerProduct

NEWEST = 20


class ShownInline(TabularInline):  # type: ignore[misc]  # Unfold ships no types
    """Rows to look at; acts and services write them."""

    tab = True
    extra = 0
    can_delete = False
    show_change_link = False
    related: tuple[str, ...] = ()
    limit: int | None = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With what each row shows of others; of long histories only the newest."""
        rows: QuerySet[Any] = super().get_queryset(request).select_related(*self.related)
        return rows.order_by("-pk")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Cut a long history off after filtering by its producer, which a sliced queryset would not allow."""
        base = super().get_formset(request, obj, **kwargs)
        limit = self.limit
        if limit is None:
            return base

        class Newest(base):  # type: ignore[misc, valid-type]  # the base is chosen by the caller
            """The newest rows of the parent."""

            def get_queryset(self) -> Any:
                """Sliced once and kept: the formset asks several times."""
                if not hasattr(self, "_newest"):
                    self._newest = super().get_queryset()[:limit]
                return self._newest

        return Newest

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody here."""
        return False


class ProductInline(ShownInline):
    """What it grows."""

    model = ProducerProduct
    verbose_name_plural = _("产品")
    fields = ("product", "area_mu")
    related = ("product",)


class PlotInline(ShownInline):
    """Where."""

    model = Plot
    verbose_name_plural = _("地块")
    fields = ("name", "area_mu", "region")
    related = ("region",)


class MembershipInline(ShownInline):
    """Who acts for it."""

    model = Membership
    verbose_name_plural = _("成员与代办")
    fields = ("user", "role", "valid_from", "valid_to", "granted_by")
    related = ("user", "granted_by")
    show_change_link = True


class HarvestInline(ShownInline):
    """Its last batches."""

    model = Harvest
    verbose_name_plural = _("最近采收")
    fields = ("occurred_on", "product", "plot", "batch", "quantity", "unit", "interval_kept", "status")
    related = ("product", "plot")
    readonly_fields = ("interval_kept",)
    limit = NEWEST


class EventInline(ShownInline):
    """The last of its credit events."""

    model = CreditEvent
    verbose_name_plural = _("最近信用信息")
    fields = ("occurred_on", "shown_kind", "outcome", "shown_value", "source")
    readonly_fields = ("shown_kind", "shown_value")
    fk_name = "producer"
    limit = NEWEST

    @admin.display(description=_("信息类型"))
    def shown_kind(self, event: CreditEvent) -> str:
        """The kind's label."""
        return str(event.event_kind.label)

    @admin.display(description=_("数值"))
    def shown_value(self, event: CreditEvent) -> str:
        """The value with its unit."""
        return f"{hundredths(event.value)} {event.event_kind.unit}".strip()
