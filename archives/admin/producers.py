"""The register in the back office: producers found by search, their file, and the acts on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from agricredit.foundation.audit.services import record_view
from agricredit.foundation.common.admin import Labelled
from archives.admin.acts import Act, ActsAdmin
from archives.admin.finding import DivisionFilter
from archives.admin.forms import (
    GrantForm,
    MergeForm,
    PlotForm,
    ProducerForm,
    ProductForm,
    ReasonForm,
    StatusForm,
)
from archives.admin.inlines import EventInline, HarvestInline, MembershipInline, PlotInline, ProductInline
from archives.admin.register_page import RegisterPages
from archives.admin.sheets import InItsSheet
from archives.models import Activity, Producer, Product
from archives.services import holdings, memberships, producers, status

COLOURS = {"active": "success", "paused": "warning", "closed": "danger", "merged": "info"}
CHANGE = "archives.change_producer"


def _living(producer: Producer) -> bool:
    return producer.status != Producer.Status.MERGED


ACTS = {
    "confirm": Act(
        CHANGE, _("确认档案"), _("确认档案内容真实有效，计入档案更新时间。"), _("已确认。"), forms.Form,
        producers.confirm, _living,
    ),
    "status": Act(
        CHANGE, _("变更状态"), _("停产、恢复或注销；变更会记入日志。"), _("状态已变更。"), StatusForm,
        status.change_status, _living,
    ),
    "product": Act(
        "archives.add_producerproduct", _("增加产品"), _("记录只能填写档案中登记的产品。"),
        _("已增加产品。"), ProductForm, holdings.add_product, _living,
    ),
    "plot": Act(
        "archives.add_plot", _("增加地块"), _("地块名称在主体内不重复。"), _("已增加地块。"), PlotForm,
        holdings.add_plot, _living,
    ),
    "grant": Act(
        "archives.add_membership", _("授权办理"), _("该用户从今天起可以为主体办理事务。"), _("已授权。"),
        GrantForm, memberships.grant_membership, _living,
    ),
    "merge": Act(
        CHANGE, _("合并主体"),
        _("重复建档时使用：本主体成为另一主体的别名，记录和信用信息归其计算，可以撤销。"), _("已合并。"),
        MergeForm, status.merge, _living,
    ),
    "unmerge": Act(
        CHANGE, _("撤销合并"), _("恢复为单独的主体，自己的信用信息归自己计算。"), _("已撤销合并。"),
        ReasonForm, status.unmerge, lambda producer: not _living(producer),
    ),
}  # fmt: skip


class RegionFilter(DivisionFilter):
    """The producer's own division."""

    path = "region"


class ActivityFilter(DropdownFilter):  # type: ignore[misc]  # Unfold ships no types
    """By what the subject does among other things."""

    title = _("从事环节")
    parameter_name = "activity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All that there is."""
        return list(Activity.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those who do it."""
        wanted = self.value()
        return queryset.working_in(wanted) if wanted in Activity.values else queryset  # type: ignore[attr-defined]  # the model's own queryset


@admin.register(Producer)
class ProducerAdmin(InItsSheet, RegisterPages, ActsAdmin):
    """Found by name, part of it, initials, credit code or key; written through the register's services."""

    acts = ACTS
    target = "producer"
    form = ProducerForm
    list_display: tuple[Any, ...] = (
        "name",
        "shown_kind",
        "shown_region",
        "shown_status",
        "credit_code",
        "registered_on",
    )
    list_filter: tuple[Any, ...] = (
        ("kind", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        ("nature", ChoicesDropdownFilter),
        ActivityFilter,
        RegionFilter,
    )
    list_filter_submit = True
    list_select_related: tuple[str, ...] = ("region",)
    ordering = ("-pk",)
    search_fields = ("name",)
    search_help_text = _(
        "名称或其中几个字、拼音首字母、统一社会信用代码、主体编号，或完整的手机号码、身份证号"
    )
    inlines = (ProductInline, PlotInline, MembershipInline, HarvestInline, EventInline)
    fieldsets = (
        (None, {"fields": ("key", "name", ("kind", "nature"), "activities", "sectors", "credit_code")}),
        (_("所在地与联系"), {"fields": ("region_code", "address", "contact_name", "new_phone")}),
        (_("身份与建档"), {"fields": ("new_identity_number", "registered_on")}),
        (_("状态"), {"fields": ("shown_status", "merged_into", "is_generated", "created_at", "updated_at")}),
    )
    readonly_fields = ("shown_status", "merged_into", "is_generated", "created_at", "updated_at")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The register's own search, on its indexes."""
        term = search_term.strip()
        return (queryset.sought(term) if term else queryset), False  # type: ignore[attr-defined]  # the model's own queryset

    def get_readonly_fields(self, request: HttpRequest, obj: Producer | None = None) -> tuple[str, ...]:
        """A key is given once and stands in sealed leaves."""
        return self.readonly_fields if obj is None else ("key", *self.readonly_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Producer | None = None) -> Any:
        """Those who may only look are shown no fields for new numbers; a new file has no status yet."""
        if obj is None:
            return self.fieldsets[:3]
        if self.has_change_permission(request, obj):
            return self.fieldsets
        shown = (
            "key",
            "name",
            "kind",
            "nature",
            "activities",
            "sectors",
            "credit_code",
            "region",
            "address",
            "registered_on",
        )
        return ((None, {"fields": shown}), self.fieldsets[3])

    def get_inlines(self, request: HttpRequest, obj: Producer | None = None) -> Any:
        """A new file has nothing beside it."""
        return self.inlines if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows who writes: officers write within their jurisdiction only."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user})

    def has_change_permission(self, request: HttpRequest, obj: Producer | None = None) -> bool:
        """A merged file is history."""
        if obj is not None and not _living(obj):
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Producer | None = None) -> bool:
        """Nobody: a producer is closed or merged, its evidence stays."""
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One file; that personal data was looked at is written down."""
        row = self.get_object(request, object_id)
        if (
            request.method == "GET"
            and row is not None
            and row.phone
            and self.has_change_permission(request, row)
        ):
            record_view(what=str(_("联系方式")), target=row, region_code=row.region_id)
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Producer, form: Any, change: bool) -> None:
        """Through the services, which write the audit and the profile's events."""
        given = form.given()
        if change:
            saved = producers.change(producer=obj, actor=request.user, **given)
        else:
            saved = producers.register(actor=request.user, **given)
        obj.__dict__.update(saved.__dict__)

    def arguments(self, request: HttpRequest, form: forms.Form) -> dict[str, Any]:
        """Keys and codes of the forms as rows that the officer may see."""
        values = dict(form.cleaned_data)
        if "into" in values:
            target = Producer.objects.visible_to(request.user).filter(key=values["into"].strip()).first()
            if target is None:
                raise ValidationError(_("您的辖区内没有这个编号的主体。"))
            values["into"] = target
        if "product" in values:
            text = values["product"].strip()
            product = Product.objects.filter(code=text).first() or Product.objects.filter(name=text).first()
            if product is None:
                raise ValidationError(_("目录中没有这种产品。"))
            values["product"] = product
        return values

    @admin.display(description=_("主体类型"), ordering="kind")
    def shown_kind(self, producer: Producer) -> str:
        """The kind's word, and what it does besides producing."""
        return producer.subject_words

    @admin.display(description=_("所在区划"), ordering="region_id")
    def shown_region(self, producer: Producer) -> str:
        """The division's full name."""
        return str(producer.region)

    @display(description=_("状态"), label=COLOURS, ordering="status")  # type: ignore[untyped-decorator]  # no types
    def shown_status(self, producer: Producer) -> tuple[Any, str]:
        """The status in words and colour."""
        return Labelled(producer.status, producer.get_status_display())
