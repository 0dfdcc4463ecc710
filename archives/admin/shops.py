"""Input shops in the back office: the two ledgers, only to look at; licences are kept on the shop's file."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.masking import mask_identity
from archives.admin.records import RecordAdmin
from archives.models import ShopPurchase, ShopSale
from archives.portal.shops import buyer_of


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
