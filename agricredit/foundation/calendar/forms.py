"""The year's arrangement as it is typed from the notice: one stretch of days a line."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

LONGEST = 15


class DaysField(forms.CharField):
    """Lines such as “2027-01-01 元旦” or “2027-02-05至2027-02-11 春节”, as names by date."""

    widget = UnfoldAdminTextareaWidget

    def clean(self, value: object) -> dict[date, str]:
        """Every day of every line; ValidationError names the line."""
        found: dict[date, str] = {}
        for number, line in enumerate(str(super().clean(value)).splitlines(), 1):
            if line.strip():
                found |= _stretch(number, line.strip())
        return found


def _stretch(number: int, line: str) -> dict[date, str]:
    days, _space, name = line.replace("\u3000", " ").partition(" ")
    first, _to, last = days.partition("至")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        start, end = date.max, date.min
    if not name.strip() or not 0 <= (end - start).days < LONGEST:
        raise ValidationError(
            _("第%(number)s行“%(line)s”应如“2027-02-05至2027-02-11 春节”。"),
            params={"number": number, "line": line},
        )
    return {start + timedelta(days=n): name.strip() for n in range((end - start).days + 1)}


class AnnounceForm(forms.Form):
    """What the yearly notice says."""

    year = forms.IntegerField(label=_("年份"), widget=UnfoldAdminIntegerFieldWidget)
    holidays = DaysField(
        label=_("放假"), help_text=_("一行一段，日期、空格、节日：2027-02-05至2027-02-11 春节")
    )
    make_up = DaysField(label=_("调休上班"), required=False, help_text=_("周末上班的日子，写法相同"))
    source = forms.CharField(label=_("通知文号"), max_length=100, widget=UnfoldAdminTextInputWidget)
