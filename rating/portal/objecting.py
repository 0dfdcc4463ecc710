"""Objecting to one's own result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from archives.models import Producer
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import sent, take, uploads
from rating.models import Objection, Rating
from rating.portal.forms import ObjectionForm
from rating.services import objections, remedies


@dataclass(frozen=True)
class Result:
    """A result that can be objected to, until when, and the objection to it if there is one."""

    rating: Rating
    deadline: date
    objection: Objection | None

    @property
    def allowed(self) -> bool:
        """Whether it may be objected to today."""
        return self.objection is None and today() <= self.deadline


def results_of(producer: Producer) -> list[Result]:
    """Results in public notice or in effect, newest first."""
    filed = {(row.run_id, row.rating_version): row for row in Objection.objects.filter(producer=producer)}
    return [
        Result(row, objections.deadline_of(row), filed.get((row.run_id, row.version)))
        for row in objections.results_of(producer)
    ]


def filed_by(producer: Producer) -> list[tuple[Objection, str]]:
    """What was objected to, newest first, each with its clock."""
    rows = Objection.objects.filter(producer=producer).select_related("run__scheme")
    words = remedies.clocks(row.decide_by for row in rows)
    return [(row, words[row.decide_by]) for row in rows]


@portal_page
@permission_required("rating.add_objection", raise_exception=True)
def object_to(request: HttpRequest, acting: Acting, year: int) -> HttpResponse:
    """Object to the newest result of a year."""
    found = [result for result in results_of(acting.producer) if result.rating.run.year == year]
    if not found:
        raise Http404
    result, form = found[0], ObjectionForm(sent(request), uploads(request))
    user: Any = request.user

    def act() -> Objection:
        return objections.file(rating=result.rating, actor=user, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and take(form, act):
        messages.success(request, _("已提出异议，等级处已标注“异议中”。"))
        return redirect("my:remedies")
    context = {"acting": acting, "result": result, "form": form}
    return render(request, "portal/remedies/objection.html", context)
