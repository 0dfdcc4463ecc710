"""Forms of the acts on a producer's file: ending, checking, uploading."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from agricredit.foundation.common.clock import today
from archives.models import CheckOutcome


class EndForm(forms.Form):
    """From when, why, and whether it never was true."""

    on = forms.DateField(
        label=_("终止日期"), initial=today, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("原因"), max_length=240, widget=UnfoldAdminTextareaWidget)
    mistaken = forms.BooleanField(
        label=_("当初就登记错了"),
        required=False,
        help_text=_("勾选后，这一条计入的信用信息一并撤回"),
        widget=UnfoldBooleanSwitchWidget,
    )


class CheckForm(forms.Form):
    """What was found, and where it differs."""

    outcome = forms.ChoiceField(
        label=_("核验结果"),
        choices=[
            (CheckOutcome.PASS.value, CheckOutcome.PASS.label),
            (CheckOutcome.FAIL.value, CheckOutcome.FAIL.label),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label=_("说明"), max_length=240, required=False, widget=UnfoldAdminTextareaWidget,
        help_text=_("核验不通过的，写明哪里不符"),
    )  # fmt: skip


class DocumentForm(forms.Form):
    """The file, what it is, and how long it is kept."""

    upload = forms.FileField(label=_("文件"), widget=UnfoldAdminFileFieldWidget)
    title = forms.CharField(label=_("文件名称"), max_length=120, widget=UnfoldAdminTextInputWidget)
    personal = forms.BooleanField(
        label=_("含个人信息"), required=False, widget=UnfoldBooleanSwitchWidget,
        help_text=_("身份证件、个人照片等；查看会记入日志"),
    )  # fmt: skip
    keep_until = forms.DateField(
        label=_("保存至"), required=False, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=_("到期后自动删除文件内容；留空则随档案保存"),
    )  # fmt: skip
