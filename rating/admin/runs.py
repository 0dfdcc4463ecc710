"""Yearly rating runs: the list, the review desk, and each step behind a page that asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from rating.admin import desk, prescription
from rating.admin.forms import NothingForm, ReasonForm, StartForm
from rating.models import RatingRun
from rating.services import remedies, runs, steps

State = RatingRun.State
COLOURS = {
    State.COMPUTING: "info",
    State.COMPUTED: "primary",
    State.IN_REVIEW: "warning",
    State.PUBLIC_NOTICE: "warning",
    State.EFFECTIVE: "success",
    State.SUPERSEDED: "default",
    State.FAILED: "danger",
    State.CANCELLED: "default",
}


class Step(NamedTuple):
    """A button of the run's page: when it is offered, to whom, and what it does."""

    states: tuple[str, ...]
    permission: str
    label: str | Promise
    says: str | Promise
    act: Callable[..., RatingRun]
    with_reason: bool = False


STEPS = {
    "review": Step(
        (State.COMPUTED,),
        "rating.review_ratingrun",
        _("提交复核"),
        _("结果进入复核，由复核人查看分布、变动、临界和一票否决情形。"),
        steps.to_review,
    ),
    "notice": Step(
        (State.IN_REVIEW,),
        "rating.notice_ratingrun",
        _("发布公示"),
        _("已评出等级的结果自今天起公示五个工作日；待认定的结果不公示。"),
        steps.to_notice,
    ),
    "effect": Step(
        (State.PUBLIC_NOTICE,),
        "rating.effect_ratingrun",
        _("确认生效"),
        _("公示期满，等级自今天起生效，替代上一次评价；待认定的主体保持原等级。"),
        steps.take_effect,
    ),
    "retry": Step(
        (State.FAILED, State.COMPUTING),
        "rating.start_ratingrun",
        _("重新计算"),
        _("只计算尚未完成的分片，已完成的保留。"),
        runs.retry,
    ),
    "cancel": Step(
        (*RatingRun.OPEN_STATES, State.FAILED),
        "rating.cancel_ratingrun",
        _("取消评价"),
        _("计算结果将被删除，不能恢复；可以重新发起同一年度的评价。"),
        runs.cancel,
        with_reason=True,
    ),
}


#: What a trial (试评价) is never offered; the services and the database refuse it too.
BEYOND_TRIAL = ("notice", "effect")


@admin.register(RatingRun)
class RatingRunAdmin(ReadOnlyAdmin):
    """Read only but for the steps, which the services take."""

    list_display = ("title", "state_word", "producers", "region_code", "started_at", "effective_on")
    list_filter = ("year", "state", "trial", "scheme")
    list_select_related = ("scheme",)
    ordering = ("-year", "-id")
    change_form_outer_before_template = "admin/rating/ratingrun/desk.html"
    change_list_template = "admin/rating/ratingrun/change_list.html"
    fieldsets = (
        (
            None,
            {"fields": ("scheme", "region_code", "year", "purpose", "window_end", "state_word", "producers")},
        ),
        (
            _("经过"),
            {
                "fields": (
                    "started_by",
                    "started_at",
                    "computed_at",
                    "reviewed_on",
                    "noticed_on",
                    "noticed_by",
                    "notice_ends",
                    "effective_on",
                    "superseded_on",
                    "error",
                )
            },
        ),
        (_("依据"), {"fields": ("seal_size", "seal_root", "roll_sha256")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything."""
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    def get_urls(self) -> list[URLPattern]:
        """The start, and a page for each step."""
        own = [
            path("start/", self.admin_site.admin_view(self.start_view), name="rating_ratingrun_start"),
            path(
                "<int:pk>/step/<slug:name>/",
                self.admin_site.admin_view(self.step_view),
                name="rating_ratingrun_step",
            ),
            path("<int:pk>/weak/", self.admin_site.admin_view(self.weak_view), name="rating_ratingrun_weak"),
        ]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the start for whoever may."""
        may_start = {"may_start": request.user.has_perm("rating.start_ratingrun")}
        response: HttpResponse = super().changelist_view(request, {**may_start, **(extra_context or {})})
        return response

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The run under its review desk."""
        run = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if run is not None:
            context |= {"desk": desk.context(run, request.user), "steps": self._offered(request, run)}
            if run.measures_path:
                context["weak_url"] = reverse("admin:rating_ratingrun_weak", args=[run.pk])
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for scheme, region and year; start."""
        if not request.user.has_perm("rating.start_ratingrun"):
            raise PermissionDenied
        form = StartForm(request.POST or None, region=getattr(request.user, "region_code", ""))
        started: list[RatingRun] = []

        def act(values: dict[str, Any]) -> str:
            started.append(runs.start(actor=request.user, **values))  # type: ignore[arg-type]  # logged in: the page lets nobody else through
            return gettext("已发起%(run)s评价。") % {"run": started[0]}

        return act_page(
            request,
            title=gettext("发起年度评价"),
            lines=[gettext("将封存账本、冻结名册，由后台分片计算；完成后进入待复核。")],
            button=gettext("发起"),
            form=form,
            act=act,
            back=reverse("admin:rating_ratingrun_changelist"),
            done=lambda: reverse("admin:rating_ratingrun_change", args=[started[0].pk]),
        )

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask before a step, then take it."""
        run = get_object_or_404(self.get_queryset(request), pk=pk)
        step = STEPS.get(name)
        if step is None or not request.user.has_perm(step.permission):
            raise PermissionDenied
        form_class = ReasonForm if step.with_reason else NothingForm

        def act(values: dict[str, Any]) -> str:
            step.act(run=run, actor=request.user, **values)
            run.refresh_from_db()
            return gettext("%(run)s评价现为“%(state)s”。") % {"run": run, "state": run.get_state_display()}

        return act_page(
            request,
            title=f"{step.label} · {run}",
            lines=[str(step.says)],
            button=str(step.label),
            form=form_class(request.POST if request.method == "POST" else None),
            act=act,
            back=reverse("admin:rating_ratingrun_change", args=[run.pk]),
        )

    def weak_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What a division, a product or a kind loses points on."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return prescription.page(request, get_object_or_404(self.get_queryset(request), pk=pk))

    def _offered(self, request: HttpRequest, run: RatingRun) -> list[dict[str, str]]:
        return [
            {
                "label": str(step.label),
                "url": reverse("admin:rating_ratingrun_step", args=[run.pk, name]),
                "variant": "danger" if step.with_reason else "primary",
            }
            for name, step in STEPS.items()
            if run.state in step.states
            and request.user.has_perm(step.permission)
            and not (run.trial and name in BEYOND_TRIAL)
        ]

    @admin.display(description=_("性质"))
    def purpose(self, run: RatingRun) -> str:
        """Meant to take effect, or a trial that never does."""
        return gettext("试评价，不公示、不生效、不公开") if run.trial else gettext("正式评价")

    @admin.display(description=_("公示截止日"))
    def notice_ends(self, run: RatingRun) -> str:
        """The last day of the public notice; provisional while a year is not announced."""
        return remedies.day_told(run.notice_until)

    @admin.display(description=_("评价"), ordering="year")
    def title(self, run: RatingRun) -> str:
        """Year, region, scheme."""
        return str(run)

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, run: RatingRun) -> tuple[str, str]:
        """The state in words."""
        return Labelled(run.state, run.get_state_display())
