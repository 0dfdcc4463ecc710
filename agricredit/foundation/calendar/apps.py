"""App configuration."""

from django.apps import AppConfig


class CalendarConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.calendar"
    label = "calendar"
    verbose_name = "工作日历"
