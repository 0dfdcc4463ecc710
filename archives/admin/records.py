"""Production records in the back office: lists to look at, each row with one act, its reversal."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from archives.admin.acts import Act, ActsAdmin
from archives.admin.forms import ReasonForm
from archives.models import (
    Harvest,
    InputPurchase,
    InputUse,
    PestObservation,
    Producer,
    Record,
    RecordStatus,
    Sale,
    SelfTest,
)
from archives.services.records import reverse_record
from archives.services.sheets.records import RECORD_SHEETS

PRODUCERS_SEARCHED = 200
HIDDEN = ("fingerprint",)


class RecordAdmin(ActsAdmin):
    """Newest first; found by producer. Records are entered by their producers and never edited."""

    list_filter = (("occurred_on", RangeDateFilter), ("status", ChoicesDropdownFilter))
    list_filter_submit = True
    search_fields = ("producer__name",)
    search_help_text = _("生产主体的名称、拼音首字母、统一社会信用代码或编号")
    ordering = ("-pk",)
    own_columns: tuple[str, ...] = ()
    related: tuple[str, ...] = ("producer",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """When and whose, what, and whether it stands."""
        return [self.led(name) for name in ("occurred_on", "producer", *self.own_columns, "status")]

    def get_list_select_related(self, request: HttpRequest) -> tuple[str, ...]:
        """One query for a list."""
        return self.related

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All but the fingerprint."""
        return [f.name for f in self.opts.fields if f.name not in ("id", *HIDDEN)]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Of the first producers that the register's search finds; never a scan."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Producer.objects.visible_to(request.user).search(term)
        ids = list(found.values_list("pk", flat=True)[:PRODUCERS_SEARCHED])
        return queryset.filter(producer_id__in=ids), False

    def export_table(self, rows: QuerySet[Any]) -> tuple[list[str], Any]:
        """As the sheet in which these records are imported; reversed ones stay out."""
        sheet = next(sheet for sheet in RECORD_SHEETS if sheet.model is self.model)
        return sheet.headings, sheet.rows_of(rows)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Entered in the portal or through the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        """Never edited: reversed and entered again."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        """Nobody: the law keeps them two years at least (农产品质量安全法 art. 27)."""
        return False


def _register(model: type[Record], *columns: str, related: tuple[str, ...] = ()) -> None:
    reverse = Act(
        f"archives.change_{model._meta.model_name}",
        _("撤销记录"),
        _("录错的记录撤销后保留，并冲销它计入的信用信息；请写明理由。"),
        _("记录已撤销。"),
        ReasonForm,
        reverse_record,
        lambda row: row.status == RecordStatus.ACTIVE,
    )
    own = {"own_columns": columns, "related": ("producer", *related), "acts": {"reverse": reverse}}
    admin.site.register(model, type(f"{model.__name__}Admin", (RecordAdmin,), own))


_register(InputPurchase, "name", "supplier", "quantity", "unit")
_register(InputUse, "name", "product", "plot", "interval_days", related=("product", "plot"))
_register(PestObservation, "pest", "product", related=("product",))
_register(Harvest, "product", "batch", "quantity", "unit", "interval_kept", related=("product",))
_register(SelfTest, "product", "method", "passed", "disposal_due_on", related=("product",))
_register(Sale, "product", "buyer", "quantity", "unit", related=("product",))
