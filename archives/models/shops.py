"""Input shops (农资经营): licences, what they bought in by lot, and what they sold, to whom."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.crypto import EncryptedTextField
from archives.models.producers import Producer
from archives.models.records import InputKind, InputPurchase, Record, RecordStatus
from archives.shop_querysets import DealerLicenceQuerySet, ShopPurchaseQuerySet


class DealerLicenceKind(models.TextChoices):
    """Which trade the licence is for; fertiliser and feed are sold without one."""

    PESTICIDE = "pesticide", _("农药经营许可证")
    VETERINARY_DRUG = "veterinary_drug", _("兽药经营许可证")
    SEED = "seed", _("种子生产经营许可或备案")


class DealerLicence(models.Model):
    """A dealer's licence (农药管理条例 art. 24, 兽药管理条例 art. 22), kept by the officers."""

    Kind = DealerLicenceKind

    producer = models.ForeignKey(
        Producer, models.PROTECT, related_name="dealer_licences", verbose_name=_("农资店")
    )
    kind = models.CharField(_("许可类别"), max_length=16, choices=DealerLicenceKind.choices)
    number = models.CharField(_("许可证号"), max_length=60)
    restricted = models.BooleanField(_("可经营限制使用农药（定点）"), default=False)
    scope = models.CharField(_("经营范围"), max_length=240, blank=True)
    authority = models.CharField(_("发证机关"), max_length=100)
    valid_from = models.DateField(_("有效期起"))
    valid_until = models.DateField(_("有效期至"))
    ended_on = models.DateField(_("吊销或注销日期"), null=True, blank=True)
    end_reason = models.CharField(_("吊销或注销理由"), max_length=240, blank=True)
    kept_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("登记人")
    )

    objects = DealerLicenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("农资经营许可")
        verbose_name_plural = _("农资经营许可")
        default_permissions = ("view", "add", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="dealer_licence_number_in_force_once", fields=["kind", "number"],
                condition=models.Q(ended_on__isnull=True),
            ),
            models.CheckConstraint(
                name="dealer_licence_kind_is_known", condition=models.Q(kind__in=DealerLicenceKind.values)
            ),
            models.CheckConstraint(
                name="dealer_licence_ends_after_it_begins",
                condition=models.Q(valid_until__gte=models.F("valid_from")),
            ),
            # Only pesticides have restricted ones (农药管理条例 art. 24).
            models.CheckConstraint(
                name="dealer_licence_restricted_is_for_pesticides",
                condition=models.Q(restricted=False) | models.Q(kind=DealerLicenceKind.PESTICIDE),
            ),
            models.CheckConstraint(
                name="dealer_licence_ended_with_reason",
                condition=models.Q(ended_on__isnull=True, end_reason="")
                | (models.Q(ended_on__isnull=False) & ~models.Q(end_reason="")),
            ),
        ]  # fmt: skip
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["producer", "kind", "valid_until"], name="dealer_licence_of_shop"),
            models.Index(
                fields=["valid_until"], name="dealer_licence_ending",
                condition=models.Q(ended_on__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"

    def is_in_force(self, on: datetime.date) -> bool:
        """Valid on the day and not ended before it; as ``DealerLicenceQuerySet.in_force`` says in SQL."""
        standing = self.ended_on is None or self.ended_on > on
        return standing and self.valid_from <= on <= self.valid_until


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
