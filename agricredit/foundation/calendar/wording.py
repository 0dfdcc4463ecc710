"""How a deadline is said that may still move: 暂定, and why."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from agricredit.foundation.calendar import services


def with_reservation(text: str, deadline: date) -> str:
    """The text of a deadline, and behind it that it is provisional while it may still move."""
    if not services.provisional(deadline):
        return text
    return text + _("（%(why)s）") % {"why": why_provisional(deadline)}


def why_provisional(deadline: date) -> str:
    """暂定, and what it waits for."""
    return _("暂定，%(year)s年放假安排公布后重新计算") % {"year": deadline.year}
