"""What the acts on repairs and objections ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.files import FilesField
from agricredit.foundation.common.templatetags.formats import full_date
from archives.models import CreditEvent
from rating.models import Tier


class AcceptForm(forms.Form):
    """The tier that holds, and who found the fact if that was somebody here."""

    tier = forms.TypedChoiceField(
        label=_("失信程度"), choices=Tier.choices, coerce=Tier, widget=UnfoldAdminSelectWidget
    )
    found_by = forms.CharField(
        label=_("原认定人"),
        required=False,
        max_length=150,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("作出原认定的人员的登录名；其他单位认定的留空。此人不能决定修复。"),
    )

    def clean_found_by(self) -> User | None:
        """The account of that name."""
        name = self.cleaned_data["found_by"].strip()
        if not name:
            return None
        user = User.objects.filter(username=name).first()
        if user is None:
            raise ValidationError(_("没有这个登录名。"))
        return user


class PaperRepairForm(forms.Form):
    """An application that came on paper, entered by an officer for the producer."""

    key = forms.CharField(
        label=_("主体编号或统一社会信用代码"), max_length=100, widget=UnfoldAdminTextInputWidget
    )
    uid = forms.CharField(
        label=_("失信信息编号"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("来自信用信息账本；须是该主体仍在计入的失信信息"),
    )
    tier = forms.TypedChoiceField(
        label=_("失信程度"),
        choices=[("", _("按平台默认")), *Tier.choices],
        coerce=Tier,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    correction = forms.CharField(label=_("整改和履行情况"), max_length=2000, widget=UnfoldAdminTextareaWidget)
    pledge = forms.CharField(label=_("信用承诺"), max_length=2000, widget=UnfoldAdminTextareaWidget)
    papers = FilesField(label=_("纸质申请扫描件"))


class OptionalReasonForm(forms.Form):
    """An act that may be explained."""

    reason = forms.CharField(
        label=_("决定说明"), max_length=2000, required=False, widget=UnfoldAdminTextareaWidget
    )


class UpholdForm(forms.Form):
    """Why the objection is upheld, and which facts are taken back for it."""

    reason = forms.CharField(label=_("决定说明"), max_length=2000, widget=UnfoldAdminTextareaWidget)
    adverse = forms.MultipleChoiceField(
        label=_("有误的不利信息"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("勾选的信息被冲销，不再计入"),
    )
    uids = forms.CharField(
        label=_("其他有误信息的编号"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("每行一个，来自信用信息账本；写在这里的信息同样被冲销"),
    )

    def offer(self, events: Iterable[CreditEvent]) -> None:
        """Which adverse facts may be ticked: day, kind and uid of each."""
        self.fields["adverse"].choices = [  # type: ignore[attr-defined]  # a choice field
            (event.uid, f"{full_date(event.occurred_on)} {event.event_kind.label}（{event.uid}）")
            for event in events
        ]

    def clean(self) -> dict[str, Any]:
        """What was ticked and what was written, together."""
        given = {**self.cleaned_data}
        lines: list[str] = given.pop("uids", "").splitlines()
        written = [line.strip() for line in lines if line.strip()]
        given["uids"] = list(dict.fromkeys([*given.pop("adverse", []), *written]))
        return given
