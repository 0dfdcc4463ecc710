"""Where producers stand officially. The live estimate has no place in this list: the two are never mixed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.clock import today
from archives.admin.finding import DivisionFilter, ProducerSearch
from rating.admin.grades import GradeFilter
from rating.admin.standing_acts import StandingActs
from rating.models import Standing
from rating.services import advice, ranks, schemes, side_by_side
from rating.services.exporting import decimal_text


class OfficialGradeFilter(GradeFilter):
    """By the official grade in force."""

    column = "official_grade"


@admin.register(Standing)
class StandingAdmin(ProducerSearch, StandingActs):
    """Read only; written by runs and decisions."""

    list_display = (
        "producer",
        "official_grade",
        "score",
        "official_year",
        "status",
        "since",
        "objected_word",
        "previous_grade",
    )
    list_filter = (OfficialGradeFilter, "official_year", "status", "objected", DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer",)
    ordering = ("pk",)
    fields = (
        "producer",
        "status",
        "official_grade",
        "score",
        "official_year",
        "official_run",
        "since",
        "objected_word",
        "previous_grade",
        "previous_year",
        "pending_run",
    )
    readonly_fields = fields

    change_form_outer_before_template = "admin/rating/standing/links.html"

    def get_urls(self) -> list[URLPattern]:
        """The estimate has a page of its own."""
        own = [
            path(
                "<int:pk>/advice/",
                self.admin_site.admin_view(self.advice_view),
                name="rating_standing_advice",
            ),
            path(
                "<int:pk>/compare/",
                self.admin_site.admin_view(self.compare_view),
                name="rating_standing_compare",
            ),
        ]
        urls: list[URLPattern] = own + self.act_urls() + super().get_urls()
        return urls

    def compare_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The estimate by the region's scheme and by a second one, which is for reference only."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        standing = get_object_or_404(self.get_queryset(request).select_related("producer"), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("两套方案对照 · %(producer)s") % {"producer": standing.producer},
            "back": reverse("admin:rating_standing_change", args=[standing.pk]),
        }
        region = standing.producer.region_id
        own = schemes.scheme_for(region, today())
        other = side_by_side.offered(region) or side_by_side.other_than(own.code if own else "")
        try:
            if other is not None:
                context |= side_by_side.in_words(side_by_side.of_estimate(standing.producer, other))
        except ValidationError as refusal:
            context["refusal"] = refusal.messages
        return TemplateResponse(request, "admin/rating/standing/compare.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The official standing with its place among others, and the way to the estimate."""
        standing = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if standing is not None:
            context["steps"] = self.begun_here(request, standing)
            context["places"] = ranks.places(standing)
            context["compare_url"] = reverse("admin:rating_standing_compare", args=[standing.pk])
            context["advice_url"] = reverse("admin:rating_standing_advice", args=[standing.pk])
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def advice_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the producer is told: the reasons and the way up; 404 for what the officer may not see."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        standing = get_object_or_404(self.get_queryset(request).select_related("producer"), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("本年预估与升级建议 · %(producer)s") % {"producer": standing.producer},
            "back": reverse("admin:rating_standing_change", args=[standing.pk]),
        }
        try:
            advised = advice.advise(standing.producer)
        except ValidationError as refusal:
            context["refusal"] = refusal.messages
        else:
            context |= {"advised": advised} | advice.in_words(advised)
        return TemplateResponse(request, "admin/rating/standing/advice.html", context)

    @admin.display(description=_("异议"), ordering="objected")
    def objected_word(self, standing: Standing) -> str:
        """Whether an objection is being dealt with: in words, as a tick would read like praise."""
        return gettext("异议中") if standing.objected else "—"

    @admin.display(description=_("年度得分"))
    def score(self, standing: Standing) -> str:
        """Points with two decimals."""
        return "—" if standing.official_score is None else decimal_text(standing.official_score, 2)
