"""What the acts ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from agricredit.foundation.common.clock import today
from rating.models import Scheme


class NothingForm(forms.Form):
    """An act that only needs to be confirmed."""


class ReasonForm(forms.Form):
    """An act that needs a reason."""

    reason = forms.CharField(label=_("理由"), max_length=2000, widget=UnfoldAdminTextareaWidget)


class StartForm(forms.Form):
    """Which scheme, region and year to rate."""

    scheme = forms.ChoiceField(label=_("评价方案"), widget=UnfoldAdminSelectWidget)
    region = forms.CharField(
        label=_("行政区划代码"), max_length=12, widget=UnfoldAdminTextInputWidget, help_text=_("含其下级区划")
    )
    year = forms.IntegerField(label=_("评价年度"), widget=UnfoldAdminIntegerFieldWidget)
    trial = forms.BooleanField(
        label=_("试评价"),
        required=False,
        widget=UnfoldBooleanWidget,
        help_text=_("只供内部检验方案和数据：不公示、不生效、不公开"),
    )

    def __init__(self, *args: Any, region: str = "", **kwargs: Any) -> None:
        """The user's own region and last year stand there already."""
        super().__init__(*args, **kwargs)
        rows = Scheme.objects.in_force().values_list("code", "name")
        self.fields["scheme"].choices = [(code, f"{name}（{code}）") for code, name in rows]  # type: ignore[attr-defined]  # a form's field, found by name
        self.initial.setdefault("region", region)
        self.initial.setdefault("year", today().year - 1)


class NoticeForm(forms.Form):
    """What a notice of intent says."""

    reasons = forms.CharField(label=_("事实与理由"), max_length=4000, widget=UnfoldAdminTextareaWidget)
    basis = forms.CharField(label=_("依据"), max_length=2000, widget=UnfoldAdminTextareaWidget)
    evidence = forms.CharField(
        label=_("所据信息编号"),
        max_length=4000,
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("每行一个，来自信用信息账本；其中任何一条不再计入，就不能认定"),
    )
    hearing_offered = forms.BooleanField(label=_("告知听证权利"), required=False, widget=UnfoldBooleanWidget)

    def clean_evidence(self) -> list[str]:
        """One a line."""
        lines: list[Any] = self.cleaned_data["evidence"].splitlines()
        return [line.strip() for line in lines if line.strip()]


class ConfirmForm(forms.Form):
    """Why it is decided so; needed where the producer has answered."""

    reason = forms.CharField(
        label=_("认定说明"),
        max_length=2000,
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("主体已陈述申辩的，写明是否采纳及理由"),
    )
