"""Results of runs: the list with its filters, and one result with every reason and the way to a decision."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import TextFilter
from unfold.decorators import display

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from rating.admin.forms import NoticeForm
from rating.models import Decision, Rating, RatingRun
from rating.services import decisions, explaining, telling
from rating.services.exporting import decimal_text

COLOURS = {
    Rating.Status.RATED: "success",
    Rating.Status.PENDING: "warning",
    Rating.Status.NOT_RATED: "info",
}


class RegionFilter(TextFilter):  # type: ignore[misc]  # Unfold ships no types
    """A division and all below it, by its code."""

    title = _("行政区划代码")
    parameter_name = "region"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rating]) -> QuerySet[Rating]:
        """Rows of the subtree."""
        return queryset.filter(region_id__startswith=self.value()) if self.value() else queryset


class AwaitingFilter(admin.SimpleListFilter):
    """What the tile on the officers' home counts: nobody has given notice of them yet."""

    title = _("办理")
    parameter_name = "awaiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """One choice."""
        return [("notice", gettext("待告知"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Rating]) -> QuerySet[Rating]:
        """Narrow to them."""
        if self.value() != "notice":
            return queryset
        runs = RatingRun.objects.visible_to(request.user).deciding()
        return queryset.awaiting_notice([run.pk for run in runs])  # type: ignore[attr-defined, no-any-return]  # RatingQuerySet


@admin.register(Rating)
class RatingAdmin(ReadOnlyAdmin):
    """Read only; a notice of intent is the one act that starts here."""

    list_display = ("producer", "year", "grade", "points_won", "status_word", "region_id", "version")
    list_filter = (AwaitingFilter, "run", "grade", "status", RegionFilter)
    list_filter_submit = True
    list_select_related = ("producer", "run")
    search_fields = ("producer__name", "producer__key")
    ordering = ("-id",)
    change_form_outer_before_template = "admin/rating/rating/explanation.html"
    fields = ("producer", "run", "version", "status_word", "grade", "region_id", "registered_on")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rating]:
        """The newest versions; the packed columns stay where they are until one result is opened."""
        rows: QuerySet[Rating] = super().get_queryset(request)
        return rows.current().defer("points", "readings")  # type: ignore[attr-defined, no-any-return]

    def get_urls(self) -> list[URLPattern]:
        """The page that gives notice."""
        own = [
            path(
                "<int:pk>/notice/", self.admin_site.admin_view(self.notice_view), name="rating_rating_notice"
            )
        ]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The result under its explanation."""
        rating = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if rating is not None and rating.run.state not in explaining.WITHOUT:
            try:
                context["told"] = telling.as_document(explaining.explain_rating(rating))
            except ValidationError as refusal:
                messages.error(request, refusal.messages[0])
            context["notice_url"] = self._notice_url(request, rating)
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def notice_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give notice of the intended grade."""
        if not request.user.has_perm("rating.notice_decision"):
            raise PermissionDenied
        rating = get_object_or_404(
            self.get_queryset(request).select_related("producer", "run__scheme"), pk=pk
        )
        form = NoticeForm(request.POST or None, initial={"reasons": decisions.evidence_text(rating)})
        made: list[Decision] = []

        def act(values: dict[str, Any]) -> str:
            made.append(decisions.give_notice(rating=rating, actor=request.user, **values))  # type: ignore[arg-type]
            until = made[0].statement_until.isoformat()
            return gettext("已告知%(producer)s，陈述申辩期至%(until)s。") % {
                "producer": rating.producer,
                "until": until,
            }

        return act_page(
            request,
            title=gettext("告知拟认定等级 · %(producer)s") % {"producer": rating.producer},
            lines=[
                gettext("拟认定等级：%(grade)s。主体可在五个工作日内陈述申辩，期满后由另一人认定。")
                % {"grade": rating.grade}
            ],
            button=gettext("告知"),
            form=form,
            act=act,
            back=reverse("admin:rating_rating_change", args=[rating.pk]),
            done=lambda: reverse("admin:rating_decision_change", args=[made[0].pk]),
        )

    def _notice_url(self, request: HttpRequest, rating: Rating) -> str:
        open_already = Decision.objects.open().filter(run=rating.run, producer=rating.producer).exists()
        may = request.user.has_perm("rating.notice_decision")
        if rating.status != Rating.Status.PENDING or open_already or not may:
            return ""
        return reverse("admin:rating_rating_notice", args=[rating.pk])

    @admin.display(description=_("评价年度"), ordering="run__year")
    def year(self, rating: Rating) -> int:
        """The rated year."""
        return rating.run.year

    @admin.display(description=_("得分"), ordering="score")
    def points_won(self, rating: Rating) -> str:
        """Points with two decimals."""
        return decimal_text(rating.score, 2)

    # Unfold ships no types
    @display(description=_("状态"), label=COLOURS, ordering="status")  # type: ignore[untyped-decorator]
    def status_word(self, rating: Rating) -> tuple[str, str]:
        """The status in words."""
        return Labelled(rating.status, rating.get_status_display())
