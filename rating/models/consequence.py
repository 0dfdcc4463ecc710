"""The table of consequences (四挂钩) as versioned data, and the log of who asked about whom."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from archives.models.producers import ProducerKind
from rating.querysets import ConsequenceTableQuerySet, CreditCheckQuerySet, OfTableQuerySet


class Purpose(models.TextChoices):
    """What a credit check may be asked for."""

    SUBSIDY = "subsidy", _("补贴发放")
    PROJECT = "project", _("项目申报")
    TENDER = "tender", _("招标采购")
    BRAND = "brand", _("品牌认定")
    AWARD = "award", _("评优评先")


class When(models.TextChoices):
    """On what a consequence follows."""

    LISTED = "listed", _("在列严重失信名单")
    LOWEST = "lowest", _("最低等级（已认定）")
    HIGHEST = "highest", _("最高等级")
    DUTY_UNMET = "duty_unmet", _("未履行合格证义务")


class ConsequenceTable(models.Model):
    """One version of the table: drafted by one officer, approved by another, then never changed.

    Before any was approved the table shipped in ``rating/consequences.yaml`` holds.
    """

    class State(models.TextChoices):
        """A version's life."""

        DRAFT = "draft", _("草案")
        IN_FORCE = "in_force", _("施行")
        RETIRED = "retired", _("已废止")

    version = models.PositiveIntegerField(_("版本"), unique=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("起草人")
    )
    drafted_on = models.DateField(_("起草日"))
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("批准人")
    )
    approved_on = models.DateField(_("施行日"), null=True, blank=True)

    objects = ConsequenceTableQuerySet.as_manager()

    class Meta:
        verbose_name = _("联合使用规则表")
        verbose_name_plural = _("联合使用规则表")
        ordering: ClassVar[list[str]] = ["-version"]
        permissions = [("approve_consequencetable", _("批准联合使用规则表"))]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="in_force"),
                name="rating_consequences_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True) | ~models.Q(approved_by=models.F("drafted_by")),
                name="rating_consequences_second_person",
            ),
        ]

    def __str__(self) -> str:
        return _("联合使用规则表第%(version)s版") % {"version": self.version}


class ConsequenceRow(models.Model):
    """One consequence: when, for which purposes and kinds, what, and by which law ("" is for reference)."""

    table = models.ForeignKey(ConsequenceTable, models.CASCADE, related_name="rows", verbose_name=_("规则表"))
    code = models.SlugField(_("代码"), max_length=32)
    when = models.CharField(_("情形"), max_length=10, choices=When.choices)
    purposes = ArrayField(models.CharField(max_length=10, choices=Purpose.choices), verbose_name=_("用途"))
    kinds = ArrayField(
        models.CharField(max_length=24, choices=ProducerKind.choices),
        default=list,
        blank=True,
        verbose_name=_("适用主体类型（空为全部）"),
    )
    entry = models.CharField(_("名单"), max_length=100, blank=True)
    consequence = models.CharField(_("处理"), max_length=300)
    basis = models.CharField(_("依据（没有依据的仅供参考）"), max_length=300, blank=True)

    objects = OfTableQuerySet.as_manager()

    class Meta:
        verbose_name = _("联合使用规则")
        verbose_name_plural = _("联合使用规则")
        ordering: ClassVar[list[str]] = ["id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["table", "code"], name="rating_consequence_code")
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.consequence}"


class CreditCheckLog(models.Model):
    """One producer asked about, by whom and what for; kept for the term the law gives, then erased.

    Legal source: 浙江省公共信用信息管理条例 (query logs ten years); 深圳 at least five.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("查询人")
    )
    asked_at = models.DateTimeField(_("查询时间"))
    purpose = models.CharField(_("用途"), max_length=10, choices=Purpose.choices)
    matter = models.CharField(_("具体事项"), max_length=200)
    authorisation = models.CharField(_("授权书编号"), max_length=100, blank=True)
    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="credit_checks", verbose_name=_("生产经营主体")
    )
    grade = models.CharField(_("答复的等级"), max_length=8, blank=True)
    listed = models.BooleanField(_("答复在列"), default=False)
    keep_until = models.DateField(_("保存至"), db_index=True)

    objects = CreditCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("信用核查记录")
        verbose_name_plural = _("信用核查记录")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{full_date(self.asked_at)} · {self.get_purpose_display()} · {self.matter}"
