"""Pledges, notices and leaflets: publishing a version, delivering it to a division, retiring it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from agricredit.foundation.common.clock import today
from archives.admin.acts import Act, ActsAdmin
from archives.models import DeliveryWay, NoticeText, ProducerKind, Region, TextKind
from archives.register_forms import add_refusals
from archives.services.register import texts

CHANGE = "archives.change_noticetext"


class RegionCodeForm(forms.Form):
    """A form with a division given by its code."""

    region = forms.CharField(
        label=_("区划代码"), max_length=12, widget=UnfoldAdminTextInputWidget,
        help_text=_("2至12位行政区划代码，含其下级"),
    )  # fmt: skip

    def clean_region(self) -> Region:
        """The division."""
        row = Region.objects.filter(pk=self.cleaned_data["region"].strip()).first()
        if row is None:
            raise ValidationError(_("没有这个行政区划代码。"))
        return row


class TextForm(RegionCodeForm):
    """A version of a text."""

    kind = forms.ChoiceField(label=_("种类"), choices=TextKind.choices, widget=UnfoldAdminSelectWidget)
    title = forms.CharField(label=_("标题"), max_length=120, widget=UnfoldAdminTextInputWidget)
    version = forms.CharField(label=_("版本"), max_length=40, widget=UnfoldAdminTextInputWidget)
    in_force_on = forms.DateField(
        label=_("启用日期"), initial=today, widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    body = forms.CharField(label=_("正文"), max_length=10_000, widget=UnfoldAdminTextareaWidget)
    field_order = ("kind", "title", "version", "region", "in_force_on", "body")


class DeliverForm(RegionCodeForm):
    """To whom, and how."""

    kind = forms.ChoiceField(
        label=_("主体类型"), choices=[("", _("全部")), *ProducerKind.choices], required=False,
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    way = forms.ChoiceField(label=_("送达方式"), choices=DeliveryWay.choices, widget=UnfoldAdminSelectWidget)


ACTS = {
    "deliver": Act(
        "archives.add_delivery", _("成批送达"),
        _("登记送达给区划内全部在营主体；已送达过这份文本的不重复登记。"),
        _("已登记送达。"), DeliverForm, texts.deliver,
        lambda row: row.ended_on is None and row.kind != TextKind.PLEDGE,
    ),
    "retire": Act(
        CHANGE, _("停用"), _("从今天起不再签署和送达，已签和已送达的照旧有效。"), _("已停用。"), forms.Form,
        texts.retire, lambda row: row.ended_on is None,
    ),
}  # fmt: skip


@admin.register(NoticeText)
class NoticeTextAdmin(ActsAdmin, ReadOnlyAdmin):
    """A version is published once and not changed: what was signed stays what it was."""

    acts = ACTS
    target = "text"
    list_display = ("title", "kind", "version", "region", "in_force_on", "ended_on")
    list_filter = (("kind", ChoicesDropdownFilter),)
    list_select_related = ("region",)
    ordering = ("-in_force_on", "-pk")
    search_fields = ("title",)
    fields = ("kind", "title", "version", "region", "in_force_on", "ended_on", "body", "made_by", "made_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Those who may publish."""
        return bool(request.user.has_perm("archives.add_noticetext"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Publish a version."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TextForm(
            request.POST if request.method == "POST" else None,
            initial={"region": scope_of(request.user).region_code},
        )

        def act(values: dict[str, Any]) -> str:
            try:
                texts.publish(actor=request.user, **values)
            except ValidationError as refusal:
                if not hasattr(refusal, "error_dict"):
                    raise
                add_refusals(form, refusal.error_dict)
                raise ValidationError([]) from refusal
            return str(_("已发布。"))

        return act_page(
            request, title=str(_("发布承诺书、告知书或明白纸")),
            lines=[str(_("发布后不能修改；有变动时另发一个版本，再停用旧的。"))], button=str(_("发布")),
            form=form, act=act, back=reverse("admin:archives_noticetext_changelist"),
        )  # fmt: skip

    def arguments(self, request: HttpRequest, form: forms.Form) -> dict[str, Any]:
        """The division by its code."""
        values = dict(form.cleaned_data)
        if "region" in values:
            values["region"] = values["region"].pk
        return values
