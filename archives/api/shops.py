"""A shop's own system at the API: lots bought in and sales, each through its service, once."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from agricredit.foundation.accounts.api.fields import VisibleField
from agricredit.foundation.accounts.api.permissions import HasRight, HasScope
from archives.filters import RecordFilter
from archives.models import EntryWay, InputKind, Producer, ShopPurchase, ShopSale
from archives.services.shops import trading

COMMON = ["uid", "shop", "occurred_on", "entered_at", "status", "reverse_reason", "quantity", "restricted"]
GUARDS = [IsAuthenticated, HasScope, HasRight]


class LotSerializer(serializers.ModelSerializer[ShopPurchase]):
    """One lot of a shop, with what is left of it."""

    shop = serializers.CharField(source="producer.key", read_only=True, label=_("农资店编号"))

    class Meta:
        model = ShopPurchase
        fields = [
            *COMMON, "kind", "name", "ingredient", "registration_number", "batch_number", "manufacturer",
            "supplier", "supplier_contact", "specification", "left", "unit", "expires_on",
        ]  # fmt: skip
        read_only_fields = fields


class ShopSaleSerializer(serializers.ModelSerializer[ShopSale]):
    """One sale; who bought is said only where it is a producer on file, by its key."""

    shop = serializers.CharField(source="producer.key", read_only=True, label=_("农资店编号"))
    lot = serializers.UUIDField(source="lot.uid", read_only=True, label=_("货品批次编号"))
    buyer = serializers.CharField(
        source="buyer.key", read_only=True, allow_null=True, default=None, label=_("购买主体编号")
    )

    class Meta:
        model = ShopSale
        fields = [*COMMON, "lot", "way", "buyer", "purpose", "unit_code"]
        read_only_fields = fields


class _Entry(serializers.Serializer[Any]):
    uid = serializers.UUIDField(help_text=_("由调用方生成；同一编号重复提交只记一次"))
    occurred_on = serializers.DateField(label=_("发生日期"))
    quantity = serializers.DecimalField(max_digits=12, decimal_places=3, label=_("数量"))


def _text(length: int, label: Any, *, needed: bool = False) -> serializers.CharField:
    return serializers.CharField(max_length=length, required=needed, allow_blank=not needed, label=label)


class LotEntry(_Entry):
    """A lot bought in."""

    shop = VisibleField(slug_field="key", queryset=Producer.objects.all(), label=_("农资店编号"))
    kind = serializers.ChoiceField(choices=InputKind.choices, label=_("投入品类别"))
    name = _text(80, _("通用名"), needed=True)
    ingredient = _text(120, _("有效成分"))
    registration_number = _text(40, _("登记证号"))
    batch_number = _text(40, _("生产批号"))
    manufacturer = _text(120, _("生产企业"))
    supplier = _text(120, _("供货人"), needed=True)
    supplier_contact = _text(60, _("供货人联系方式"))
    specification = _text(60, _("规格"))
    unit = _text(16, _("单位"), needed=True)
    expires_on = serializers.DateField(required=False, allow_null=True, label=_("质量保证期至"))
    restricted = serializers.BooleanField(required=False, default=False, label=_("标签标注“限制使用”"))


class ShopSaleEntry(_Entry):
    """A sale out of a lot."""

    lot = VisibleField(slug_field="uid", queryset=ShopPurchase.objects.all(), label=_("货品批次编号"))
    buyer = serializers.CharField(
        max_length=40, required=False, allow_blank=True, label=_("购买主体的号码"),
        help_text=_("信用代码、手机号、身份证号或主体编号"),
    )  # fmt: skip
    buyer_name = _text(60, _("购买人姓名"))
    purpose = _text(120, _("用于（作物、病虫）"))
    unit_code = _text(400, _("单元识别代码"))


class _Ledger(generics.ListAPIView[Any]):
    permission_classes = GUARDS
    required_scope = {"GET": "records:read", "POST": "records:write"}
    filterset_class = RecordFilter
    ordering = "-id"


class ShopPurchaseList(_Ledger):
    """Lots, the latest entry first; POST enters one."""

    required_right = {"GET": "archives.view_shoppurchase", "POST": "archives.add_shoppurchase"}
    queryset = ShopPurchase.objects.none()
    serializer_class = LotSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Those of shops that the caller may see."""
        return ShopPurchase.objects.visible_to(self.request.user).select_related("producer")

    @extend_schema(summary=_("农资店进货记录"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page."""
        return super().get(request, *args, **kwargs)

    @extend_schema(summary=_("登记农资店进货"), request=LotEntry, responses={201: LotSerializer})
    def post(self, request: Request) -> Response:
        """201 with the lot, also when the same uid is sent again."""
        given = LotEntry(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        lot = trading.buy_in(actor=request.user, entry=EntryWay.API, **given.validated_data)
        return Response(self.get_serializer(lot).data, status=201)


class ShopSaleList(_Ledger):
    """Sales, the latest entry first; POST enters one, and the purchase record of a buyer on file with it."""

    required_right = {"GET": "archives.view_shopsale", "POST": "archives.add_shopsale"}
    queryset = ShopSale.objects.none()
    serializer_class = ShopSaleSerializer

    def get_queryset(self) -> QuerySet[Any]:
        """Those of shops that the caller may see."""
        return ShopSale.objects.visible_to(self.request.user).select_related("producer", "lot", "buyer")

    @extend_schema(summary=_("农资店销售记录"))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One page."""
        return super().get(request, *args, **kwargs)

    @extend_schema(summary=_("登记农资店销售"), request=ShopSaleEntry, responses={201: ShopSaleSerializer})
    def post(self, request: Request) -> Response:
        """201 with the sale, also when the same uid is sent again."""
        given = ShopSaleEntry(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        sale = trading.sell(actor=request.user, entry=EntryWay.API, **given.validated_data)
        return Response(self.get_serializer(sale).data, status=201)
