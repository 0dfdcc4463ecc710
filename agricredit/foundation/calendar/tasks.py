"""Celery task of the calendar."""

from celery import shared_task

from agricredit.foundation.calendar import services


@shared_task(name="calendar.load_working_days")
def load_working_days() -> list[int]:
    """Load every announced year again (beat, monthly): a new one replaces its provisional weekdays."""
    return services.load()
