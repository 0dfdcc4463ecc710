"""A producer's official grades over the years."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from archives.models import Producer
from rating.models import Rating


@dataclass(frozen=True)
class YearGrade:
    """One year's official result; ``grade`` is empty when not rated or not yet decided."""

    year: int
    scheme: str
    grade: str
    score: int
    status: str
    since: date | None
    run_id: int
    version: int


def history(producer: Producer) -> list[YearGrade]:
    """Official results, newest year first; of several runs of one year the one that took effect last.

    A result that waits for a decision is listed with its status and without grade or score.
    """
    return histories([producer.pk]).get(producer.pk, [])


def histories(producer_ids: Collection[int]) -> dict[int, list[YearGrade]]:
    """The same of several producers by their ids, in one query; those without any are left out."""
    if not producer_ids:
        return {}
    results = (
        Rating.objects.official()
        .filter(producer__in=producer_ids)
        .select_related("run__scheme")
        .order_by("-run__year", "-run__effective_on", "-run_id")
    )
    found: dict[int, dict[int, YearGrade]] = {}
    for rating in results:
        decided = rating.status == Rating.Status.RATED
        found.setdefault(rating.producer_id, {}).setdefault(
            rating.run.year,
            YearGrade(
                year=rating.run.year,
                scheme=rating.run.scheme.code,
                grade=rating.grade if decided else "",
                score=rating.score if decided else 0,
                status=rating.status,
                since=rating.run.effective_on,
                run_id=rating.run_id,
                version=rating.version,
            ),
        )
    return {producer_id: list(years.values()) for producer_id, years in found.items()}
