"""What the acts on decisions, hearings and interviews ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.files import FilesField
from rating.models import Decision, ServiceReceipt


def _text(label: Any, most: int = 2000, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=UnfoldAdminTextareaWidget, **options)


def _line(label: Any, most: int = 200, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=UnfoldAdminTextInputWidget, **options)


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=UnfoldAdminDateWidget, **options)


def lines_of(text: str) -> list[str]:
    """One a line, blanks left out."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class StatementForm(forms.Form):
    """What the producer said on paper or in person, kept by an officer."""

    statement = _text(_("陈述申辩内容"), 4000)
    papers = FilesField()


class ServiceForm(forms.Form):
    """How a document reached the producer."""

    method = forms.ChoiceField(
        label=_("送达方式"), choices=ServiceReceipt.Method.choices, widget=UnfoldAdminSelectWidget
    )
    on = _day(_("送达日期"), initial=today)
    recipient = _line(_("收件人"), 100)
    relation = _line(_("收件人与受送达人的关系"), 60, required=False)
    refused = forms.BooleanField(label=_("拒绝签收"), required=False, widget=UnfoldBooleanWidget)
    witness = _line(
        _("见证人"), 100, required=False, help_text=_("留置送达或拒绝签收的必填，如村委会工作人员")
    )
    posted_on = _day(_("公告日期"), required=False, help_text=_("仅公告送达填写；满三十日视为送达"))
    note = _line(_("备注"), 400, required=False)
    papers = FilesField(label=_("送达回证扫描件"))


class HearingRequestForm(forms.Form):
    """A hearing asked for on paper."""

    request = _text(_("听证要求"))


class HearingForm(forms.Form):
    """When, where, and who presides."""

    scheduled_on = _day(_("听证日期"))
    place = _line(_("听证地点"))
    chair = _line(_("听证主持人"), 150, help_text=_("登录名；不能是拟认定人"))

    def clean_chair(self) -> User:
        """The account of that name."""
        user = User.objects.filter(username=self.cleaned_data["chair"].strip()).first()
        if user is None:
            raise ValidationError(_("没有这个登录名。"))
        return user


class MinutesForm(forms.Form):
    """What was said."""

    minutes = _text(_("听证笔录"), 8000)
    papers = FilesField()


class MeasureForm(forms.Form):
    """Lowering or suspending a grade in force."""

    ground = forms.ChoiceField(
        label=_("措施"),
        choices=[(ground.value, ground.label) for ground in Decision.INTERIM],
        widget=UnfoldAdminSelectWidget,
    )
    grade = forms.ChoiceField(
        label=_("下调为"), required=False, widget=UnfoldAdminSelectWidget, help_text=_("暂停的不填")
    )
    reasons = _text(_("事实与理由"), 4000)
    basis = _text(_("依据"))
    evidence = _text(_("所据信息编号"), 4000, help_text=_("每行一个，来自信用信息账本"))
    hearing_offered = forms.BooleanField(label=_("告知听证权利"), required=False, widget=UnfoldBooleanWidget)

    def __init__(self, *args: Any, grades: list[str], **kwargs: Any) -> None:
        """Only grades below the one in force."""
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [("", "—"), *((code, code) for code in grades)]  # type: ignore[attr-defined]  # a form's field, found by name

    def clean_evidence(self) -> list[str]:
        """One a line."""
        return lines_of(self.cleaned_data["evidence"])


class CallForm(forms.Form):
    """Calling to an interview."""

    reason = _text(_("约谈事由"))
    basis = _line(_("依据"), initial=_("农产品质量安全法第五十五条"))
    scheduled_on = _day(_("约谈日期"))
    place = _line(_("约谈地点"))


class HeldForm(forms.Form):
    """Who came and what was agreed."""

    attended = _line(_("到场人员"))
    interviewers = _line(_("约谈人员"))
    agreed = _text(_("约定事项"))
    follow_up_by = _day(_("落实期限"), required=False)
    papers = FilesField()


class OutcomeForm(forms.Form):
    """What became of it."""

    outcome = _text(_("落实情况"))
