"""The official grade, and apart from it the live estimate with its reasons (DESIGN §3: never mixed)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from agricredit.pages.city import scheme_grades
from agricredit.pages.estimate import Estimate, estimate_of
from agricredit.pages.office.file.registry import File, section
from rating.models import Standing
from rating.services.formers import formers
from rating.services.histories import history

LOSSES = 6
YEARS = 6


@section("credit", 20, gettext_lazy("信用等级与预估分"), "rating.view_standing")
def credit(file: File, cursor: str, size: int) -> dict[str, Any]:
    """The grade in force with its years, today's estimate with the dearest losses."""
    standing = file.standing
    estimate = estimate_of(file.producer, evidence=False)
    may = file.user.has_perm("rating.view_reregistration")
    return {
        "standing": standing,
        "word": official_word(standing),
        "years": history(file.producer)[:YEARS],
        "estimate": estimate,
        "losses": _dearest(estimate),
        "formers": [] if file.is_alone or not may else formers(file.producer),
    }


def official_word(standing: Standing | None) -> str:
    """The scheme's own word for the grade in force."""
    if standing is None or standing.official_run is None:
        return ""
    grade = scheme_grades(standing.official_run.scheme.document).get(standing.official_grade, {})
    return str(grade.get("word", ""))


def _dearest(estimate: Estimate | None) -> list[Any]:
    return estimate.losses[:LOSSES] if estimate is not None else []
