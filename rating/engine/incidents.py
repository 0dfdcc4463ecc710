"""Measures by incident: distinct incidents, and deductions of which only an incident's dearest counts."""

from __future__ import annotations

import numpy as np

from .columns import ROLL_SHIFT, VALUE_MASK, Incidents, Int64s
from .days import within
from .exact import scaled
from .scheme import Criterion, Measuring, Per, Selection
from .tallies import decoded

_MOST_POINTS = 2**31 - 1


def _own(incidents: Incidents, rows: Int64s) -> Int64s:
    """An event without an incident is one of its own: its id; 0 for the others."""
    return np.where(incidents.incident[rows] == 0, incidents.event[rows], 0)


def distinct(incidents: Incidents, selection: Selection, size: int) -> Int64s:
    """How many incidents the selected events belong to."""
    rows = np.flatnonzero(within(incidents.packed, selection))
    keys = np.column_stack(
        (incidents.packed[rows] >> ROLL_SHIFT, incidents.incident[rows], _own(incidents, rows))
    )
    return np.bincount(np.unique(keys, axis=0)[:, 0], minlength=size)


def costs(criterion: Criterion, packed: Int64s, wide: Int64s) -> Int64s:
    """What each event would cost by itself, in hundredths; one without the value that is summed costs 0."""
    if not isinstance(criterion.rule, Per):
        raise TypeError(f"{criterion.code}: a deduction costs so much per event")
    if criterion.measure.op is Measuring.count:
        return np.full(len(packed), criterion.rule.each, np.int64)
    return scaled(criterion.rule.each, decoded(packed & VALUE_MASK, wide), 100)


def deductions(columns: tuple[Criterion, ...], incidents: Incidents, wide: Int64s, size: int) -> Int64s:
    """Points that each deduction really cost each producer: a table of len(columns) × size, in hundredths.

    Of one incident's events only the dearest counts; of equally dear ones the first criterion's.
    """
    found = np.zeros((len(columns), size), np.int64)
    parts = []
    for number, column in enumerate(columns):
        rows = np.flatnonzero(within(incidents.packed, column.measure.selected))
        parts.append((rows, np.full(len(rows), number), costs(column, incidents.packed[rows], wide)))
    if not parts:
        return found
    rows = np.concatenate([part[0] for part in parts])
    numbers = np.concatenate([part[1] for part in parts])
    cost = np.concatenate([part[2] for part in parts])
    position, incident, own = (
        incidents.packed[rows] >> ROLL_SHIFT,
        incidents.incident[rows],
        _own(incidents, rows),
    )
    order = np.lexsort((numbers, -cost, own, incident, position))
    keys = np.column_stack((position, incident, own))[order]
    first = np.ones(len(order), np.bool_)
    first[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    dearest = order[first]
    np.add.at(found, (numbers[dearest], position[dearest]), cost[dearest])
    return np.minimum(found, _MOST_POINTS)
