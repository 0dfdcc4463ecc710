"""Forms of the register's pages; what they accept is decided by the services' own checks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.masking import mask_identity, mask_phone
from archives.models import Activity, MembershipRole, Producer, ProducerStatus, Region, Sector
from archives.services.producer_fields import cleaned

KEPT = _("留空则不变；现为 %(masked)s")
_WRITTEN = ("name", "kind", "nature", "credit_code", "contact_name", "address", "registered_on")


class ProducerForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """A producer's file. Personal numbers are shown masked and written only when given anew."""

    sectors = forms.MultipleChoiceField(
        label=_("行业"),
        choices=Sector.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    activities = forms.MultipleChoiceField(
        label=_("从事环节"),
        choices=Activity.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("含“生产”的主体参加信用评价；只收购、贮存、运输、屠宰或经营农资的只建档和监管"),
    )
    region_code = forms.ModelChoiceField(
        label=_("所在区划"),
        queryset=Region.objects.all(),
        widget=AutocompleteSelect(Producer._meta.get_field("region"), admin.site),
        help_text=_("输入村（社区）、乡镇名称或代码的开头，从列表中选择，尽量选到村"),
        error_messages={"invalid_choice": _("没有这个行政区划，请从列表中选择。")},
    )
    new_phone = forms.CharField(label=_("联系电话"), required=False, widget=UnfoldAdminTextInputWidget)
    new_identity_number = forms.CharField(
        label=_("公民身份号码"), required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = Producer
        fields = ["key", *_WRITTEN]

    #: Set by the page: who is writing.
    actor: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        if row.pk is None:
            self.initial.setdefault("activities", [Activity.PRODUCTION])
            self.initial.setdefault("registered_on", today())
            if "key" in self.fields:
                self.fields["key"].required = False
                self.fields["key"].help_text = _("留空则自动生成；登记后不能更改")
            return
        self.initial.update(region_code=row.region_id, sectors=row.sectors, activities=row.activities)
        self._say_what_is_kept("new_phone", mask_phone(row.phone or ""))
        self._say_what_is_kept("new_identity_number", mask_identity(row.identity_number or ""))

    def _say_what_is_kept(self, name: str, masked: str) -> None:
        if masked and name in self.fields:
            self.fields[name].help_text = str(KEPT) % {"masked": masked}

    def given(self) -> dict[str, Any]:
        """The arguments of the register's services."""
        data = self.cleaned_data
        values = {name: data.get(name) for name in _WRITTEN}
        region = data.get("region_code")
        values["region"] = region.pk if region is not None else ""
        values["sectors"] = data.get("sectors", [])
        values["activities"] = data.get("activities", [])
        for name in ("phone", "identity_number"):
            values[name] = data.get(f"new_{name}") or getattr(self.instance, name)
        if self.instance.pk is None and data.get("key"):
            values["key"] = data["key"]
        return values

    def _post_clean(self) -> None:
        """Ask the services' checks instead of the model's, and put each sentence beside its field."""
        row = self.instance if self.instance.pk else None
        given = self.given()
        regions = Region.objects.in_bulk([given["region"]])
        known = {**given, "is_generated": self.instance.is_generated}
        try:
            cleaned(known, row, self.actor, regions=regions)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                field = self._field(name)
                if field is None or field not in self.errors:  # what the form has said is not said twice
                    self.add_error(field, messages)

    def _field(self, name: str) -> str | None:
        names = {"region": "region_code", "phone": "new_phone", "identity_number": "new_identity_number"}
        field = names.get(name, name)
        return field if field in self.fields else None


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("理由"), max_length=240, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class StatusForm(ReasonForm):
    """The new status and why."""

    status = forms.ChoiceField(
        label=_("新状态"),
        choices=[(s.value, s.label) for s in ProducerStatus if s != ProducerStatus.MERGED],
        widget=UnfoldAdminSelectWidget,
    )
    field_order = ("status", "reason")


class MergeForm(ReasonForm):
    """Into whom and why."""

    into = forms.CharField(label=_("合并至（主体编号）"), max_length=64, widget=UnfoldAdminTextInputWidget)
    field_order = ("into", "reason")


class GrantForm(forms.Form):
    """Whom to let in, as what."""

    user = forms.CharField(label=_("用户名"), max_length=150, widget=UnfoldAdminTextInputWidget)
    role = forms.ChoiceField(label=_("身份"), choices=MembershipRole.choices, widget=UnfoldAdminSelectWidget)

    def clean_user(self) -> User:
        """The account; only those who can be members are told from those who do not exist."""
        user = User.objects.filter(username=self.cleaned_data["user"].strip(), is_active=True).first()
        if user is None:
            raise ValidationError(_("没有这个用户名，或账号已停用。"))
        return user


class PlotForm(forms.Form):
    """A plot's name and size."""

    name = forms.CharField(label=_("地块名称"), max_length=80, widget=UnfoldAdminTextInputWidget)
    area_mu = forms.DecimalField(
        label=_("面积（亩）"),
        max_digits=10,
        decimal_places=2,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )


class ProductForm(forms.Form):
    """A product of the catalogue."""

    product = forms.CharField(label=_("产品代码或名称"), max_length=80, widget=UnfoldAdminTextInputWidget)
    area_mu = forms.DecimalField(
        label=_("面积（亩）"),
        max_digits=10,
        decimal_places=2,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
