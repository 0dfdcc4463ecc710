"""Forms of the field pages; the services check everything again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.clock import today
from archives.models import Producer
from supervision.models import EnforcementCertificate, Inspection
from supervision.services.checklist import ANSWERS, items_of

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class VisitForm(forms.Form):
    """What both kinds of visit begin with; ``uid`` makes sending twice the same as sending once."""

    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)


class GuidanceForm(VisitForm):
    """A guidance visit."""

    visited_on = forms.DateField(label=_("巡查日期"), initial=today, widget=DAY)
    observations = forms.CharField(label=_("看到的情况"), widget=forms.Textarea(attrs={"rows": 3}))
    advice = forms.CharField(label=_("指导意见"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


class InspectionForm(VisitForm):
    """An administrative inspection: item list first, then result, notice, second officer and signature."""

    inspected_on = forms.DateField(label=_("检查日期"), initial=today, widget=DAY)
    notice_number = forms.CharField(label=_("检查通知书文号"), max_length=60)
    second_officer = forms.ModelChoiceField(label=_("另一名执法人员"), queryset=User.objects.none())
    reason = forms.ChoiceField(label=_("检查事由"), choices=Inspection.Reason.choices)
    result = forms.ChoiceField(label=_("检查结果"), choices=Inspection.Result.choices)
    finding = forms.CharField(
        label=_("问题或拒绝情形"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("结果不是“未发现问题”时必填"),
    )
    cooperation_lacked = forms.BooleanField(label=_("有配合不足的情形"), required=False)
    signature = forms.ChoiceField(label=_("生产者签字"), choices=Inspection.Signature.choices)
    witness = forms.CharField(
        label=_("见证人或录像编号"), required=False, max_length=100, help_text=_("拒签或不在场时必填")
    )

    def __init__(self, *args: Any, officer: User, producer: Producer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["second_officer"]
        assert isinstance(choice, forms.ModelChoiceField)  # noqa: S101 - declared so above
        choice.queryset = colleagues(officer)
        self.items = items_of(producer)
        checks = {f"item_{item.code}": self._check(item.name, item.clause) for item in self.items}
        self.fields = {
            "uid": self.fields.pop("uid"),
            "inspected_on": self.fields.pop("inspected_on"),
            **checks,
            **self.fields,
        }

    def _check(self, name: str, clause: str) -> forms.ChoiceField:
        return forms.ChoiceField(
            label=_(name),
            help_text=clause,
            choices=list(ANSWERS.items()),
            widget=forms.RadioSelect,
            initial="ok",
        )

    def answers(self) -> dict[str, str]:
        """The item list as the service takes it."""
        return {item.code: self.cleaned_data[f"item_{item.code}"] for item in self.items}

    def facts(self) -> dict[str, Any]:
        """Everything but the item list, as the service takes it."""
        return {name: value for name, value in self.cleaned_data.items() if not name.startswith("item_")}


def colleagues(officer: User) -> QuerySet[User]:
    """Other certified officers of the same county (or city) from whom the second one is chosen."""
    certified = EnforcementCertificate.objects.filter(valid_until__gte=today())
    return User.objects.filter(
        is_active=True, region_code__startswith=officer.region_code[:6], pk__in=certified.values("user")
    ).exclude(pk=officer.pk)
