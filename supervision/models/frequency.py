"""How often a producer is visited and sampled in a year, and why."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supervision.querysets import OfProducerQuerySet


class Flag(models.TextChoices):
    """What raises the frequency above what the grade alone would give."""

    LISTED = "listed", _("在列严重失信主体")
    FAILED_SAMPLING = "failed_sampling", _("近一年监督抽查不合格")
    WATCHED = "watched", _("重点监管（内部）")


class Risk(models.TextChoices):
    """The risk classes of a scheme's supervision table."""

    LOW = "low", _("低风险")
    NORMAL = "normal", _("一般风险")
    HIGH = "high", _("较高风险")
    SEVERE = "severe", _("高风险")
    LISTED = "listed", _("在列严重失信")


class FrequencyAssignment(models.Model):
    """One producer's inspection frequency (检查频次) in one year; ``visits`` is None where there is no limit.

    No limit is only for those on a lawful list of serious dishonesty (国办发〔2020〕49号).
    """

    producer = models.ForeignKey(
        "archives.Producer", models.CASCADE, related_name="frequencies", verbose_name=_("生产经营主体")
    )
    year = models.PositiveSmallIntegerField(_("年度"))
    run = models.ForeignKey(
        "rating.RatingRun", models.PROTECT, null=True, related_name="+", verbose_name=_("依据的评价")
    )
    grade = models.CharField(_("依据的等级"), max_length=8, blank=True)
    risk = models.CharField(_("风险类别"), max_length=12)
    flags = ArrayField(
        models.CharField(max_length=20, choices=Flag.choices),
        default=list,
        blank=True,
        verbose_name=_("风险标记"),
    )
    visits = models.PositiveSmallIntegerField(_("年巡查次数"), null=True)
    sampling = models.PositiveSmallIntegerField(_("年抽样比例（%）"))
    monthly_follow_up = models.BooleanField(_("每月回访"), default=False)
    assigned_at = models.DateTimeField(_("确定时间"))

    objects: ClassVar[OfProducerQuerySet] = OfProducerQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("检查频次")
        verbose_name_plural = _("检查频次")
        ordering = ["-year", "producer"]
        constraints = [
            models.UniqueConstraint(fields=["producer", "year"], name="frequency_once_a_year"),
            models.CheckConstraint(condition=Q(sampling__lte=100), name="frequency_sampling_is_a_share"),
            models.CheckConstraint(
                condition=Q(visits__isnull=False) | Q(flags__contains=["listed"]),
                name="frequency_unlimited_only_when_listed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer} {self.year}"

    @property
    def visits_in_words(self) -> str:
        """Visits a year, or that there is no limit."""
        if self.visits is None:
            return gettext("不限频次")
        return gettext("每年 %(count)s 次") % {"count": self.visits}
