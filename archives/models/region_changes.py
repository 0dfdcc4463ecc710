"""Changes of administrative divisions: split, merged, renumbered; who follows whom, for good."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from archives.models.regions import Region
from archives.querysets import RegionChangeQuerySet


class ChangeKind(models.TextChoices):
    """What was ordered (行政区划管理条例: 设立、撤销、更名、变更)."""

    RENUMBER = "renumber", _("代码变更")
    MERGE = "merge", _("合并")
    SPLIT = "split", _("拆分")


class ChangeState(models.TextChoices):
    """Drafted by one, confirmed by another, applied on its day."""

    DRAFTED = "drafted", _("待核准")
    CONFIRMED = "confirmed", _("已核准，待生效")
    APPLIED = "applied", _("已生效")
    CANCELLED = "cancelled", _("已取消")


class RegionChange(models.Model):
    """One order; ``region_code`` is the division that all its codes lie in. Written by its services only."""

    State = ChangeState

    kind = models.CharField(_("变更类型"), max_length=8, choices=ChangeKind.choices)
    region_code = models.CharField(_("涉及的区划"), max_length=12)
    effective_on = models.DateField(_("生效日期"))
    basis = models.CharField(_("批准文件"), max_length=200)
    state = models.CharField(
        _("状态"), max_length=9, choices=ChangeState.choices, default=ChangeState.DRAFTED
    )
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("登记人")
    )
    drafted_at = models.DateTimeField(_("登记时间"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("核准人")
    )
    confirmed_at = models.DateTimeField(_("核准时间"), null=True)
    applied_at = models.DateTimeField(_("执行时间"), null=True)
    carried = models.JSONField(_("随迁数量"), default=dict)

    objects = RegionChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("区划变更")
        verbose_name_plural = _("区划变更")
        default_permissions = ("view", "add", "change")
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="region_change_kind_is_known", condition=models.Q(kind__in=ChangeKind.values)
            ),
            models.CheckConstraint(
                name="region_change_applied_has_its_time",
                condition=models.Q(state="applied", applied_at__isnull=False)
                | (~models.Q(state="applied") & models.Q(applied_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="region_change_is_confirmed_by_another",
                condition=models.Q(confirmed_by__isnull=True)
                | models.Q(drafted_by__isnull=True)
                | ~models.Q(confirmed_by=models.F("drafted_by")),
            ),
            models.CheckConstraint(name="region_change_has_its_basis", condition=~models.Q(basis="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {full_date(self.effective_on)} {self.basis}"


class RegionMove(models.Model):
    """One line of the order: this division becomes that one; all below it follows."""

    change = models.ForeignKey(RegionChange, models.CASCADE, related_name="moves", verbose_name=_("区划变更"))
    old = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("原区划"))
    new_code = models.CharField(_("新代码"), max_length=12)
    new_name = models.CharField(_("新名称"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("区划对应")
        verbose_name_plural = _("区划对应")
        default_permissions = ()
        ordering: ClassVar[list[str]] = ["old_id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="region_move_once_a_change", fields=["change", "old"]),
        ]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_code}"


class RegionSuccession(models.Model):
    """Of an applied change: which division every one that ended became. Old codes resolve by it for ever."""

    change = models.ForeignKey(
        RegionChange, models.PROTECT, related_name="successions", verbose_name=_("区划变更")
    )
    old = models.ForeignKey(Region, models.PROTECT, related_name="successors", verbose_name=_("原区划"))
    new = models.ForeignKey(Region, models.PROTECT, related_name="predecessors", verbose_name=_("现区划"))

    class Meta:
        verbose_name = _("区划沿革")
        verbose_name_plural = _("区划沿革")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="region_has_one_successor", fields=["old"]),
            models.CheckConstraint(
                name="region_does_not_follow_itself", condition=~models.Q(old=models.F("new"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"
