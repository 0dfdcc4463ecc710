"""App configuration."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CalendarConfig(AppConfig):
    """See the package's docstring."""

    name = "agricredit.foundation.calendar"
    label = "calendar"
    verbose_name = _("工作日历")

    def ready(self) -> None:
        """Register verbs; fill the calendar after every migrate: deadlines need it from the first minute."""
        from agricredit.foundation.calendar import verbs  # noqa: F401 - registers on import

        post_migrate.connect(_load, sender=self, dispatch_uid="calendar.load")


def _load(**_facts: Any) -> None:
    from agricredit.foundation.calendar import services

    services.load()
