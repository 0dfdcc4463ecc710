"""How a deadline is said that may still move: 暂定, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.translation import gettext as _

from agricredit.foundation.calendar import services


def with_reservation(text: str, deadline: date) -> str:
    """The text of a deadline, and behind it that it is provisional while it may still move."""
    return with_reservations({deadline: text})[deadline]


def with_reservations(texts: Mapping[date, str]) -> dict[date, str]:
    """The same of many deadlines, with one look at the calendar for all."""
    moving = services.provisional(texts)
    return {
        deadline: text + _("（%(why)s）") % {"why": why_provisional(deadline)} if deadline in moving else text
        for deadline, text in texts.items()
    }


def why_provisional(deadline: date) -> str:
    """暂定, and what it waits for."""
    return _("暂定，%(year)s年放假安排公布后重新计算") % {"year": deadline.year}
