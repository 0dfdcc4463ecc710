"""Administrative divisions (行政区划): the code is the key and a subtree is a code prefix."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.querysets import RegionQuerySet


class RegionLevel(models.TextChoices):
    """The five levels and, by position, their code lengths of 2, 4, 6, 9 and 12 digits."""

    PROVINCE = "province", _("省级")
    CITY = "city", _("市级")
    COUNTY = "county", _("县级")
    TOWNSHIP = "township", _("乡镇级")
    VILLAGE = "village", _("村级")


CODE_LENGTHS: dict[str, int] = {
    RegionLevel.PROVINCE.value: 2,
    RegionLevel.CITY.value: 4,
    RegionLevel.COUNTY.value: 6,
    RegionLevel.TOWNSHIP.value: 9,
    RegionLevel.VILLAGE.value: 12,
}
LEVEL_OF_LENGTH: dict[int, str] = {length: level for level, length in CODE_LENGTHS.items()}


class Region(models.Model):
    """One division. Codes are never reused with another meaning; one that ended has ``valid_to``."""

    code = models.CharField(_("区划代码"), max_length=12, primary_key=True)
    name = models.CharField(_("名称"), max_length=80)
    full_name = models.CharField(_("全称"), max_length=240, blank=True)
    level = models.CharField(_("级别"), max_length=8, choices=RegionLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级")
    )
    valid_from = models.DateField(_("启用日期"), null=True, blank=True)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering: ClassVar[list[str]] = ["code"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="region_code_has_2_4_6_9_or_12_digits",
                condition=models.Q(code__regex=r"^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$"),
            ),
            models.CheckConstraint(
                name="region_ends_after_it_begins",
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.name
