"""Counts, sums, maxima and medians of one block of producers, out of one sorted array of packed events."""

from __future__ import annotations

import numpy as np

from .columns import BIAS, OUTCOME_SHIFT, ROLL_SHIFT, VALUE_MASK, WIDE, Bools, Int32s, Int64s
from .needs import Needs
from .scheme import Outcome, Selection, Span

_CELLS = 1 << (ROLL_SHIFT - OUTCOME_SHIFT)  # window, kind and outcome together
_NONE = np.iinfo(np.int64).min


def cell(span: Span, kind: int, outcome: Outcome) -> int:
    """Window, kind and outcome as they stand in a packed event."""
    return int(span) << 10 | kind << 2 | int(outcome)


def decoded(codes: Int64s, wide: Int64s) -> Int64s:
    """Values of value codes; 0 for "no value"."""
    values = np.where(codes > 0, codes - BIAS, 0)
    if len(wide):
        values = np.where(codes >= WIDE, wide[np.clip(codes - WIDE, 0, len(wide) - 1)], values)
    return values


class CellPlan:
    """Row numbers of the tables that tallies fill: a row for each window, kind and outcome wanted."""

    def __init__(self, needs: Needs) -> None:
        wanted = {cell(*place, outcome): place for place, outs in needs.tally.items() for outcome in outs}
        self.row = {code: row for row, code in enumerate(wanted)}
        self.valued_row: dict[int, int] = {}
        self._rows = np.full(_CELLS, -1, np.int64)
        self._valued = np.full(_CELLS, -1, np.int64)
        for code, place in wanted.items():
            self._rows[code] = self.row[code]
            if place in needs.valued:
                self.valued_row[code] = self._valued[code] = len(self.valued_row)

    def rows(self, codes: Int64s) -> Int64s:
        return self._rows[codes]

    def valued_rows(self, codes: Int64s) -> Int64s:
        return self._valued[codes]


class Tallies:
    """What the sorted packed events of the producers at positions first ≤ i < first + size add up to."""

    def __init__(self, plan: CellPlan, packed: Int64s, wide: Int64s, first: int, size: int) -> None:
        self.plan = plan
        self.size = size
        self._first = first
        self._packed = packed
        self._wide = wide
        self._counts = np.zeros((len(plan.row), size), np.int32)
        self._valued = np.zeros((len(plan.valued_row), size), np.int32)
        self._sums = np.zeros((len(plan.valued_row), size), np.int64)
        self._most = np.full((len(plan.valued_row), size), _NONE, np.int64)
        if len(packed):
            self._fill()

    def _fill(self) -> None:
        keys = self._packed >> OUTCOME_SHIFT
        starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
        ends = np.append(starts[1:], len(keys))
        group = keys[starts]
        codes = group & (_CELLS - 1)
        where = (group >> (ROLL_SHIFT - OUTCOME_SHIFT)) - self._first
        rows = self.plan.rows(codes)
        if (rows < 0).any():
            kept = rows >= 0
            starts, ends, codes, where, rows = starts[kept], ends[kept], codes[kept], where[kept], rows[kept]
        self._counts[rows, where] = ends - starts
        valued = np.flatnonzero(self.plan.valued_rows(codes) >= 0)
        if len(valued):
            rows = self.plan.valued_rows(codes[valued])
            self._fill_values(rows, where[valued], starts[valued], ends[valued])

    def _fill_values(self, rows: Int64s, where: Int64s, starts: Int64s, ends: Int64s) -> None:
        lengths = ends - starts
        offsets = np.cumsum(lengths) - lengths
        index = np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)
        codes = self._packed[index] & VALUE_MASK
        values = decoded(codes, self._wide)
        self._sums[rows, where] = np.add.reduceat(values, offsets)
        number = np.add.reduceat((codes > 0).astype(np.int64), offsets)
        self._valued[rows, where] = number
        # Values stand in order within a group, those without one first.
        self._most[rows, where] = np.where(number > 0, values[offsets + lengths - 1], _NONE)

    def _cells(self, selection: Selection) -> list[int]:
        outcomes = tuple(Outcome) if selection.outcome is None else (selection.outcome,)
        codes = [cell(selection.span, kind, outcome) for kind in selection.kinds for outcome in outcomes]
        return [code for code in codes if code in self.plan.row]

    def _rows(self, selection: Selection) -> list[int]:
        return [self.plan.row[code] for code in self._cells(selection)]

    def _value_rows(self, selection: Selection) -> list[int]:
        return [self.plan.valued_row[code] for code in self._cells(selection)]

    def count(self, selection: Selection) -> Int64s:
        """How many events."""
        found: Int64s = self._counts[self._rows(selection)].sum(axis=0, dtype=np.int64)
        return found

    def of_outcome(self, selection: Selection, outcome: Outcome) -> Int64s:
        """How many events of one outcome."""
        rows = [self.plan.row[cell(selection.span, kind, outcome)] for kind in selection.kinds]
        found: Int64s = self._counts[rows].sum(axis=0, dtype=np.int64)
        return found

    def sum(self, selection: Selection) -> Int64s:
        """Sum of the values, in hundredths."""
        found: Int64s = self._sums[self._value_rows(selection)].sum(axis=0)
        return found

    def with_value(self, selection: Selection) -> Int64s:
        """How many events have a value."""
        found: Int64s = self._valued[self._value_rows(selection)].sum(axis=0, dtype=np.int64)
        return found

    def most(self, selection: Selection) -> tuple[Int64s, Bools]:
        """The largest value in hundredths, and who has one."""
        found = self._most[self._value_rows(selection)].max(axis=0)
        exists: Bools = found != _NONE
        return np.where(exists, found, 0), exists

    def middle_two(self, selection: Selection) -> tuple[Int64s, Bools]:
        """Sum of the middle two values in hundredths (of the middle one, twice), and who has one."""
        codes = self._packed >> OUTCOME_SHIFT & (_CELLS - 1)
        chosen = np.zeros(_CELLS, np.bool_)
        chosen[self._cells(selection)] = True
        rows = self._packed[chosen[codes] & (self._packed & VALUE_MASK > 0)]
        where = (rows >> ROLL_SHIFT) - self._first
        if len(self._cells(selection)) > 1:  # values stand in order within each only
            order = np.sort(where << OUTCOME_SHIFT | rows & VALUE_MASK)
            where, codes = order >> OUTCOME_SHIFT, order & VALUE_MASK
        else:
            codes = rows & VALUE_MASK
        number = np.bincount(where, minlength=self.size)
        exists: Bools = number > 0
        ends = np.cumsum(number)
        found = np.zeros(self.size, np.int64)
        low, high = (ends - number + (number - 1) // 2)[exists], (ends - number + number // 2)[exists]
        values = decoded(codes, self._wide)
        found[exists] = values[low] + values[high]
        return found, exists


def block_bounds(packed: Int64s, size: int, block: int) -> Int32s | Int64s:
    """Where the events of each block of producers begin in the sorted array, and where the last end."""
    edges = np.minimum(np.arange(0, size + block, block, dtype=np.int64), size) << ROLL_SHIFT
    found: Int64s = np.searchsorted(packed, edges)
    return found
