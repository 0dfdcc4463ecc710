"""Commitment certificates that producers issued on another platform, as that platform has them."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from archives.models import Producer
from certificates.querysets import ForeignCertificateQuerySet


class ForeignCertificate(models.Model):
    """A copy for reading: written by exchange and import only (``services.foreign``), never entered here.

    It says nothing to the ledger: what the other platform's issue refused or let pass is not known here.
    ``product`` is the words on its face; quantity in kilograms.
    """

    class Status(models.TextChoices):
        """As of the last exchange."""

        ISSUED = "issued", _("有效")
        VOID = "void", _("已作废")

    platform = models.CharField(_("开具平台"), max_length=80)
    code = models.CharField(_("查验码"), max_length=80)
    producer = models.ForeignKey(
        Producer, models.PROTECT, related_name="foreign_certificates", verbose_name=_("生产经营主体")
    )
    product = models.CharField(_("产品"), max_length=80)
    quantity = models.DecimalField(
        _("数量（公斤）"), max_digits=12, decimal_places=3, null=True,
        validators=[MinValueValidator(Decimal("0.001"))],
    )  # fmt: skip
    origin = models.CharField(_("产地（证面）"), max_length=200, blank=True)
    batch = models.CharField(_("批次号"), max_length=80, blank=True)
    issued_on = models.DateField(_("开具日期"))
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices, default=Status.ISSUED)
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("取回时间"))
    changed_at = models.DateTimeField(_("最近变更"))

    objects: ClassVar[ForeignCertificateQuerySet] = ForeignCertificateQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("其他平台的合格证")
        verbose_name_plural = _("其他平台的合格证")
        default_permissions = ("view",)
        permissions = [("import_foreigncertificate", _("导入其他平台的合格证"))]
        indexes = [models.Index(fields=["producer", "-issued_on"], name="foreigncertificate_of_producer")]
        constraints = [
            models.UniqueConstraint(fields=["platform", "code"], name="foreigncertificate_code_is_unique"),
            models.CheckConstraint(
                condition=~Q(platform="") & ~Q(code="") & ~Q(product=""),
                name="foreigncertificate_says_what_it_is",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0),
                name="foreigncertificate_quantity_positive",
            ),
            models.CheckConstraint(
                condition=Q(status="void") | Q(status="issued", void_reason=""),
                name="foreigncertificate_reason_is_of_a_void_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.code}"
