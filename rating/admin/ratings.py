"""Results of runs: the list with its filters, and one result with every reason and the way to a decision."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from archives.admin.finding import FirstProducersSearch, FrozenDivisionFilter
from archives.models import Region
from rating.admin.forms import NoticeForm, ReasonForm
from rating.admin.grades import GradeFilter
from rating.models import Decision, Rating, RatingRun
from rating.services import decisions, explaining, reissue, remedies, telling
from rating.services.exporting import decimal_text

COLOURS = {
    Rating.Status.RATED: "success",
    Rating.Status.PENDING: "warning",
    Rating.Status.NOT_RATED: "info",
    Rating.Status.SUSPENDED: "danger",
}


class RatedDivisionFilter(FrozenDivisionFilter):
    """Where the run found the producer."""

    path = "region_id"
    parameter_name = "region"


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
class RatingAdmin(FirstProducersSearch, ReadOnlyAdmin):
    """Read only; a notice of intent is the one act that starts here."""

    list_display = ("producer", "year", "grade", "points_won", "status_word", "place", "version")
    list_filter = (AwaitingFilter, "run", GradeFilter, "status", RatedDivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer", "run")
    ordering = ("-id",)
    change_form_outer_before_template = "admin/rating/rating/explanation.html"
    fields = ("producer", "run", "version", "status_word", "grade", "place", "registered_on")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rating]:
        """The newest versions; the packed columns stay where they are until one result is opened."""
        rows: QuerySet[Rating] = super().get_queryset(request)
        shown = rows.current().with_objections()  # type: ignore[attr-defined]  # RatingQuerySet
        return shown.defer("points", "readings")  # type: ignore[no-any-return]  # the package's base is untyped

    def make_ready(self, rows: Collection[Any]) -> None:
        """Every row gets the name of its division."""
        names = Region.objects.in_bulk({row.region_id for row in rows})
        for row in rows:
            row.place_told = str(names.get(row.region_id, row.region_id))

    def get_urls(self) -> list[URLPattern]:
        """The page that gives notice."""
        notice, correct = (self.admin_site.admin_view(view) for view in (self.notice_view, self.correct_view))
        own = [
            path("<int:pk>/notice/", notice, name="rating_rating_notice"),
            path("<int:pk>/correct/", correct, name="rating_rating_correct"),
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
            context["correct_url"] = self._correct_url(request, rating)
            context["versions"] = self._versions(rating)
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def notice_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give notice of the intended grade."""
        if not request.user.has_perm("rating.notice_decision"):
            raise PermissionDenied
        rating = get_object_or_404(
            self.get_queryset(request).select_related("producer", "run__scheme"), pk=pk
        )
        initial = {"reasons": decisions.evidence_text(rating), "evidence": _evidence(rating)}
        form = NoticeForm(request.POST or None, initial=initial)
        made: list[Decision] = []

        def act(values: dict[str, Any]) -> str:
            made.append(decisions.give_notice(rating=rating, actor=request.user, **values))  # type: ignore[arg-type]  # logged in: the page lets nobody else through
            return gettext("已拟定对%(producer)s的告知书，请打印送达并登记送达回证。") % {
                "producer": rating.producer
            }

        return act_page(
            request,
            title=gettext("告知拟认定等级 · %(producer)s") % {"producer": rating.producer},
            lines=[
                gettext("拟认定等级：%(grade)s。自告知书送达起五个工作日内可陈述申辩，期满后由另一人认定。")
                % {"grade": rating.grade}
            ],
            button=gettext("告知"),
            form=form,
            act=act,
            back=reverse("admin:rating_rating_change", args=[rating.pk]),
            done=lambda: reverse("admin:rating_decision_change", args=[made[0].pk]),
        )

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have the producer's results issued anew by the ledger as it stands now."""
        if not request.user.has_perm("rating.correct_rating"):
            raise PermissionDenied
        rating = get_object_or_404(self.get_queryset(request).select_related("producer", "run"), pk=pk)

        def act(values: dict[str, Any]) -> str:
            user: Any = request.user
            reissue.correct(rating=rating, actor=user, **values)
            return gettext("正在重新出具%(producer)s的结果，旧版本保留。") % {"producer": rating.producer}

        return act_page(
            request,
            title=gettext("更正重出 · %(producer)s") % {"producer": rating.producer},
            lines=[gettext("按账本现在的内容重新出具该主体的结果，生成新版本；旧版本仍可查看。")],
            button=gettext("更正重出"),
            form=ReasonForm(request.POST or None),
            act=act,
            back=reverse("admin:rating_rating_change", args=[rating.pk]),
        )

    def _correct_url(self, request: HttpRequest, rating: Rating) -> str:
        if not request.user.has_perm("rating.correct_rating") or rating.run not in reissue.runs_of(
            rating.producer
        ):
            return ""
        return reverse("admin:rating_rating_correct", args=[rating.pk])

    def _versions(self, rating: Rating) -> dict[str, Any]:
        """Every version of this result, the superseded ones marked: for officers, as for the producer."""
        rows = list(
            Rating.objects.filter(run_id=rating.run_id, producer_id=rating.producer_id)
            .select_related("run")
            .defer("points", "readings")
            .order_by("-version")
        )
        return {
            "headers": [gettext("版本"), gettext("事由"), gettext("等级"), gettext("得分"), gettext("效力")],
            "rows": [
                [
                    gettext("第%(version)s版") % {"version": row.version},
                    remedies.cause_word(row),
                    row.grade if row.status == Rating.Status.RATED else row.get_status_display(),
                    decimal_text(row.score, 2),
                    gettext("最新") if row.pk == rows[0].pk else gettext("已被替代"),
                ]
                for row in rows
            ],
        }

    def _notice_url(self, request: HttpRequest, rating: Rating) -> str:
        held = Decision.objects.under_way().filter(run=rating.run, producer=rating.producer)
        open_already = rating.run.trial or held.exists()
        may = request.user.has_perm("rating.notice_decision")
        if rating.status != Rating.Status.PENDING or open_already or not may:
            return ""
        return reverse("admin:rating_rating_notice", args=[rating.pk])

    @admin.display(description=_("评价年度"), ordering="run__year")
    def year(self, rating: Rating) -> int:
        """The rated year."""
        return rating.run.year

    @admin.display(description=_("所在区划"), ordering="region_id")
    def place(self, rating: Rating) -> str:
        """The division's full name, as the run found the producer there."""
        if not hasattr(rating, "place_told"):
            self.make_ready([rating])
        place: str = rating.place_told  # type: ignore[attr-defined]  # made ready
        return place

    @admin.display(description=_("得分"), ordering="score")
    def points_won(self, rating: Rating) -> str:
        """Points with two decimals."""
        return decimal_text(rating.score, 2)

    @display(description=_("状态"), label=COLOURS, ordering="status")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def status_word(self, rating: Rating) -> tuple[str, str]:
        """The status in words, and whether an objection to it is open."""
        word = str(rating.get_status_display())
        if rating.objected:  # type: ignore[attr-defined]  # annotated
            return Labelled(Rating.Status.PENDING, f"{word} · {gettext('异议中')}")
        return Labelled(rating.status, word)


def _evidence(rating: Rating) -> str:
    """The facts behind the vetoes that hold, one a line; none where the run kept nothing to explain by."""
    if not rating.vetoes or not rating.run.roll_path:
        return ""
    told = explaining.explain_rating(rating).explanation
    return "\n".join(dict.fromkeys(line.uid for held in told.vetoes for line in held.lines))
