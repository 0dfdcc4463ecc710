"""A producer's people, the honours it holds, and what it filed: systems, plans, procedures, measures."""

from __future__ import annotations

import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.crypto import EncryptedTextField
from archives import vocabulary
from archives.models.kept import Checked, Kept, area_rule, check_rules, end_rules, order_rule
from archives.models.products import Product


class StaffMember(Checked):
    """Somebody who answers for quality or does skilled work (内控员、质量安全员、检测员)."""

    name = models.CharField(_("姓名"), max_length=80)
    duty = models.CharField(_("岗位"), max_length=16, choices=vocabulary.duties)
    phone = EncryptedTextField(_("联系电话"), null=True, blank=True)
    from_on = models.DateField(_("上岗日期"))
    certificate_number = models.CharField(_("资格证书编号"), max_length=80, blank=True)
    certificate_issuer = models.CharField(_("证书颁发单位"), max_length=120, blank=True)
    valid_until = models.DateField(_("证书有效期至"), null=True, blank=True)

    past = ("from_on",)
    ordered = (("from_on", "ended_on"),)

    class Meta:
        verbose_name = _("人员")
        verbose_name_plural = _("人员")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="staff_member_has_a_duty_once",
                fields=["producer", "name", "duty"],
                condition=models.Q(ended_on__isnull=True),
                violation_error_message=_("此人已登记在这个岗位上。"),
            ),
            *check_rules("staff_member"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_duty_display()}）"


class HonourLevel(models.TextChoices):
    """Who granted it; district and higher is what the must-rate list asks for."""

    NATIONAL = "national", _("国家级")
    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    COUNTY = "county", _("县（市、区）级")
    TOWNSHIP = "township", _("乡镇级")


class Honour(Checked):
    """A title, listing or commendation, with the document that grants it."""

    Level = HonourLevel

    kind = models.CharField(_("荣誉种类"), max_length=32, choices=vocabulary.honours)
    title = models.CharField(_("荣誉名称"), max_length=160)
    level = models.CharField(_("级别"), max_length=8, choices=HonourLevel.choices)
    issuer = models.CharField(_("授予机关"), max_length=120)
    document_number = models.CharField(_("文件编号"), max_length=80, blank=True)
    granted_on = models.DateField(_("授予日期"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True, help_text=_("长期有效的留空"))

    past = ("granted_on",)
    ordered = (("granted_on", "valid_until"),)

    class Meta:
        verbose_name = _("荣誉")
        verbose_name_plural = _("荣誉")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="honour_is_kept_once",
                fields=["producer", "kind", "title", "granted_on"],
                condition=models.Q(ended_on__isnull=True),
                violation_error_message=_("档案中已有这项荣誉。"),
            ),
            models.CheckConstraint(
                name="honour_level_is_known", condition=models.Q(level__in=HonourLevel.values)
            ),
            order_rule("honour", "granted_on", "valid_until"),
            *check_rules("honour"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.get_level_display()}）"


class Filing(Checked):
    """A quality management system (农产品质量安全法 art. 26) or an emergency plan, as filed."""

    kind = models.CharField(_("种类"), max_length=24, choices=vocabulary.filings)
    title = models.CharField(_("名称"), max_length=160)
    version = models.CharField(_("版本"), max_length=40, blank=True)
    filed_on = models.DateField(_("制定日期"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True, help_text=_("长期有效的留空"))

    past = ("filed_on",)
    ordered = (("filed_on", "valid_until"),)

    class Meta:
        verbose_name = _("制度与预案")
        verbose_name_plural = _("制度与预案")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            order_rule("filing", "filed_on", "valid_until"),
            *check_rules("filing"),
        ]

    def __str__(self) -> str:
        return self.title


class Procedure(Kept):
    """A standard operating procedure (操作规程) of one version; production batches follow it."""

    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("适用产品"),
        help_text=_("留空表示各种产品都适用"),
    )  # fmt: skip
    title = models.CharField(_("规程名称"), max_length=160)
    version = models.CharField(_("版本"), max_length=40)
    standard = models.CharField(_("依据的标准"), max_length=120, blank=True)
    in_force_on = models.DateField(_("实施日期"))
    steps = models.TextField(_("要点"), blank=True, max_length=4000)

    past = ("in_force_on",)
    ordered = (("in_force_on", "ended_on"),)

    class Meta:
        verbose_name = _("操作规程")
        verbose_name_plural = _("操作规程")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="procedure_version_is_kept_once",
                fields=["producer", "title", "version"],
                violation_error_message=_("这份规程已有这个版本，请另写版本号。"),
            ),
            *end_rules("procedure"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    def covers(self, product_id: int, day: datetime.date) -> bool:
        """Whether work on the product may follow it on the day: in force, of the product or of all."""
        begun = self.in_force_on <= day and (self.ended_on is None or day < self.ended_on)
        return begun and self.product_id in (None, product_id)


class GreenControl(Checked):
    """A green-control measure in use (绿色防控), counted once verified on the spot."""

    measure = models.CharField(_("措施"), max_length=16, choices=vocabulary.measures)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("用在哪种产品")
    )
    area_mu = models.DecimalField(_("面积（亩）"), max_digits=10, decimal_places=2, null=True, blank=True)
    begun_on = models.DateField(_("开始日期"))
    detail = models.CharField(_("具体做法"), max_length=240, blank=True)

    past = ("begun_on",)
    ordered = (("begun_on", "ended_on"),)

    class Meta:
        verbose_name = _("绿色防控措施")
        verbose_name_plural = _("绿色防控措施")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            area_rule("green_control"),
            *check_rules("green_control"),
        ]

    def __str__(self) -> str:
        return str(self.get_measure_display())
