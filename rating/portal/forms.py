"""What the producer is asked for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RepairForm(forms.Form):
    """What was put right, and the pledge."""

    correction = forms.CharField(
        label=_("怎样改正的"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("如：罚款已缴清，问题批次已销毁，隔离期记录已补齐"),
    )
    pledge = forms.CharField(
        label=_("信用承诺"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        initial=_("以上情况属实；今后依法生产经营，不再发生同类问题，如有违反愿承担相应责任。"),
    )


class ObjectionForm(forms.Form):
    """What is wrong with the result."""

    reasons = forms.CharField(
        label=_("对什么有异议，为什么"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("如：6月1日的不合格样品不是我们的，抽样单编号与我们留存的不符"),
    )
