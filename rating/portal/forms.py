"""What the producer is asked for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.files import FilesField


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
    papers = FilesField(label=_("整改证明"))


class ObjectionForm(forms.Form):
    """What is wrong with the result."""

    reasons = forms.CharField(
        label=_("对什么有异议，为什么"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("如：6月1日的不合格样品不是我们的，抽样单编号与我们留存的不符"),
    )
    papers = FilesField(label=_("证明材料"))


class StatementForm(forms.Form):
    """What one has to say to an intended decision."""

    statement = forms.CharField(
        label=_("您的陈述和申辩"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("如：该批次已在上市前销毁，附销毁记录"),
    )
    papers = FilesField(label=_("证明材料"))


class HearingForm(forms.Form):
    """Why one asks for a hearing."""

    request = forms.CharField(
        label=_("要求听证的事项和理由"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5})
    )
