"""The commitment certificate (承诺达标合格证): issued on the producer's own promise, then immutable."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from archives.models import Harvest, Producer, Product, Region, Sale
from certificates.querysets import CertificateQuerySet

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no letter is taken for a digit
CODE_LENGTH = 16  # 80 random bits: natural persons' certificates must not be guessable


def new_code() -> str:
    """An unguessable public code."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


class Basis(models.TextChoices):
    """On what the promise rests (承诺依据); 自我承诺 of the older form is no longer one."""

    QUALITY_CONTROL = "quality_control", _("质量安全控制符合要求")
    SELF_TEST = "self_test", _("自行检测合格")
    ENTRUSTED_TEST = "entrusted_test", _("委托检测合格")


class Form(models.TextChoices):
    """The two forms in use since 2026-02-01 (农业农村部令2025年第4号)."""

    PRODUCER = "producer", _("样式一（生产者）")
    PURCHASER = "purchaser", _("样式二（收购者）")


PROMISES = {
    Form.PRODUCER: "未使用禁用农药、兽药及其他化合物；使用的常规农药、兽药残留不超标。",
    Form.PURCHASER: "已按规定收取并保存该批次农产品承诺达标合格证或者其他质量安全合格证明；"
    "未违规使用保鲜剂、防腐剂、添加剂等。",
}


# The only columns that may change, and only by voiding.
VOIDING = ["status", "voided_at", "voided_by", "void_reason"]


class Certificate(models.Model):
    """One batch, one certificate. Only voiding may change a row (a trigger refuses everything else)."""

    class Status(models.TextChoices):
        """Issued or void; nothing in between."""

        ISSUED = "issued", _("有效")
        VOID = "void", _("已作废")

    uid = models.UUIDField(_("客户端编号"), unique=True)
    code = models.CharField(_("查验码"), max_length=CODE_LENGTH, unique=True, default=new_code)
    producer = models.ForeignKey(
        Producer, models.PROTECT, related_name="certificates", verbose_name=_("生产经营主体")
    )
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", verbose_name=_("产品"))
    form = models.CharField(_("样式"), max_length=10, choices=Form.choices, default=Form.PRODUCER)
    promise = models.TextField(_("承诺事项"))
    bases = ArrayField(models.CharField(max_length=20, choices=Basis.choices), verbose_name=_("承诺依据"))
    quantity = models.DecimalField(
        _("数量（公斤）"), max_digits=12, decimal_places=3, validators=[MinValueValidator(Decimal("0.001"))]
    )
    over_quantity_reason = models.CharField(_("超量说明"), max_length=200, blank=True)
    origin = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("产地"))
    origin_text = models.CharField(_("产地（证面）"), max_length=200)
    issuer_name = models.CharField(_("生产者（证面）"), max_length=120)
    contact = models.CharField(_("联系方式（证面）"), max_length=40, blank=True)
    issued_on = models.DateField(_("开具日期"))
    issued_at = models.DateTimeField(_("开具时间"))
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("开具人")
    )
    harvest = models.ForeignKey(
        Harvest, models.PROTECT, null=True, related_name="certificates", verbose_name=_("采收批次")
    )
    sale = models.ForeignKey(
        Sale, models.PROTECT, null=True, related_name="certificates", verbose_name=_("销售记录")
    )
    statement = models.BinaryField(_("签名"))
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices, default=Status.ISSUED)
    voided_at = models.DateTimeField(_("作废时间"), null=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("作废人")
    )
    void_reason = models.CharField(_("作废原因"), max_length=200, blank=True)

    objects: ClassVar[CertificateQuerySet] = CertificateQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("承诺达标合格证")
        verbose_name_plural = _("承诺达标合格证")
        ordering = ["-id"]
        permissions = [("void_certificate", _("作废合格证"))]
        indexes = [
            models.Index(fields=["producer", "-issued_on"], name="certificate_of_producer"),
            models.Index(fields=["harvest"], condition=Q(status="issued"), name="certificate_of_harvest"),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="issued_is_immutable", exclude=VOIDING),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="certificate_quantity_positive"),
            models.UniqueConstraint(
                fields=["sale"], condition=Q(status="issued"), name="certificate_one_in_force_for_a_sale"
            ),
            models.CheckConstraint(condition=Q(bases__len__gt=0), name="certificate_states_a_basis"),
            models.CheckConstraint(
                condition=Q(status="issued", voided_at=None, void_reason="")
                | (Q(status="void", voided_at__gte=F("issued_at")) & ~Q(void_reason="")),
                name="certificate_void_has_time_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.issuer_name}"

    @property
    def shows_grade(self) -> bool:
        """A natural person's certificate shows no grade (浙江省公共信用信息管理条例 art. 15)."""
        return self.producer.nature != Producer.Nature.NATURAL_PERSON

    @property
    def basis_labels(self) -> list[str]:
        """The bases in words, in the order of the form."""
        return [str(Basis(basis).label) for basis in self.bases]
