"""Input shops in the back office: licences, kept here; the two ledgers, only to look at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from agricredit.foundation.common.masking import mask_identity
from archives.admin.acts import Act, ActsAdmin
from archives.admin.forms import ReasonForm
from archives.admin.records import RecordAdmin
from archives.models import DealerLicence, DealerLicenceKind, Producer, ShopPurchase, ShopSale
from archives.portal.shops import buyer_of
from archives.services.shops import licences

ADD = "archives.add_dealerlicence"


class LicenceForm(forms.Form):
    """A licence as it is printed; the shop by its key or credit code."""

    shop = forms.CharField(
        label=_("农资店（统一社会信用代码或编号）"), max_length=40, widget=UnfoldAdminTextInputWidget
    )
    kind = forms.ChoiceField(
        label=_("许可类别"), choices=DealerLicenceKind.choices, widget=UnfoldAdminSelectWidget
    )
    number = forms.CharField(label=_("许可证号"), max_length=60, widget=UnfoldAdminTextInputWidget)
    authority = forms.CharField(label=_("发证机关"), max_length=100, widget=UnfoldAdminTextInputWidget)
    scope = forms.CharField(
        label=_("经营范围"), max_length=240, required=False, widget=UnfoldAdminTextInputWidget
    )
    restricted = forms.BooleanField(
        label=_("可经营限制使用农药（定点）"), required=False, widget=UnfoldBooleanSwitchWidget
    )
    valid_from = forms.DateField(label=_("有效期起"), widget=UnfoldAdminSingleDateWidget)
    valid_until = forms.DateField(label=_("有效期至"), widget=UnfoldAdminSingleDateWidget)


@admin.register(DealerLicence)
class DealerLicenceAdmin(ActsAdmin, ReadOnlyAdmin):
    """Put on file and ended; never edited."""

    acts = {
        "end": Act(
            "archives.change_dealerlicence", _("吊销或注销"), _("从今天起不能再凭此证进货和销售。"),
            _("已登记。"), ReasonForm, licences.end_licence, lambda row: row.ended_on is None,
        ),
    }  # fmt: skip
    target = "licence"
    list_display = ("producer", "kind", "number", "restricted", "valid_until", "ended_on")
    list_filter = (("kind", ChoicesDropdownFilter), "restricted", ("valid_until", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("producer",)
    search_fields = ("number__startswith", "producer__key__exact", "producer__credit_code__exact")
    search_help_text = _("许可证号的开头，或农资店的统一社会信用代码、编号")
    ordering = ("valid_until", "pk")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the role's permission; the service checks the rest."""
        return bool(request.user.has_perm(ADD))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """GET asks, POST puts it on file."""
        if not self.has_add_permission(request):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            shop = values.pop("shop").strip()
            rows = Producer.objects.visible_to(request.user)
            found = rows.filter(credit_code=shop.upper()).first() or rows.filter(key=shop).first()
            if found is None:
                raise ValidationError(gettext("辖区内没有这个主体，请先建档。"))
            licences.grant_licence(producer=found, **values, actor=request.user)
            return gettext("已登记。")

        return act_page(
            request,
            title=str(self.opts.verbose_name),
            lines=[gettext("按许可证填写。主体的从事环节须含“农资经营”；只有定点店可以经营限制使用农药。")],
            button=gettext("保存"),
            form=LicenceForm(request.POST if request.method == "POST" else None),
            act=act,
            back=reverse("admin:archives_dealerlicence_changelist"),
        )


class ShopLedgerAdmin(RecordAdmin):
    """The shop's own entries: found by shop, never changed here."""

    list_filter: Any = ("restricted", *RecordAdmin.list_filter)


@admin.register(ShopPurchase)
class ShopPurchaseAdmin(ShopLedgerAdmin):
    """The purchase ledger (采购台账)."""

    own_columns = ("name", "registration_number", "quantity", "left", "unit", "expires_on", "restricted")


@admin.register(ShopSale)
class ShopSaleAdmin(ShopLedgerAdmin):
    """The sales ledger (销售台账); buyers masked, their numbers never shown."""

    own_columns = ("lot", "way", "quantity", "masked_buyer", "restricted")
    related = ("producer", "lot", "buyer")
    personal = ("buyer", "buyer_name", "buyer_identity", "buyer_identity_hash")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The person's data only masked."""
        names = [name for name in super().get_fields(request, obj) if name not in self.personal]
        return [*names, "masked_buyer", "masked_identity"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """What this page computes, besides what every record's page does."""
        return [*super().get_readonly_fields(request, obj), "masked_buyer", "masked_identity"]

    @admin.display(description=_("购买人"))
    def masked_buyer(self, row: ShopSale) -> str:
        """An organisation's name, a person's first character."""
        return buyer_of(row) or "—"

    @admin.display(description=_("购买人身份证号"))
    def masked_identity(self, row: ShopSale) -> str:
        """First and last character."""
        return mask_identity(str(row.buyer_identity)) if row.buyer_identity else "—"
