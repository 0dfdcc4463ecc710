"""Where the points to 100 went: at most four reasons whose points sum to the loss exactly."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .explain import Explanation
from .scheme import Criterion, Scheme

_WHOLE = 10000
MOST = 4


class Because(Enum):
    """What a part of the loss came from; points below 0 are a gain."""

    criterion = "criterion"
    deduction = "deduction"
    bonus = "bonus"
    last_year = "last_year"
    limit = "limit"  # what is below 0 or above 100 points and does not count
    others = "others"


@dataclass(frozen=True)
class Part:
    """A part of 100.00 − score, in hundredths of the final score; ``merged`` parts make up the others."""

    because: Because
    points: int
    criterion: Criterion | None = None
    merged: tuple[Part, ...] = ()


def parts(scheme: Scheme, explained: Explanation) -> list[Part]:
    """Every part of the loss; they sum to 10000 − score. What a criterion lost is scaled as the score is."""
    found = _of_criteria(scheme, explained)
    found += [
        Part(Because.deduction, column.lost, column.criterion)
        for column in explained.columns
        if column.criterion in scheme.deductions and column.lost
    ]
    charged = sum(part.points for part in found if part.because is Because.deduction)
    free = explained.base + explained.bonus - explained.deductions
    this = min(max(free, 0), _WHOLE)
    rest = {
        Because.bonus: -explained.bonus,
        Because.limit: (free - this) + (explained.deductions - charged),
        Because.last_year: this - explained.score,
    }
    return found + [Part(because, points) for because, points in rest.items() if points]


def _of_criteria(scheme: Scheme, explained: Explanation) -> list[Part]:
    """10000 − base among the criteria by largest remainder: exact in sum, none off by a hundredth."""
    lost = [
        (column.criterion, column.lost)
        for column in explained.columns
        if column.criterion in scheme.criteria and column.lost > 0
    ]
    total, able = _WHOLE - explained.base, max(explained.able, 1)
    if not lost:
        return [Part(Because.limit, total)] if total else []
    shares = [points * _WHOLE // able for _criterion, points in lost]
    by_remainder = sorted(range(len(lost)), key=lambda at: (-(lost[at][1] * _WHOLE % able), at))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return [
        Part(Because.criterion, points, criterion)
        for (criterion, _lost), points in zip(lost, shares, strict=True)
        if points
    ]


def reasons(scheme: Scheme, explained: Explanation, most: int = MOST) -> list[Part]:
    """At most ``most`` parts that sum to 10000 − score: the greatest by themselves, the others together.

    Gains (bonus, a better last year) are among the others, unless everything fits.
    """
    found = sorted(parts(scheme, explained), key=lambda part: -part.points)
    if len(found) <= most:
        return found
    named = [part for part in found[: most - 1] if part.points > 0]
    others = tuple(found[len(named) :])
    return [*named, Part(Because.others, sum(part.points for part in others), merged=others)]
