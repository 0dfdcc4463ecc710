"""Input shops (农资经营): what they bought in by lot, and what they sold, to whom."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.crypto import EncryptedTextField
from archives.models.producers import Producer
from archives.models.records import InputKind, InputPurchase, Record, RecordStatus
from archives.shop_querysets import ShopPurchaseQuerySet


class ShopPurchase(Record):
    """One lot that a shop bought in (采购台账, 农药管理条例 art. 26), and what of it is left to sell."""

    kind = models.CharField(_("投入品类别"), max_length=16, choices=InputKind.choices)
    name = models.CharField(_("通用名"), max_length=80)
    ingredient = models.CharField(_("有效成分"), max_length=120, blank=True)
    registration_number = models.CharField(_("登记证号"), max_length=40, blank=True)
    batch_number = models.CharField(_("生产批号"), max_length=40, blank=True)
    manufacturer = models.CharField(_("生产企业"), max_length=120, blank=True)
    supplier = models.CharField(_("供货人"), max_length=120)
    supplier_contact = models.CharField(_("供货人联系方式"), max_length=60, blank=True)
    specification = models.CharField(_("规格"), max_length=60, blank=True)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    left = models.DecimalField(_("库存"), max_digits=12, decimal_places=3, editable=False)
    unit = models.CharField(_("单位"), max_length=16)
    expires_on = models.DateField(_("质量保证期至"), null=True, blank=True)
    restricted = models.BooleanField(_("限制使用农药"), default=False)

    objects: ClassVar[Any] = ShopPurchaseQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("农资店进货")
        verbose_name_plural = _("农资店进货")
        default_permissions = ("view", "add", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(
                name="shop_purchase_quantity_is_positive", condition=models.Q(quantity__gt=0)
            ),
            models.CheckConstraint(
                name="shop_stock_is_never_negative",
                condition=models.Q(left__gte=0, left__lte=models.F("quantity")),
            ),
            models.CheckConstraint(
                name="shop_purchase_restricted_is_a_pesticide",
                condition=models.Q(restricted=False) | models.Q(kind=InputKind.PESTICIDE),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.batch_number}".strip()


class ShopSaleWay(models.TextChoices):
    """How a part of a lot left the shop."""

    SALE = "sale", _("销售")
    LOSS = "loss", _("报损")
    RETURN = "return", _("退回供货人")


class ShopSale(Record):
    """A part of a lot that left the shop (销售台账, 农药管理条例 art. 27).

    A restricted pesticide is sold by real name: to a producer on file, or to a person whose identity number
    was checked. A producer on file gets its own purchase record out of the sale.
    """

    Way = ShopSaleWay

    lot = models.ForeignKey(ShopPurchase, models.PROTECT, related_name="sales", verbose_name=_("货品批次"))
    way = models.CharField(_("去向"), max_length=8, choices=ShopSaleWay.choices, default=ShopSaleWay.SALE)
    quantity = models.DecimalField(_("数量"), max_digits=12, decimal_places=3)
    restricted = models.BooleanField(_("限制使用农药"), default=False)
    buyer = models.ForeignKey(
        Producer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("购买主体")
    )
    buyer_name = EncryptedTextField(_("购买人"), blank=True)
    buyer_identity = EncryptedTextField(_("购买人身份证号"), blank=True)
    buyer_identity_hash = models.CharField(max_length=64, blank=True, editable=False)
    purpose = models.CharField(_("用于（作物、病虫）"), max_length=120, blank=True)
    unit_code = models.CharField(_("单元识别代码"), max_length=32, blank=True)
    purchase = models.OneToOneField(
        InputPurchase, models.PROTECT, null=True, blank=True, related_name="shop_sale",
        verbose_name=_("生成的购买记录"),
    )  # fmt: skip

    class Meta(Record.Meta):
        verbose_name = _("农资店销售")
        verbose_name_plural = _("农资店销售")
        default_permissions = ("view", "add", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            *Record.Meta.constraints,
            models.CheckConstraint(name="shop_sale_quantity_is_positive", condition=models.Q(quantity__gt=0)),
            models.CheckConstraint(
                name="shop_sale_of_restricted_is_by_real_name",
                condition=models.Q(restricted=False)
                | ~models.Q(way=ShopSaleWay.SALE)
                | models.Q(buyer__isnull=False)
                | ~models.Q(buyer_identity_hash=""),
            ),
            models.UniqueConstraint(
                name="shop_sale_one_pack_sold_once", fields=["unit_code"],
                condition=models.Q(status=RecordStatus.ACTIVE) & ~models.Q(unit_code=""),
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            *Record.Meta.indexes,
            models.Index(
                fields=["buyer_identity_hash"], name="shop_sale_by_person",
                condition=~models.Q(buyer_identity_hash=""),
            ),
        ]  # fmt: skip
