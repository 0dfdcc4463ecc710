"""One row per day of an announced year."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.calendar.querysets import CalendarDayQuerySet


class CalendarDay(models.Model):
    """A day of a year whose holidays are announced; a year without rows is not announced yet."""

    day = models.DateField(_("日期"), primary_key=True)
    working = models.BooleanField(_("工作日"))
    name = models.CharField(_("节日或调休"), max_length=100, blank=True, default="")

    objects: ClassVar = CalendarDayQuerySet.as_manager()

    class Meta:
        """Names."""

        verbose_name = _("日历")
        verbose_name_plural = _("工作日历")
        ordering = ["day"]

    def __str__(self) -> str:
        """The date."""
        return self.day.isoformat()
