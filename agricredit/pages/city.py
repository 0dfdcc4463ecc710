"""What the home page says of the whole city: only figures that runs have already counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.charts import Part, share
from archives.models import Region
from rating.models import RatingRun
from rating.services.wording import in_words


@dataclass(frozen=True)
class City:
    """The city's latest grades in force, and notices that are open now, each with its part of the city."""

    name: str
    year: int | None
    parts: list[Part]
    answer: str
    notices: list[tuple[RatingRun, str]]


def region_name(code: str) -> str:
    """The short name of a division, empty when it is not known."""
    return Region.objects.filter(pk=code).values_list("name", flat=True).first() or ""


def city() -> City:
    """Sum the effective runs of the latest year over the home region: a few rows whatever its size."""
    home = settings.HOME_REGION
    name = region_name(home)
    runs = list(
        RatingRun.objects.filter(state=RatingRun.State.EFFECTIVE, region_code__startswith=home)
        .select_related("scheme")
        .order_by("-year", "region_code")[:200]
    )
    runs = [run for run in runs if run.year == runs[0].year]
    parts = _parts(runs)
    return City(
        name=name,
        year=runs[0].year if runs else None,
        parts=parts,
        answer=_answer(name, runs[0].year, parts) if runs and parts else "",
        notices=_notices(home),
    )


def _notices(home: str) -> list[tuple[RatingRun, str]]:
    """Open notices, the first to end first, with the division's name where it is not the whole."""
    rows = RatingRun.objects.filter(state=RatingRun.State.PUBLIC_NOTICE, region_code__startswith=home)
    runs = list(rows.order_by("notice_until"))
    parts = {run.region_code for run in runs} - {home}
    names = dict(Region.objects.filter(pk__in=parts).values_list("pk", "name")) if parts else {}
    return [(run, names.get(run.region_code, "")) for run in runs]


def scheme_grades(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The grades of a scheme document by code, highest first, in the reader's words."""
    return {grade["code"]: grade for grade in in_words(document.get("grades", []))}


def _parts(runs: list[RatingRun]) -> list[Part]:
    """Counts by grade over runs that do not overlap; a county's run is left out when the city's is there."""
    if not runs:
        return []
    whole = [run for run in runs if run.region_code == settings.HOME_REGION]
    counted = whole or runs
    words = scheme_grades(counted[0].scheme.document)
    same = [run for run in counted if run.scheme_id == counted[0].scheme_id]
    totals = dict.fromkeys([*words, ""], 0)
    for run in same:
        for grade, count in run.summary.get("grades", {}).items():
            totals[grade] = totals.get(grade, 0) + count
        statuses = run.summary.get("statuses", {})
        totals[""] += statuses.get("not_rated", 0) + statuses.get("pending", 0)
    if not any(totals.values()):
        return []
    return [Part(grade, count, words.get(grade, {}).get("word", "")) for grade, count in totals.items()]


def _answer(name: str, year: int, parts: list[Part]) -> str:
    """The chart's title: how many were rated and how many of them are in the better half of the grades."""
    rated = [part for part in parts if part.grade]
    total = sum(part.count for part in parts)
    good = sum(part.count for part in rated[: (len(rated) + 1) // 2])
    return _("%(place)s %(total)s 家主体参加%(year)s年度评价，%(good)s在%(grade)s级以上") % {
        "place": name or _("本地"),
        "total": f"{total:,}",
        "year": year,
        "good": share(good, total),
        "grade": rated[(len(rated) - 1) // 2].grade,
    }
