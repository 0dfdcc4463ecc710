"""What an officer may begin from a producer's standing: a measure on its grade, an interview."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from rating.admin.decision_forms import CallForm, MeasureForm
from rating.models import Decision, Interview, Standing
from rating.services import interim, interviews, schemes


class StandingActs(ReadOnlyAdmin):
    """The pages, and the buttons that lead to them."""

    def act_urls(self) -> list[URLPattern]:
        """Pages that begin a measure on the grade in force, or call to an interview."""
        measure, call = (self.admin_site.admin_view(view) for view in (self.measure_view, self.call_view))
        return [
            path("<int:pk>/measure/", measure, name="rating_standing_measure"),
            path("<int:pk>/interview/", call, name="rating_standing_interview"),
        ]

    def begun_here(self, request: HttpRequest, standing: Standing) -> list[dict[str, str]]:
        """The buttons that are open to this person."""
        steps = []
        if standing.official_grade and request.user.has_perm("rating.notice_decision"):
            steps.append((gettext("拟下调或暂停等级"), "measure"))
        if request.user.has_perm("rating.keep_interview"):
            steps.append((gettext("责任约谈"), "interview"))
        return [
            {
                "label": label,
                "url": reverse(f"admin:rating_standing_{name}", args=[standing.pk]),
                "variant": "default",
            }
            for label, name in steps
        ]

    def measure_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give notice that the grade in force is to be lowered or suspended."""
        if not request.user.has_perm("rating.notice_decision"):
            raise PermissionDenied
        standing = get_object_or_404(self.get_queryset(request).select_related("producer"), pk=pk)
        rating = interim.in_force(standing.producer)
        grades = [grade.code for grade in schemes.parsed(rating.run.scheme).grades] if rating else []
        lower = grades[grades.index(rating.grade) + 1 :] if rating else []
        made: list[Decision] = []

        def act(values: dict[str, Any]) -> str:
            user: Any = request.user
            values["ground"] = Decision.Ground(values["ground"])
            made.append(interim.propose(producer=standing.producer, actor=user, **values))
            return gettext("已拟定对%(producer)s的告知书，请打印送达并登记送达回证。") % {
                "producer": standing.producer
            }

        return act_page(
            request,
            title=gettext("拟下调或暂停等级 · %(producer)s") % {"producer": standing.producer},
            lines=[
                gettext("现行等级：%(grade)s。告知、陈述申辩、认定、送达后才改变；此前等级不变，不公开。")
                % {"grade": standing.official_grade or "—"}
            ],
            button=gettext("拟定告知书"),
            form=MeasureForm(request.POST or None, grades=lower),
            act=act,
            back=reverse("admin:rating_standing_change", args=[pk]),
            done=lambda: reverse("admin:rating_decision_change", args=[made[0].pk]),
        )

    def call_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Call the producer's principal to an interview."""
        if not request.user.has_perm("rating.keep_interview"):
            raise PermissionDenied
        standing = get_object_or_404(self.get_queryset(request).select_related("producer"), pk=pk)
        made: list[Interview] = []

        def act(values: dict[str, Any]) -> str:
            user: Any = request.user
            made.append(interviews.call(producer=standing.producer, actor=user, **values))
            return gettext("已登记约谈通知，可打印送达。")

        return act_page(
            request,
            title=gettext("责任约谈 · %(producer)s") % {"producer": standing.producer},
            lines=[gettext("约谈法定代表人或负责人；约谈不是处罚，不计入评价。")],
            button=gettext("通知约谈"),
            form=CallForm(request.POST or None),
            act=act,
            back=reverse("admin:rating_standing_change", args=[pk]),
            done=lambda: reverse("admin:rating_interview_change", args=[made[0].pk]),
        )
