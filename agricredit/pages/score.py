"""How to reach the next grade, and where I stand (``/my/score/…``): estimate and official grade apart."""

from __future__ import annotations

import contextlib

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from agricredit.pages.advice import advice_for_act
from archives.portal.acting import Acting, portal_page
from rating.models import Standing
from rating.services import advice, ranks, side_by_side
from rating.services.advice import Advised

#: So many of the estimates fit on a phone's screen.
SHOWN_MONTHS = 7


@portal_page
def way_up(request: HttpRequest, acting: Acting) -> HttpResponse:
    """At most four reasons, the cheapest honest way to the next grade, and what single acts are worth."""
    advised = _advised(acting)
    context: dict[str, object] = {"acting": acting, "advised": advised}
    if advised is not None:
        words = advice.in_words(advised)
        steps = [step | {"url": advice_for_act(step["act"])} for step in words["steps"]]
        context |= words | {"steps": steps}
    return render(request, "portal/way_up.html", context)


@portal_page
def position(request: HttpRequest, acting: Acting) -> HttpResponse:
    """The place in township, county and city by the official score; apart from it the estimate by months."""
    standing = (
        Standing.objects.filter(producer=acting.producer).select_related("official_run__scheme").first()
    )
    try:
        months = advice.estimates(acting.producer)
    except ValidationError:
        months = []
    chart = [(f"{day:%m-%d}", score / 100) for day, score, _grade in months][-SHOWN_MONTHS:]
    context = {
        "acting": acting,
        "standing": standing,
        "places": ranks.places(standing),
        "chart": chart if len(chart) > 1 else [],
        "least": ranks.LEAST,
    }
    return render(request, "portal/position.html", context)


@portal_page
def compare(request: HttpRequest, acting: Acting) -> HttpResponse:
    """The estimate by two schemes; 404 where the region shows its producers no second one."""
    other = side_by_side.offered(acting.producer.region_id)
    if other is None:
        raise Http404
    context: dict[str, object] = {"acting": acting}
    with contextlib.suppress(ValidationError):  # takes no part in the rating: the page says so
        context |= side_by_side.in_words(side_by_side.of_estimate(acting.producer, other))
    return render(request, "portal/compare.html", context)


def _advised(acting: Acting) -> Advised | None:
    try:
        return advice.advise(acting.producer)
    except ValidationError:
        return None
