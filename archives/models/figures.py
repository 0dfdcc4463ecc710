"""What lists and charts read instead of the ledger: a producer's profile state, a township's figures."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common import clock
from archives.models.producers import Producer
from archives.querysets import OwnedQuerySet, TownshipFigureQuerySet

#: A file is to be confirmed every half year (GD104, HZ0109: 180 days).
CONFIRMED_FOR = timedelta(days=180)


class ProfileState(models.Model):
    """The last ``profile.completed`` (percent) and ``profile.confirmed`` (its day) that still count.

    Written beside the ledger by ``services.profiles`` only, for the register's filters: every figure can be
    read from the ledger again. Of the file itself, without those merged into it. ``reminded_on`` alone is no
    figure: the day on which ``services.register.confirmations`` last wrote to the producer.
    """

    producer = models.OneToOneField(
        Producer, models.CASCADE, primary_key=True, related_name="profile_state", verbose_name=_("生产主体")
    )
    completeness = models.PositiveSmallIntegerField(_("档案完整度（%）"), default=0)
    confirmed_on = models.DateField(_("最近确认"), null=True, blank=True)
    reminded_on = models.DateField(_("最近提醒确认"), null=True, blank=True, editable=False)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("档案状态")
        verbose_name_plural = _("档案状态")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="profile_state_is_a_percentage", condition=models.Q(completeness__lte=100)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["completeness", "producer"], name="profile_state_completeness"),
            models.Index(fields=["confirmed_on", "producer"], name="profile_state_confirmed"),
        ]

    def __str__(self) -> str:
        return f"{self.producer_id}: {self.completeness}%"

    @property
    def is_overdue(self) -> bool:
        """Not confirmed within the last half year."""
        return self.confirmed_on is None or self.confirmed_on < overdue_before()


def overdue_before(day: date | None = None) -> date:
    """Files confirmed before this day are to be confirmed again."""
    return (day or clock.today()) - CONFIRMED_FOR


class Figure(models.TextChoices):
    """What is counted in each township, once a night."""

    PRODUCERS = "producers", _("在册主体")
    COMPLETE = "complete", _("档案完整")
    PARTLY = "partly", _("档案不完整")
    POOR = "poor", _("档案不足六成")
    OVERDUE = "overdue", _("逾期未确认")
    KEEPING_30 = "keeping_30", _("近30天有记录的主体")
    KEEPING_90 = "keeping_90", _("近90天有记录的主体")
    RECORDS_30 = "records_30", _("近30天生产记录")
    RECORDS_90 = "records_90", _("近90天生产记录")
    CERTIFICATES_30 = "certificates_30", _("近30天合格证")
    CERTIFICATES_90 = "certificates_90", _("近90天合格证")


class TownshipFigure(models.Model):
    """One figure of one division (the first nine digits of its producers' region)."""

    Name = Figure

    region_code = models.CharField(_("行政区划代码"), max_length=12)
    name = models.CharField(_("指标"), max_length=16, choices=Figure.choices)
    value = models.BigIntegerField(_("数值"))
    measured_at = models.DateTimeField(_("统计时间"))

    objects = TownshipFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("乡镇统计")
        verbose_name_plural = _("乡镇统计")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="township_figure_stands_once", fields=["region_code", "name"]),
            models.CheckConstraint(
                name="township_figure_is_known", condition=models.Q(name__in=Figure.values)
            ),
            models.CheckConstraint(name="township_figure_is_a_count", condition=models.Q(value__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.region_code} {self.name}: {self.value}"
