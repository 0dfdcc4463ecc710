"""Lists over all producers of what is kept on them; a row opens its producer's file, where it is written."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.clock import today
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.admin.sheets import InItsSheet
from archives.models import (
    Base,
    Delivery,
    Document,
    Filing,
    GreenControl,
    Honour,
    Licence,
    Pledge,
    Procedure,
    StaffMember,
    number_key,
)
from archives.services.register import reminders

COLOURS = {"pass": "success", "fail": "danger", "": "warning", "ended": "info", "expired": "danger"}


class StandingFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """In force, expired or ended; for licences also those to be renewed now."""

    title = _("是否有效")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What can be asked for."""
        asked: list[tuple[str, Any]] = [("open", _("有效")), ("ended", _("已终止"))]
        if hasattr(model_admin.model, "valid_until"):
            asked.insert(1, ("expired", _("已过期")))
        if hasattr(model_admin.model, "check_outcome"):
            asked.insert(0, ("unchecked", _("待核验")))
        if model_admin.model is Licence:
            asked.insert(0, ("due", _("将到期或已过期")))
        return asked

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that are so."""
        wanted = self.value()
        if wanted == "due" and queryset.model is Licence:
            return reminders.due(queryset)
        if wanted == "unchecked" and hasattr(queryset.model, "check_outcome"):
            return queryset.filter(ended_on__isnull=True, check_outcome="")
        if wanted == "expired" and hasattr(queryset.model, "valid_until"):
            return queryset.filter(ended_on__isnull=True, valid_until__lt=today())
        if wanted == "open":
            rows = queryset.filter(ended_on__isnull=True)
            return rows.exclude(valid_until__lt=today()) if hasattr(queryset.model, "valid_until") else rows
        return queryset.filter(ended_on__isnull=False) if wanted == "ended" else queryset


class KeptAdmin(ProducerSearch, ReadOnlyAdmin):
    """Newest first; written on the producer's file."""

    list_select_related: tuple[str, ...] = ("producer__region",)
    list_filter: tuple[Any, ...] = (StandingFilter, DivisionFilter)
    list_filter_submit = True
    ordering = ("-pk",)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The file of the row's producer."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
            return response
        return HttpResponseRedirect(reverse("admin:archives_producer_file", args=[row.producer_id]))

    @admin.display(description=_("所在区划"))
    def place(self, row: Any) -> str:
        """The division's full name."""
        return str(row.producer.region)

    @display(description=_("状态"), label=COLOURS)  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: Any) -> tuple[Any, str]:
        """Ended, expired, or what the check said, in words and colour."""
        if row.ended_on is not None:
            return Labelled("ended", str(_("已终止")))
        if row.has_expired:
            return Labelled("expired", str(_("已过期")))
        if hasattr(row, "check_outcome"):
            return Labelled(row.check_outcome, str(row.get_check_outcome_display()))
        return Labelled("pass", str(_("有效")))


CHECK = ("check_outcome", ChoicesDropdownFilter)


@admin.register(Base)
class BaseAdmin(KeptAdmin):
    """Bases with what they cover."""

    list_display = ("producer", "name", "area_mu", "shown_state", "place")


@admin.register(Licence)
class LicenceAdmin(KeptAdmin):
    """Also found by number, however it is written."""

    list_display = ("producer", "kind", "number", "issuer", "valid_until", "shown_state", "place")
    list_filter = (("kind", ChoicesDropdownFilter), StandingFilter, CHECK, "restricted", DivisionFilter)
    search_help_text = _("主体名称、编号或信用代码；证照编号须完整")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """A number that is on file, else the producer."""
        key = number_key(search_term)
        if key and queryset.filter(number_key=key).exists():
            return queryset.filter(number_key=key), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(StaffMember)
class StaffMemberAdmin(KeptAdmin):
    """Quality people and skilled staff."""

    list_display = ("producer", "name", "duty", "from_on", "certificate_number", "valid_until", "shown_state")
    list_filter = (("duty", ChoicesDropdownFilter), StandingFilter, CHECK, DivisionFilter)


@admin.register(Honour)
class HonourAdmin(InItsSheet, KeptAdmin):
    """By level: those of a district or higher must be rated."""

    list_display = (
        "producer",
        "title",
        "kind",
        "level",
        "issuer",
        "granted_on",
        "valid_until",
        "shown_state",
    )
    list_filter = (
        ("kind", ChoicesDropdownFilter), ("level", ChoicesDropdownFilter), StandingFilter, CHECK,
        DivisionFilter,
    )  # fmt: skip


@admin.register(Filing)
class FilingAdmin(KeptAdmin):
    """Quality systems and emergency plans."""

    list_display = ("producer", "kind", "title", "version", "filed_on", "valid_until", "shown_state")
    list_filter = (("kind", ChoicesDropdownFilter), StandingFilter, CHECK, DivisionFilter)


@admin.register(Procedure)
class ProcedureAdmin(KeptAdmin):
    """Operating procedures by version."""

    list_display = ("producer", "title", "version", "product", "standard", "in_force_on", "shown_state")
    list_select_related = ("producer__region", "product")


@admin.register(GreenControl)
class GreenControlAdmin(KeptAdmin):
    """Green-control measures."""

    list_display = ("producer", "measure", "product", "area_mu", "begun_on", "shown_state", "place")
    list_select_related = ("producer__region", "product")
    list_filter = (("measure", ChoicesDropdownFilter), StandingFilter, CHECK, DivisionFilter)


@admin.register(Pledge)
class PledgeAdmin(KeptAdmin):
    """Who signed which pledge."""

    list_display = ("producer", "text", "signed_on", "signer", "way", "place")
    list_select_related = ("producer__region", "text")
    list_filter = (("way", ChoicesDropdownFilter), StandingFilter, DivisionFilter)


@admin.register(Delivery)
class DeliveryAdmin(KeptAdmin):
    """To whom which notice was delivered, and the receipt."""

    list_display = ("producer", "text", "delivered_on", "way", "receipt", "place")
    list_select_related = ("producer__region", "text")
    list_filter = (
        ("way", ChoicesDropdownFilter), ("receipt", ChoicesDropdownFilter), StandingFilter, DivisionFilter,
    )  # fmt: skip


@admin.register(Document)
class DocumentAdmin(KeptAdmin):
    """Files; opened on the producer's file."""

    list_display = ("producer", "title", "content", "personal", "keep_until", "erased_on", "entered_at")
    list_filter = ("personal", StandingFilter, DivisionFilter)
