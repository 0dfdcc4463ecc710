"""Training sessions and who attended them: producers' hours and the supervisors' forty a year (赣榆)."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common import clock
from archives.models.producers import Producer
from archives.models.regions import Region
from archives.querysets import AttendanceQuerySet, TrainingQuerySet

SUPERVISORS_HOURS = Decimal(40)
"""What a supervisor must attend in a calendar year (赣榆: 监管员每年培训不少于40学时)."""


class Audience(models.TextChoices):
    """For whom a session is held."""

    PRODUCERS = "producers", _("生产经营主体")
    SUPERVISORS = "supervisors", _("监管人员")


class TrainingSession(models.Model):
    """One session with its hours (学时), held by a division for whoever works there."""

    Audience = Audience

    title = models.CharField(_("培训内容"), max_length=160)
    audience = models.CharField(_("培训对象"), max_length=12, choices=Audience.choices)
    held_on = models.DateField(_("培训日期"))
    hours = models.DecimalField(_("学时"), max_digits=4, decimal_places=1)
    place = models.CharField(_("地点"), max_length=120, blank=True)
    organiser = models.CharField(_("组织单位"), max_length=120)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("所在区划"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("录入人"),
    )  # fmt: skip
    entered_at = models.DateTimeField(_("录入时间"), default=clock.now)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = _("培训")
        verbose_name_plural = _("培训")
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["held_on", "id"], name="training_held")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="training_hours_are_plausible",
                condition=models.Q(hours__gt=0, hours__lte=200),
                violation_error_message=_("学时应大于0，不超过200。"),
            ),
            models.CheckConstraint(
                name="training_audience_is_known", condition=models.Q(audience__in=Audience.values)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class TrainingAttendance(models.Model):
    """One attendance: a producer's (by somebody named) or a supervisor's. Taken back, it stays on file."""

    session = models.ForeignKey(
        TrainingSession, models.PROTECT, related_name="attendances", verbose_name=_("培训")
    )
    producer = models.ForeignKey(
        Producer, models.PROTECT, null=True, blank=True, related_name="trainings", verbose_name=_("生产主体")
    )
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="trainings",
        verbose_name=_("监管人员"),
    )  # fmt: skip
    attendee = models.CharField(_("参加人"), max_length=80, blank=True)
    hours = models.DecimalField(_("学时"), max_digits=4, decimal_places=1)
    entered_at = models.DateTimeField(_("录入时间"), default=clock.now)
    withdrawn_on = models.DateField(_("撤销日期"), null=True, blank=True)
    withdraw_reason = models.CharField(_("撤销原因"), max_length=240, blank=True)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("参训记录")
        verbose_name_plural = _("参训记录")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="attendance_is_a_producers_or_a_supervisors",
                condition=models.Q(producer__isnull=False, supervisor__isnull=True)
                | models.Q(producer__isnull=True, supervisor__isnull=False),
            ),
            models.CheckConstraint(
                name="attendance_hours_are_plausible", condition=models.Q(hours__gt=0, hours__lte=200)
            ),
            models.CheckConstraint(
                name="attendance_withdrawn_with_a_reason",
                condition=models.Q(withdrawn_on__isnull=True) | ~models.Q(withdraw_reason=""),
            ),
            models.UniqueConstraint(
                name="attendance_of_a_producers_person_once",
                fields=["session", "producer", "attendee"],
                condition=models.Q(withdrawn_on__isnull=True, producer__isnull=False),
            ),
            models.UniqueConstraint(
                name="attendance_of_a_supervisor_once",
                fields=["session", "supervisor"],
                condition=models.Q(withdrawn_on__isnull=True, supervisor__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} · {self.producer or self.supervisor}"
