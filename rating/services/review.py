"""What a reviewer looks at: the distribution, who moved, who sits near a line, what waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Abs
from django.utils.translation import gettext as _

from rating.models import Rating, RatingRun
from rating.services import schemes

#: A score this near (hundredths) to a line deserves a second look.
NEAR = 50
BUCKET = 500

_COUNTS = """
    SELECT left(region_id, 9), status, grade, score / %(bucket)s, vetoes, count(*)
    FROM rating_rating WHERE run_id = %(run)s AND version = 1 GROUP BY 1, 2, 3, 4, 5
"""
_MOVES = """
    SELECT standing.official_grade, rating.grade, count(*)
    FROM rating_rating rating JOIN rating_standing standing USING (producer_id)
    WHERE rating.run_id = %s AND rating.version = 1 AND standing.official_year < %s
    GROUP BY 1, 2
"""


def summarise(run: RatingRun) -> dict[str, Any]:
    """Count a run's results once, for the review desk: grades, statuses, histogram, vetoes, townships, moves.

    A pending result counts under its status, never under the grade that nobody has confirmed.
    """
    scheme = schemes.parsed(run.scheme)
    summary = _Summary([grade.code for grade in scheme.grades])
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"run": run.pk, "bucket": BUCKET})
        for township, status, grade, bucket, vetoes, count in cursor:
            summary.add(township, status, grade, bucket, scheme.veto_codes(vetoes), count)
        cursor.execute(_MOVES, [run.pk, run.year])
        moves = [[before, after, count] for before, after, count in cursor]
    return {**summary.as_dict(), "moves": sorted(moves)}


class _Summary:
    def __init__(self, grades: list[str]) -> None:
        self.grades = dict.fromkeys(grades, 0)
        self.statuses = {status.value: 0 for status in Rating.Status}
        self.histogram = [0] * (10_000 // BUCKET)
        self.vetoes: dict[str, int] = {}
        self.townships: dict[str, dict[str, int]] = {}

    def add(
        self, township: str, status: str, grade: str, bucket: int, vetoes: tuple[str, ...], count: int
    ) -> None:
        label = grade if status == Rating.Status.RATED else status
        if status == Rating.Status.RATED:
            self.grades[grade] += count
        if status != Rating.Status.NOT_RATED:
            self.histogram[min(bucket, len(self.histogram) - 1)] += count
        self.statuses[status] += count
        for code in vetoes:
            self.vetoes[code] = self.vetoes.get(code, 0) + count
        row = self.townships.setdefault(township, {})
        row[label] = row.get(label, 0) + count

    def as_dict(self) -> dict[str, Any]:
        return {
            "grades": self.grades,
            "statuses": self.statuses,
            "histogram": self.histogram,
            "vetoes": dict(sorted(self.vetoes.items())),
            "townships": dict(sorted(self.townships.items())),
        }


@dataclass(frozen=True)
class Count:
    """How many producers have a grade, or wait for a decision, or are not rated (``status``)."""

    grade: str
    word: str
    status: str
    producers: int


def distribution(run: RatingRun, region_code: str = "") -> list[Count]:
    """Grades from the highest to the lowest, then pending and not rated; of one division below the run's."""
    totals: dict[str, int] = {}
    for township, counts in run.summary.get("townships", {}).items():
        if township.startswith(region_code[:9]):
            for label, number in counts.items():
                totals[label] = totals.get(label, 0) + number
    grades = [
        Count(grade.code, grade.word, Rating.Status.RATED.value, totals.get(grade.code, 0))
        for grade in schemes.parsed(run.scheme).grades
    ]
    others = [
        Count("", str(status.label), status.value, totals.get(status.value, 0))
        for status in (Rating.Status.PENDING, Rating.Status.NOT_RATED)
    ]
    return grades + others


def headline(counts: Sequence[Count]) -> str:
    """The distribution chart's answer in one sentence."""
    total = sum(count.producers for count in counts)
    best = max((count for count in counts if count.grade), key=lambda count: count.producers)
    if not best.producers:
        return _("没有主体评出等级")
    return _("最多的是%(grade)s：%(count)s家，占%(share)s%%") % {
        "grade": best.grade,
        "count": best.producers,
        "share": f"{best.producers * 100 / total:.1f}",
    }


def movers(run: RatingRun, user: Any, limit: int = 50) -> list[Rating]:
    """Results whose grade differs from the one in force, by how far the score went.

    Each carries ``before`` (the grade in force) and ``moved`` (hundredths, signed).
    """
    standing = "producer__standing__official"
    moved = F("score") - F(f"{standing}_score")
    return list(
        Rating.objects.visible_to(user)
        .filter(
            run=run,
            version=1,
            producer__standing__official_score__isnull=False,
            producer__standing__official_year__lt=run.year,
        )
        .exclude(grade=F(f"{standing}_grade"))
        .annotate(before=F(f"{standing}_grade"), moved=moved)
        .select_related("producer")
        .order_by(Abs(moved).desc(), "pk")[:limit]
    )


def near_lines(run: RatingRun, user: Any, limit: int = 50) -> QuerySet[Rating]:
    """Results just above or just below a grade's line (within half a point), which the score index finds."""
    cuts = [grade.cut for grade in schemes.parsed(run.scheme).grades if grade.cut]
    near = Q(pk__in=[])
    for cut in cuts:
        near |= Q(score__gte=cut - NEAR, score__lt=cut + NEAR)
    rated = Rating.objects.visible_to(user).filter(near, run=run, status=Rating.Status.RATED)
    return rated.select_related("producer").order_by("score", "pk")[:limit]


def waiting(run: RatingRun, user: Any, limit: int = 200) -> QuerySet[Rating]:
    """Results that wait for a decision, vetoes first."""
    pending = Rating.objects.visible_to(user).undecided().filter(run=run)
    pending = pending.select_related("producer", "run__scheme")
    return pending.order_by("-vetoes", "score", "pk")[:limit]
