"""Who must be rated (应评范围): by kind and by honour, from a year on, region by region."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.producers import ProducerKind
from rating.querysets import ScopeRuleQuerySet


class HonourLevel(models.IntegerChoices):
    """The least honour that makes its holder one who must be rated; values as ``honour.granted`` has them."""

    DISTRICT = 100, _("市县级（区级）以上")
    PROVINCE = 200, _("省级以上")
    NATIONAL = 300, _("国家级")


class ScopeRule(models.Model):
    """From ``first_year`` on, producers of ``kinds`` and holders of an honour must be rated in the region.

    Policy model: 湛江 2021 工作方案 (规模主体 first, 小农户 by 2025; every holder of a district-or-higher
    honour). Rows are added, never changed: the newest of the longest matching region code holds. It decides
    who is missed, not who is rated: a run rates everybody it can (``ledger-contract.md``).
    """

    region_code = models.CharField(_("行政区划代码"), max_length=12)
    first_year = models.PositiveSmallIntegerField(_("自评价年度"))
    kinds = ArrayField(
        models.CharField(max_length=20, choices=ProducerKind.choices), verbose_name=_("应评主体类型")
    )
    honour_level = models.PositiveSmallIntegerField(
        _("荣誉级别"),
        choices=HonourLevel.choices,
        null=True,
        blank=True,
        help_text=_("持有该级别以上有效荣誉的主体都应当评价"),
    )
    basis = models.CharField(_("依据"), max_length=200)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("设定人")
    )
    set_on = models.DateField(_("设定日"))

    objects = ScopeRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("应评范围")
        verbose_name_plural = _("应评范围")
        ordering: ClassVar[list[str]] = ["region_code", "-first_year", "-id"]
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return _("%(region)s 自%(year)s年度") % {"region": self.region_code, "year": self.first_year}
