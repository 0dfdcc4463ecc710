"""The input catalogue (投入品目录): what is registered, what its label says, and what the law forbids."""

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.input_querysets import CatalogueQuerySet, InputItemQuerySet
from archives.models.records import InputKind


class Toxicity(models.TextChoices):
    """Toxicity class of a pesticide; the first two are kept off food crops (农药管理条例 art. 34)."""

    EXTREME = "extreme", _("剧毒")
    HIGH = "high", _("高毒")
    MEDIUM = "medium", _("中等毒")
    LOW = "low", _("低毒")
    SLIGHT = "slight", _("微毒")


class Commodity(models.TextChoices):
    """What a label's interval is counted for; milk, eggs and meat of one animal each have their own."""

    CROP = "crop", _("作物")
    MEAT = "meat", _("肉")
    MILK = "milk", _("奶")
    EGG = "egg", _("蛋")
    AQUATIC = "aquatic", _("水产")


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    exclude=["name_folded", "name_grams", "initials", "updated_at"],
    meta={"verbose_name": _("投入品目录变更"), "verbose_name_plural": _("投入品目录变更")},
)
class InputItem(models.Model):
    """One input. Without a registration number it is a reference by name: its labels are hints only."""

    code = models.CharField(_("目录编号"), max_length=64, unique=True)
    kind = models.CharField(_("投入品类别"), max_length=16, choices=InputKind.choices)
    name = models.CharField(_("通用名"), max_length=80)
    name_folded = models.CharField(_("检索名称"), max_length=160, editable=False, default="")
    name_grams = ArrayField(models.TextField(), verbose_name=_("名称片段"), default=list, editable=False)
    initials = models.CharField(_("拼音首字母"), max_length=80, blank=True, editable=False)
    english = models.CharField(_("英文通用名"), max_length=80, blank=True)
    ingredient = models.CharField(_("有效成分"), max_length=120, blank=True)
    form = models.CharField(_("含量剂型"), max_length=60, blank=True)
    registration_number = models.CharField(_("登记证号"), max_length=40, blank=True)
    manufacturer = models.CharField(_("生产企业"), max_length=120, blank=True)
    toxicity = models.CharField(_("毒性"), max_length=8, choices=Toxicity.choices, blank=True)
    valid_until = models.DateField(_("登记有效期至"), null=True, blank=True)
    verified = models.BooleanField(_("已核对标签"), default=False)
    shipped = models.BooleanField(_("随平台提供"), default=False, editable=False)
    source = models.CharField(_("资料来源"), max_length=160, blank=True)
    updated_at = models.DateTimeField(_("更新时间"), auto_now=True)

    objects = InputItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("投入品目录")
        verbose_name_plural = _("投入品目录")
        ordering: ClassVar[list[str]] = ["kind", "initials", "code"]
        indexes: ClassVar[list[models.Index]] = [
            GinIndex(fields=["name_grams"], name="inputitem_name_grams", fastupdate=False),
            models.Index(OpClass("initials", name="text_pattern_ops"), name="inputitem_initials"),
            models.Index(fields=["kind", "name"], name="inputitem_by_name"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="inputitem_kind_is_known", condition=models.Q(kind__in=InputKind.values)
            ),
            models.CheckConstraint(
                name="inputitem_code_and_name_are_given", condition=~models.Q(code="") & ~models.Q(name="")
            ),
            # Only a label can be checked, and a label belongs to one registration.
            models.CheckConstraint(
                name="inputitem_verified_has_its_registration_number",
                condition=models.Q(verified=False) | ~models.Q(registration_number=""),
            ),
            models.UniqueConstraint(
                name="inputitem_registration_is_unique",
                fields=["registration_number", "kind"],
                condition=~models.Q(registration_number=""),
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.name, self.form, self.registration_number]))


def _ordered(low: str, high: str) -> models.Q:
    return (
        models.Q(**{f"{low}__isnull": True})
        | models.Q(**{f"{high}__isnull": True})
        | models.Q(**{f"{low}__lte": models.F(high)})
    )


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"verbose_name": _("标签内容变更"), "verbose_name_plural": _("标签内容变更")},
)
class InputLabel(models.Model):
    """One crop or animal on a label: interval in days, uses a season, dose; empty where nobody read it.

    ``covers`` names products or categories of the product catalogue; empty covers every one.
    """

    item = models.ForeignKey(InputItem, models.CASCADE, related_name="labels", verbose_name=_("投入品"))
    crop = models.CharField(_("作物或动物"), max_length=40, blank=True)
    covers = ArrayField(
        models.CharField(max_length=40), verbose_name=_("对应的产品或类别"), default=list, blank=True
    )
    commodity = models.CharField(
        _("间隔期对象"), max_length=8, choices=Commodity.choices, default=Commodity.CROP
    )
    target = models.CharField(_("防治对象"), max_length=80, blank=True)
    least_days = models.PositiveSmallIntegerField(_("间隔期下限（天）"), null=True, blank=True)
    interval_days = models.PositiveSmallIntegerField(_("间隔期（天）"), null=True, blank=True)
    degree_days = models.PositiveSmallIntegerField(_("休药期（度日）"), null=True, blank=True)
    max_uses = models.PositiveSmallIntegerField(_("每季最多使用次数"), null=True, blank=True)
    dose_min = models.DecimalField(_("每亩最低用量"), max_digits=10, decimal_places=3, null=True, blank=True)
    dose_max = models.DecimalField(_("每亩最高用量"), max_digits=10, decimal_places=3, null=True, blank=True)
    dose_unit = models.CharField(_("用量单位"), max_length=16, blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("标签内容")
        verbose_name_plural = _("标签内容")
        ordering: ClassVar[list[str]] = ["item", "crop", "pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="inputlabel_commodity_is_known", condition=models.Q(commodity__in=Commodity.values)
            ),
            models.CheckConstraint(
                name="inputlabel_interval_is_a_range", condition=_ordered("least_days", "interval_days")
            ),
            models.CheckConstraint(
                name="inputlabel_interval_is_within_a_year",
                condition=models.Q(interval_days__isnull=True) | models.Q(interval_days__lte=365),
            ),
            models.CheckConstraint(
                name="inputlabel_dose_is_a_range", condition=_ordered("dose_min", "dose_max")
            ),
            models.CheckConstraint(
                name="inputlabel_dose_has_its_unit",
                condition=models.Q(dose_min__isnull=True, dose_max__isnull=True) | ~models.Q(dose_unit=""),
            ),
        ]

    def __str__(self) -> str:
        if self.commodity == Commodity.CROP:
            return f"{self.item} · {self.crop or _('各种作物')}"
        return f"{self.item} · {self.crop or _('各种动物')} · {self.get_commodity_display()}"


class RuleSort(models.TextChoices):
    """What a rule on a substance says."""

    BANNED = "banned", _("禁止使用")
    RESTRICTED = "restricted", _("部分范围禁止使用")
    PERMITTED = "permitted", _("名称相近、不在此列")


@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    meta={"verbose_name": _("禁限用规定变更"), "verbose_name_plural": _("禁限用规定变更")},
)
class SubstanceRule(models.Model):
    """A forbidden or restricted substance, from a day on, by a named announcement (policy.md §3.3–3.4)."""

    sort = models.CharField(_("规定"), max_length=12, choices=RuleSort.choices)
    kind = models.CharField(_("投入品类别"), max_length=16, choices=InputKind.choices)
    name = models.CharField(_("名称"), max_length=80)
    covers = ArrayField(models.CharField(max_length=40), verbose_name=_("不得用于"), default=list, blank=True)
    excepted = ArrayField(models.CharField(max_length=40), verbose_name=_("除外"), default=list, blank=True)
    begins = models.DateField(_("施行日期"), null=True, blank=True)
    ends = models.DateField(_("废止日期"), null=True, blank=True)
    basis = models.CharField(_("依据"), max_length=120)
    confirmed = models.BooleanField(_("已核对公告原文"), default=True)
    shipped = models.BooleanField(_("随平台提供"), default=False, editable=False)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        verbose_name = _("禁限用规定")
        verbose_name_plural = _("禁限用规定")
        ordering: ClassVar[list[str]] = ["kind", "sort", "begins", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="substancerule_kind_is_known", condition=models.Q(kind__in=InputKind.values)
            ),
            models.CheckConstraint(
                name="substancerule_sort_is_known", condition=models.Q(sort__in=RuleSort.values)
            ),
            models.CheckConstraint(
                name="substancerule_ends_after_it_begins", condition=_ordered("begins", "ends")
            ),
            models.CheckConstraint(
                name="substancerule_name_and_basis_are_given",
                condition=~models.Q(name="") & ~models.Q(basis=""),
            ),
            # A restriction says on what; a ban is a ban everywhere.
            models.CheckConstraint(
                name="substancerule_restricted_says_on_what",
                condition=(
                    models.Q(sort=RuleSort.RESTRICTED) & (~models.Q(covers=[]) | ~models.Q(excepted=[]))
                )
                | (~models.Q(sort=RuleSort.RESTRICTED) & models.Q(covers=[], excepted=[])),
            ),
            models.UniqueConstraint(
                name="substancerule_stands_once",
                fields=["sort", "kind", "name", "begins", "basis"],
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.get_sort_display()}"
