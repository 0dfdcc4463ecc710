"""Statutory deadlines on pages: the date, and that it is provisional while a year is not announced."""

from __future__ import annotations

import datetime

from django import template

from agricredit.foundation.calendar.wording import with_reservation
from agricredit.foundation.common.templatetags.formats import full_date

register = template.Library()


@register.filter
def deadline(day: datetime.date | None) -> str:
    """2027年1月8日, with the reservation while it may still move; empty for no date."""
    return "" if day is None else with_reservation(full_date(day), day)
