"""How dates, quantities and personal data are written on every screen (Chinese first, English second)."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language, gettext

from agricredit.foundation.common import clock, masking

register = template.Library()

register.filter("mask_name", masking.mask_name)
register.filter("mask_phone", masking.mask_phone)
register.filter("mask_identity", masking.mask_identity)


def _day(value: Any) -> datetime.date | None:
    """The Shanghai date of a date or an aware moment; None for anything else."""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value if isinstance(value, datetime.date) else None


def _in_chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


@register.filter
def full_date(value: Any) -> str:
    """2026年3月1日, in English 1 March 2026; empty for no date."""
    day = _day(value)
    if day is None:
        return ""
    return f"{day.year}年{day.month}月{day.day}日" if _in_chinese() else f"{day.day} {day:%B} {day.year}"


@register.filter
def year_month(value: Any) -> str:
    """2026年3月, in English March 2026."""
    day = _day(value)
    if day is None:
        return ""
    return f"{day.year}年{day.month}月" if _in_chinese() else f"{day:%B} {day.year}"


@register.filter
def month_day(value: Any) -> str:
    """8月12日, in English 12 August: for days of the current year."""
    day = _day(value)
    if day is None:
        return ""
    return f"{day.month}月{day.day}日" if _in_chinese() else f"{day.day} {day:%B}"


@register.filter
def near_date(value: Any) -> str:
    """8月12日 for a day of the current year, with its year for any other: 2025年12月30日."""
    day = _day(value)
    if day is None:
        return ""
    return month_day(day) if day.year == clock.today().year else full_date(day)


@register.filter
def moment(value: Any) -> str:
    """2026年3月1日 14:05 in Shanghai time."""
    if not isinstance(value, datetime.datetime):
        return full_date(value)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{full_date(local)} {local:%H:%M}"


def plain_number(value: Any) -> str:
    """A number with thousands grouped and without trailing zeros: 1200.50 is 1,200.5."""
    number = Decimal(str(value))
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def number(value: Any) -> str:
    """A number with thousands grouped; empty for none."""
    return "" if value is None or value == "" else plain_number(value)


@register.filter
def mu(value: Any) -> str:
    """An area in mu: 12.5 亩."""
    return "" if value is None else gettext("%(number)s 亩") % {"number": plain_number(value)}


@register.filter
def kilograms(value: Any) -> str:
    """A weight in kilograms: 1,200 公斤."""
    return "" if value is None else gettext("%(number)s 公斤") % {"number": plain_number(value)}


@register.filter
def points(value: Any) -> str:
    """Hundredths of a point as points: 8250 is 82.5."""
    return "" if value is None else plain_number(Decimal(int(value)) / 100)
