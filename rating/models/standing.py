"""Where a producer stands: the official grade in force and, apart from it, the live score."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import StandingQuerySet


class Standing(models.Model):
    """The official grade (by an effective run) and the live estimate of one producer.

    The two are different things and never share a line on a screen: the live score has no effect.
    """

    class Status(models.TextChoices):
        """What the official columns say today."""

        NONE = "none", _("尚未参评")
        RATED = "rated", _("已评价")
        PENDING = "pending", _("待认定")
        NOT_RATED = "not_rated", _("未评价")
        SUSPENDED = "suspended", _("等级暂停")

    producer = models.OneToOneField(
        "archives.Producer",
        models.CASCADE,
        primary_key=True,
        related_name="standing",
        verbose_name=_("生产经营主体"),
    )
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices, default=Status.NONE)
    official_grade = models.CharField(_("农安信用等级"), max_length=8, blank=True)
    official_score = models.IntegerField(_("年度得分"), null=True, blank=True)
    official_year = models.PositiveSmallIntegerField(_("评价年度"), null=True, blank=True)
    official_run = models.ForeignKey(
        "rating.RatingRun",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("年度评价"),
    )
    official_version = models.PositiveSmallIntegerField(_("结果版本"), null=True, blank=True)
    since = models.DateField(_("生效日"), null=True, blank=True)
    previous_grade = models.CharField(_("上次等级"), max_length=8, blank=True)
    previous_year = models.PositiveSmallIntegerField(_("上次年度"), null=True, blank=True)
    pending_run = models.ForeignKey(
        "rating.RatingRun",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("待认定评价"),
    )
    objected = models.BooleanField(_("异议中"), default=False, db_default=False)
    live_scheme = models.ForeignKey(
        "rating.Scheme", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("预估方案")
    )
    live_score = models.IntegerField(_("本年预估分"), null=True, blank=True)
    live_grade = models.CharField(_("预估等级"), max_length=8, blank=True)
    live_status = models.CharField(_("预估状态"), max_length=10, choices=Status.choices, default=Status.NONE)
    live_on = models.DateField(_("预估日"), null=True, blank=True)
    live_at = models.DateTimeField(_("预估时间"), null=True, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        verbose_name = _("信用现状")
        verbose_name_plural = _("信用现状")
        permissions = [("check_standing", _("信用核查"))]
        indexes = [models.Index(fields=["official_grade", "producer"], name="rating_standing_grade")]

    def __str__(self) -> str:
        return f"{self.producer} · {self.official_grade or self.get_status_display()}"
