"""Certificates of other platforms: looked at, never changed here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.templatetags.formats import plain_number
from archives.admin.finding import DivisionFilter, FirstProducersSearch
from archives.admin.sheets import InItsSheet
from certificates.models import ForeignCertificate

STATUS_COLOURS = {ForeignCertificate.Status.ISSUED: "success", ForeignCertificate.Status.VOID: "danger"}


@admin.register(ForeignCertificate)
class ForeignCertificateAdmin(FirstProducersSearch, InItsSheet, ReadOnlyAdmin):
    """As the other platform has them; ``services.foreign`` writes."""

    list_display = ("code", "platform", "producer", "product", "kilograms", "issued_on", "status_word")
    list_filter = (("status", ChoicesDropdownFilter), DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer",)
    search_help_text = _("完整的查验码，或主体名称、拼音首字母、统一社会信用代码、主体编号")
    ordering = ("-id",)
    fields = (
        "platform", "code", "producer", "product", "kilograms", "origin", "batch", "issued_on", "status_word",
        "void_reason", "received_at", "changed_at",
    )  # fmt: skip

    def named(self, term: str) -> Q:
        """By the whole code."""
        return Q(code=term)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """Everything, the computed ones included."""
        return list(self.fields)

    @admin.display(description=_("数量（公斤）"), ordering="quantity")
    def kilograms(self, row: ForeignCertificate) -> str:
        """Without needless zeros."""
        return plain_number(row.quantity) if row.quantity else "—"

    @display(description=_("状态"), label=STATUS_COLOURS, ordering="status")  # type: ignore[untyped-decorator]  # no types
    def status_word(self, row: ForeignCertificate) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.status, row.get_status_display())
