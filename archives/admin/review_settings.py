"""Samples and how much is drawn where; and who verifies for which township."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
)

from agricredit.foundation.accounts.jurisdiction import region_q
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from agricredit.foundation.common.clock import today
from archives.admin.acts import Act, ActsAdmin
from archives.admin.finding import DivisionFilter
from archives.admin.forms import ReasonForm
from archives.models import Region, RegionLevel, ReviewSample, ReviewSetting, ReviewSubstitute
from archives.services.reviews import sampling, substitutes


class OwnDivisionFilter(DivisionFilter):
    """The rows are of a division themselves."""

    path = "region"


class OfRegionForm(forms.Form):
    """A division of one's own to choose: the county itself and its townships, never villages."""

    region = forms.ModelChoiceField(
        label=_("行政区划"), queryset=Region.objects.none(), widget=UnfoldAdminSelectWidget
    )
    levels: tuple[RegionLevel, ...] = (RegionLevel.COUNTY, RegionLevel.TOWNSHIP)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Region.objects.in_force().filter(region_q(user, "code"), level__in=self.levels)
        self.fields["region"].queryset = rows.order_by("code")  # type: ignore[attr-defined]  # a ModelChoiceField


class SettingForm(OfRegionForm):
    """How much is drawn."""

    percent = forms.IntegerField(
        label=_("抽取比例（%）"), min_value=1, max_value=100, initial=sampling.PERCENT,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip
    least = forms.IntegerField(
        label=_("最少条数"), min_value=0, initial=sampling.LEAST, widget=UnfoldAdminIntegerFieldWidget
    )
    most = forms.IntegerField(
        label=_("最多条数"), min_value=0, initial=sampling.MOST, widget=UnfoldAdminIntegerFieldWidget
    )


class SubstituteForm(OfRegionForm):
    """Who verifies for which township, how long and why."""

    levels = (RegionLevel.TOWNSHIP,)
    user = forms.ModelChoiceField(
        label=_("代核人员"), queryset=User.objects.none(), widget=UnfoldAdminSelectWidget
    )
    valid_from = forms.DateField(label=_("开始日期"), initial=today, widget=UnfoldAdminSingleDateWidget)
    valid_until = forms.DateField(
        label=_("结束日期"), initial=lambda: today() + timedelta(days=30), widget=UnfoldAdminSingleDateWidget
    )
    reason = forms.CharField(
        label=_("理由"), max_length=240, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        staff = User.objects.filter(
            region_q(user, "region_code"), role=Role.TOWNSHIP_SUPERVISOR, is_active=True
        )
        self.fields["user"].queryset = staff.order_by("region_code", "name")  # type: ignore[attr-defined]  # as above


class ArrangedAdmin(ActsAdmin, ReadOnlyAdmin):
    """Rows that one act page makes: adding asks the service, whose refusals stand on the page."""

    arrange_form: type[OfRegionForm]
    arrange_line: Any = ""
    arrange_done: Any = ""
    arrange: Callable[..., object]
    """The service that makes the row."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """By the role's permission; the service checks the rest."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.add_{self.opts.model_name}"))

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """GET asks, POST arranges."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None

        def act(values: dict[str, Any]) -> str:
            self.arrange(**values, actor=request.user)
            return str(self.arrange_done)

        return act_page(
            request,
            title=str(self.opts.verbose_name),
            lines=[str(self.arrange_line)],
            button=gettext("保存"),
            form=self.arrange_form(sent, user=request.user),  # type: ignore[arg-type]  # staff only, so an account
            act=act,
            back=reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"),
        )


@admin.register(ReviewSetting)
class ReviewSettingAdmin(ArrangedAdmin):
    """How much is drawn where; setting a division again replaces what was set."""

    arrange_form = SettingForm
    arrange_line = _(
        "每周从新录入的记录中随机抽取多少供核实；没有单独设置的乡镇按上级的设置。再次设置即修改。"
    )
    arrange_done = _("已保存，从下一次抽取起生效。")
    list_display = ("region", "percent", "least", "most")
    list_select_related = ("region",)
    ordering = ("region_id",)
    arrange = staticmethod(sampling.configure)


@admin.register(ReviewSubstitute)
class ReviewSubstituteAdmin(ArrangedAdmin):
    """Who verifies for whom; ended early with a reason."""

    acts = {
        "end": Act(
            "archives.change_reviewsubstitute", _("结束代核"), _("从现在起不再代核。"), _("已结束。"),
            ReasonForm, substitutes.end, lambda row: row.valid_until >= today(),
        ),
    }  # fmt: skip
    target = "substitute"
    arrange_form = SubstituteForm
    arrange_line = _(
        "乡镇只有一名监管员，或由其本人录入、代办时，请邻近乡镇的监管员代为核实；县级人员本来就可以核实。"
    )
    arrange_done = _("已安排，代核人员现在就能看到这个乡镇待核实的记录。")
    list_display = ("region", "user", "valid_from", "valid_until", "assigned_by")
    list_filter = (OwnDivisionFilter,)
    list_filter_submit = True
    list_select_related = ("region", "user", "assigned_by")
    ordering = ("-valid_until", "-pk")
    arrange = staticmethod(substitutes.assign)


@admin.register(ReviewSample)
class ReviewSampleAdmin(ReadOnlyAdmin):
    """What was drawn, and whether it comes out the same again."""

    list_display = ("region", "first", "last", "size", "pool_size", "drawn_at")
    list_filter = (OwnDivisionFilter, ("first", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("region",)
    ordering = ("-first", "region_id", "pk")
    fields = (
        "region", "first", "last", "seed", "percent", "least", "most", "pool_size", "pool_hash", "size",
        "drawn_at", "drawn_by", "again",
    )  # fmt: skip
    readonly_fields = ("again",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Drawn by the weekly task, or with the button above the work list."""
        return False

    @admin.display(description=_("复算"))
    def again(self, row: ReviewSample) -> str:
        """The draw done again now."""
        redrawn = sampling.redraw(row)
        if redrawn.pool_hash != row.pool_hash:
            return gettext("总体已有变化（主体迁移或记录补入），不能复算。")
        same = set(redrawn.uids) == set(map(str, row.reviews.values_list("uid", flat=True)))
        return (
            gettext("用同一种子复算，结果一致。") if same else gettext("用同一种子复算，结果不一致，请核查。")
        )
