"""Reads of the calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from agricredit.foundation.calendar.models import CalendarDay  # noqa: F401 - named in the base's parameter


class CalendarDayQuerySet(models.QuerySet["CalendarDay"]):
    """Days of announced years."""

    def visible_to(self, user: Any) -> Self:
        """Public knowledge to every account that is logged in."""
        return self if getattr(user, "is_authenticated", False) else self.none()

    def special(self) -> Self:
        """Days that differ from what the weekday says, or have a name."""
        return self.exclude(name="")
