"""Production records in the back office: lists to look at, each row with one act, its reversal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminSelectWidget

from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import moment
from archives.admin.acts import Act, ActsAdmin, RowForm
from archives.admin.finding import FirstProducersSearch
from archives.admin.forms import ReasonForm
from archives.admin.sheets import InItsSheet
from archives.models import (
    HarmlessDisposal,
    Harvest,
    Immunisation,
    InputPurchase,
    InputUse,
    PackagingReturn,
    Packing,
    PestObservation,
    Procedure,
    ProductionBatch,
    QueuedItem,
    Record,
    RecordPhoto,
    RecordStatus,
    Sale,
    SelfTest,
)
from archives.services.records import end_batch, reverse_record, set_procedure

HIDDEN = ("fingerprint",)


class EndForm(forms.Form):
    """On which day a batch ended."""

    on = forms.DateField(label=_("结束日期"), initial=today, widget=UnfoldAdminDateWidget)


class ProcedureForm(RowForm):
    """Which of the producer's procedures a batch follows."""

    procedure = forms.ModelChoiceField(
        label=_("操作规程"), queryset=Procedure.objects.none(), required=False,
        empty_label=_("没有按规程"), widget=UnfoldAdminSelectWidget,
        help_text=_("只列出该主体档案中适用于这种产品的规程；没有的请先在档案里登记"),
    )  # fmt: skip

    def prepare(self, row: Any) -> None:
        """Those of its file that cover the batch, the one it follows chosen."""
        rows = Procedure.objects.filter(producer=row.producer_id).order_by("-in_force_on", "-pk")
        ids = [one.pk for one in rows if one.covers(row.product_id, row.occurred_on)]
        field = self.fields["procedure"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared so above
        field.queryset = rows.filter(pk__in=ids)
        self.initial["procedure"] = row.procedure_id


class RecordAdmin(FirstProducersSearch, InItsSheet, ActsAdmin):
    """Newest first; found by producer. Records are entered by their producers and never edited."""

    list_filter = (("occurred_on", RangeDateFilter), ("status", ChoicesDropdownFilter))
    list_filter_submit = True
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
        """All but the fingerprint; how it came from a phone and its photographs at the end."""
        return [*(f.name for f in self.opts.fields if f.name not in ("id", *HIDDEN)), "from_phone", "photos"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What is computed of the row, beside what no record's page lets anyone change."""
        return [*super().get_readonly_fields(request, obj), "from_phone", "photos"]

    @admin.display(description=_("手机离线记录"))
    def from_phone(self, obj: Record) -> str:
        """Written by whom and when by the phone's clock, sent by whom, and how far off the clock was."""
        item = QueuedItem.objects.filter(uid=obj.uid).select_related("made_by", "sent_by").first()
        if item is None:
            return "—"
        return gettext(
            "%(made_by)s于%(made_at)s写在手机上（时钟误差 %(skew)d 秒），%(sent_by)s于%(received_at)s发送"
        ) % {
            "made_by": item.made_by or "—",
            "made_at": moment(item.made_at),
            "skew": item.skew_seconds,
            "sent_by": item.sent_by or "—",
            "received_at": moment(item.received_at),
        }

    @admin.display(description=_("记录照片"))
    def photos(self, obj: Record) -> SafeString | str:
        """Links to the photographs; who may see the record may see them."""
        uids = RecordPhoto.objects.filter(record=obj.uid).order_by("pk").values_list("uid", flat=True)
        links = [
            (reverse("my:photo", kwargs={"uid": uid}), gettext("照片 %(number)d") % {"number": number})
            for number, uid in enumerate(uids, 1)
        ]
        return format_html_join(" ", '<a href="{}" target="_blank">{}</a>', links) if links else "—"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Entered in the portal or through the API."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        """Never edited: reversed and entered again."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        """Nobody: the law keeps them two years at least (农产品质量安全法 art. 27)."""
        return False


def _register(model: type[Record], *columns: str, related: tuple[str, ...] = (), **more: Act) -> None:
    taking_back = Act(
        f"archives.change_{model._meta.model_name}",
        _("撤销记录"),
        _("录错的记录撤销后保留，并冲销它计入的信用信息；请写明理由。"),
        _("记录已撤销。"),
        ReasonForm,
        reverse_record,
        lambda row: row.status == RecordStatus.ACTIVE,
    )
    acts = {"reverse": taking_back, **more}
    own = {"own_columns": columns, "related": ("producer", *related), "acts": acts}
    admin.site.register(model, type(f"{model.__name__}Admin", (RecordAdmin,), own))


_register(InputPurchase, "name", "supplier", "quantity", "unit")
_register(InputUse, "name", "product", "plot", "interval_days", related=("product", "plot"))
_register(PestObservation, "pest", "product", related=("product",))
_register(Harvest, "product", "batch", "quantity", "unit", "interval_kept", related=("product",))
_register(SelfTest, "product", "method", "passed", "disposal_due_on", related=("product",))
_register(Sale, "product", "buyer", "quantity", "unit", related=("product",))
_register(Immunisation, "disease", "vaccine", "quantity", "unit")
_register(HarmlessDisposal, "product", "cause", "method", "quantity", "unit", related=("product",))
_register(Packing, "product", "work", "quantity", "unit", related=("product",))
_register(PackagingReturn, "pieces", "collection_point", "receipt_number")
_register(
    ProductionBatch,
    "product",
    "number",
    "procedure",
    "ended_on",
    related=("product", "procedure"),
    procedure=Act(
        "archives.change_productionbatch",
        _("登记操作规程"),
        _("说明这个批次按哪份规程生产；已采收的批次会按更正后的规程重新核对是否按标生产。"),
        _("已登记。"),
        ProcedureForm,
        set_procedure,
        lambda row: row.status == RecordStatus.ACTIVE,
    ),
    end=Act(
        "archives.change_productionbatch",
        _("结束批次"),
        _("结束后不能再往这个批次里记录。"),
        _("批次已结束。"),
        EndForm,
        end_batch,
        lambda row: row.status == RecordStatus.ACTIVE and row.ended_on is None,
    ),
)
