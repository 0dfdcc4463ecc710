"""Rating schemes as data (DESIGN §5): a document, identified by its sha256, immutable once in force."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import RegionSchemeQuerySet, SchemeQuerySet


class Scheme(models.Model):
    """One version of one scheme's document.

    ``document`` is what :func:`rating.engine.parsing.parse` reads; ``sha256`` is taken over its canonical
    JSON. A trigger refuses to change or delete a scheme that is in force or retired (but for retiring it),
    and the content of one that has been submitted; who approves is neither its author nor who submitted it.
    """

    class State(models.TextChoices):
        """A scheme's life; ``in_force`` and ``retired`` documents never change."""

        DRAFT = "draft", _("草案")
        SUBMITTED = "submitted", _("待批准")
        APPROVED = "approved", _("已批准")
        IN_FORCE = "in_force", _("施行")
        RETIRED = "retired", _("已废止")

    code = models.CharField(_("方案代码"), max_length=32)
    version = models.CharField(_("版本"), max_length=16)
    name = models.CharField(_("名称"), max_length=120)
    sha256 = models.CharField(_("内容指纹（SHA-256）"), max_length=64, unique=True)
    document = models.JSONField(_("方案内容"))
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.DRAFT)
    valid_from = models.DateField(_("施行日期"), null=True, blank=True)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("起草人"),
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("报批人"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("批准人"),
    )
    approved_on = models.DateField(_("批准日"), null=True, blank=True)
    created_at = models.DateTimeField(_("载入时间"), auto_now_add=True)

    objects = SchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价方案")
        verbose_name_plural = _("评价方案")
        ordering = ["code", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="rating_scheme_version"),
            models.UniqueConstraint(
                fields=["code"], condition=models.Q(state="in_force"), name="rating_scheme_one_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(approved_by__isnull=True)
                | (
                    ~models.Q(approved_by=models.F("drafted_by"))
                    & ~models.Q(approved_by=models.F("submitted_by"))
                ),
                name="rating_scheme_second_person",
            ),
        ]
        permissions = [("approve_scheme", _("批准评价方案"))]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class RegionScheme(models.Model):
    """Which scheme a region rates by, from a date on; the longest matching region code wins."""

    region_code = models.CharField(_("行政区划代码"), max_length=12)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="regions", verbose_name=_("评价方案"))
    valid_from = models.DateField(_("施行日期"))
    #: Shown to producers beside it for reference, without any effect; None: none is.
    compared = models.ForeignKey(
        Scheme, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("对照方案")
    )

    objects = RegionSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = _("地区适用方案")
        verbose_name_plural = _("地区适用方案")
        ordering = ["region_code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["region_code", "valid_from"], name="rating_region_scheme_day"),
            models.CheckConstraint(
                condition=~models.Q(compared=models.F("scheme")), name="rating_region_compares_another_scheme"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_code} · {self.scheme.code} · {self.valid_from}"
