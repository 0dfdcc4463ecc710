"""Who must be rated: entries are added, never changed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from agricredit.foundation.common.clock import today
from archives.models.producers import ProducerKind
from rating.models import HonourLevel, ScopeRule
from rating.services import must_rate


class ScopeForm(forms.Form):
    """Where, from which year, who, and by which document."""

    region_code = forms.CharField(
        label=_("行政区划代码"), max_length=12, widget=UnfoldAdminTextInputWidget, help_text=_("含其下级区划")
    )
    first_year = forms.IntegerField(label=_("自评价年度"), widget=UnfoldAdminIntegerFieldWidget)
    kinds = forms.MultipleChoiceField(
        label=_("应评主体类型"),
        choices=ProducerKind.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    honour_level = forms.TypedChoiceField(
        label=_("荣誉级别"),
        choices=[("", _("不按荣誉")), *HonourLevel.choices],
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("持有该级别以上有效荣誉的主体都应当评价"),
    )
    basis = forms.CharField(label=_("依据"), max_length=200, widget=UnfoldAdminTextInputWidget)


@admin.register(ScopeRule)
class ScopeRuleAdmin(ReadOnlyAdmin):
    """A list, and a page that adds to it."""

    list_display = ("region_code", "first_year", "kinds_word", "honour_level", "basis", "set_by", "set_on")
    list_select_related = ("set_by",)
    ordering = ("region_code", "-first_year", "-id")
    fields = list_display
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may set scopes; the page asks the service."""
        return bool(request.user.has_perm("rating.add_scoperule"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask who must be rated from when on; add."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {
            "region_code": getattr(request.user, "region_code", ""),
            "first_year": today().year,
            "kinds": must_rate.SCALE_KINDS,
            "honour_level": HonourLevel.DISTRICT.value,
        }

        def act(values: dict[str, Any]) -> str:
            user: Any = request.user
            return gettext("已设定：%(rule)s。") % {"rule": must_rate.set_scope(actor=user, **values)}

        return act_page(
            request,
            title=gettext("设定应评范围"),
            lines=[gettext("决定哪些主体应当评价而未能评价要在复核页列出；所有够条件的主体照常评价。")],
            button=gettext("设定"),
            form=ScopeForm(request.POST or None, initial=initial),
            act=act,
            back=reverse("admin:rating_scoperule_changelist"),
        )

    @admin.display(description=_("应评主体类型"))
    def kinds_word(self, rule: ScopeRule) -> str:
        """The kinds in words."""
        words = dict(ProducerKind.choices)
        return "、".join(str(words[kind]) for kind in rule.kinds) or "—"
