"""Whether an officer finds fewer or more faults than colleagues do at producers of the same standing, and
whether faults are found less often the more an officer has been to a producer.

Compared are inspections of one county, of the same reason and of producers with about the same score before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chances import number_of, upper_tail

Ints = NDArray[np.int64]

#: Officers in a county, and inspections of an officer, below which nothing is said.
OFFICERS, INSPECTIONS = 5, 30
#: Faults to be expected (and inspections without) below which nothing is said.
EXPECTED = 5.0
#: Pull of the county's own rate on a small cell's.
PULL = 5.0
#: Visits to the same producer from which an officer counts as familiar there.
FAMILIAR = 3
LATE = 50


@dataclass(frozen=True)
class Visits:
    """Inspections of one county, one row for each officer who took part, in order of their days.

    ``cell`` numbers inspections that may be compared (reason and earlier score), ``found`` says whether a
    fault was found (0, 1), ``inspection`` tells the two officers' rows of one inspection apart from others.
    """

    inspection: Ints
    officer: Ints
    producer: Ints
    cell: Ints
    found: Ints


@dataclass(frozen=True)
class Effect:
    """One officer against the colleagues: inspections, faults found, faults expected, chance of as much."""

    officer: int
    inspections: int
    found: int
    expected: float
    chance: float


@dataclass(frozen=True)
class Drift:
    """Visits from the third to the same producer on: faults found there, expected from the earlier ones."""

    late: int
    found: int
    expected: float
    chance: float


@dataclass(frozen=True)
class Pair:
    """An officer and a producer that meet again and again."""

    officer: int
    producer: int
    visits: int
    found: int


def effects(visits: Visits) -> list[Effect]:
    """Every officer with enough inspections, in a county with enough officers; else none."""
    officers, number = np.unique(visits.officer, return_counts=True)
    if (number >= INSPECTIONS).sum() < OFFICERS:
        return []
    found = [_effect(visits, int(one)) for one in officers[number >= INSPECTIONS]]
    return [one for one in found if one is not None]


def _effect(visits: Visits, officer: int) -> Effect | None:
    """The colleagues' inspections say what was to be expected; those made together count for neither."""
    mine = visits.officer == officer
    others = ~np.isin(visits.inspection, visits.inspection[mine])
    if not others.any():
        return None
    rate = float(visits.found[others].mean())
    size = int(visits.cell.max()) + 1
    there = np.bincount(visits.cell[others], minlength=size)
    faults = np.bincount(visits.cell[others], weights=visits.found[others], minlength=size)
    chances = ((faults + PULL * rate) / (there + PULL))[visits.cell[mine]]
    expected = float(chances.sum())
    number, found = int(mine.sum()), int(visits.found[mine].sum())
    if min(expected, number - expected) < EXPECTED:
        return None
    # The colleagues' rate is itself a count: the error of both, never less than the exact chance.
    cells = np.bincount(visits.cell[mine], minlength=size)
    spread = float((chances * (1 - chances)).sum())
    known = (faults + PULL * rate) / (there + PULL)
    doubt = float((cells**2 * known * (1 - known) / (there + PULL)).sum())
    z = max(abs(found - expected) - 0.5, 0.0) / math.sqrt(spread + doubt)
    tails = number_of(chances)
    exact = min(float(tails[: found + 1].sum()), float(tails[found:].sum()))
    return Effect(officer, number, found, expected, min(1.0, 2 * max(exact, upper_tail(z))))


def meetings(visits: Visits) -> Ints:
    """The how-manieth visit of this officer to this producer each row is, from 1."""
    pair = np.unique(np.column_stack((visits.officer, visits.producer)), axis=0, return_inverse=True)[
        1
    ].ravel()
    order = np.argsort(pair, kind="stable")
    new = np.ones(len(order), np.bool_)
    new[1:] = pair[order][1:] != pair[order][:-1]
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    found = np.empty(len(order), np.int64)
    found[order] = np.arange(len(order)) - first + 1
    return found


def drift(visits: Visits) -> Drift | None:
    """Later visits against the first ones of the same officers to like producers (Mantel and Haenszel).

    None where the county has too few officers or later visits.
    """
    if len(np.unique(visits.officer)) < OFFICERS or not len(visits.officer):
        return None
    late = meetings(visits) >= FAMILIAR
    stratum = np.unique(np.column_stack((visits.officer, visits.cell)), axis=0, return_inverse=True)[
        1
    ].ravel()
    size = int(stratum.max()) + 1
    number = np.bincount(stratum, minlength=size).astype(float)
    later = np.bincount(stratum, weights=late, minlength=size)
    faults = np.bincount(stratum, weights=visits.found, minlength=size)
    there = number > 1
    number, later, faults = number[there], later[there], faults[there]
    expected = float((later * faults / number).sum())
    spread = float((later * (number - later) * faults * (number - faults) / (number**2 * (number - 1))).sum())
    compared = late & there[stratum]
    found, count = int(visits.found[compared].sum()), int(compared.sum())
    if count < LATE or spread < EXPECTED:
        return None
    # Both officers of an inspection have a row, so that the counts scatter at most twice as much.
    z = (expected - found - 0.5) / math.sqrt(2 * spread)
    return Drift(count, found, expected, upper_tail(z))


def pairs(visits: Visits, most: int) -> list[Pair]:
    """Officers and producers that met at least so often as counts as familiar, the most visits first."""
    both = np.column_stack((visits.officer, visits.producer))
    found, where, number = np.unique(both, axis=0, return_inverse=True, return_counts=True)
    faults = np.bincount(where.ravel(), weights=visits.found, minlength=len(found))
    order = np.lexsort((found[:, 1], found[:, 0], -number))
    return [
        Pair(int(found[at, 0]), int(found[at, 1]), int(number[at]), int(faults[at]))
        for at in order[:most].tolist()
        if number[at] >= FAMILIAR
    ]
