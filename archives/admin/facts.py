"""Decided facts by their documents: what came in as a file or from another platform, and goes out again."""

from __future__ import annotations

from typing import cast

from django.contrib import admin
from django.db.models import Q
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from archives.admin.ledger import CreditEventAdmin
from archives.admin.sheets import InItsSheet
from archives.models import CreditEvent, OfficialTest, PenaltyDecision, PublicCreditItem
from archives.services.sheets import sheet_for
from archives.services.sheets.facts import NUMBER, FactSheet


class FactAdmin(InItsSheet, CreditEventAdmin):
    """The latest to come in first; a row's page shows the document as it came, and writes down who looked."""

    list_display = ("shown_number", "occurred_on", "shown_producer", "shown_kind", "shown_outcome",
                    "shown_value", "shown_state")  # fmt: skip
    list_select_related = ("producer", "note_row")
    search_help_text = _("单据编号，或生产主体的编号、名称、拼音首字母、统一社会信用代码")
    readonly_fields = (*CreditEventAdmin.readonly_fields, "shown_document")
    fieldsets = ((_("单据内容"), {"fields": ("shown_document",)}), *CreditEventAdmin.fieldsets)

    @property
    def sheet(self) -> FactSheet:
        """The sheet of these documents."""
        return cast(FactSheet, sheet_for(self.model))

    def named(self, term: str) -> Q:
        """By a document's whole number, which its events' numbers begin with."""
        return Q(uid__startswith=f"{self.sheet.stem}:{term}:")

    @admin.display(description=_("单据编号"))
    def shown_number(self, event: CreditEvent) -> str:
        """The document's number; of an erased one what the event is known by."""
        note = getattr(event, "note_row", None)
        return str(note.facts.get(NUMBER, "") if note is not None else "") or event.uid

    @admin.display(description=_("单据内容"))
    def shown_document(self, event: CreditEvent) -> str:
        """What the document says, a line a column."""
        rows = self.sheet.documents([event])
        cells = next((cells for _event, cells in rows), [])
        lines = [(title, text) for title, text in zip(self.sheet.headings, cells, strict=False) if text]
        return format_html_join("", "<p>{}：{}</p>", lines) or "—"


admin.site.register(OfficialTest, FactAdmin)
admin.site.register(PenaltyDecision, FactAdmin)
admin.site.register(PublicCreditItem, FactAdmin)
