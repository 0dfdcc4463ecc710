"""Measures that need the day of an event: the last one, its age, distinct months."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .columns import (
    KIND_SHIFT,
    NO_VALUE,
    OUTCOME_SHIFT,
    ROLL_SHIFT,
    SPAN_SHIFT,
    VALUE_MASK,
    Bools,
    Dated,
    Int64s,
    Roll,
    Tie,
    TieWinner,
)
from .scheme import Measuring, Outcome, Selection
from .tallies import decoded

TieBreak = Callable[[Sequence[Tie]], Sequence[TieWinner]]


def within(packed: Int64s, selection: Selection) -> Bools:
    """Which packed events the selection takes."""
    span_and_kind = packed >> KIND_SHIFT & 0x3FF
    taken = np.zeros(len(packed), np.bool_)
    for kind in selection.kinds:
        taken |= span_and_kind == (int(selection.span) << (SPAN_SHIFT - KIND_SHIFT) | kind)
    if selection.outcome is not None:
        taken &= (packed >> OUTCOME_SHIFT & 3) == int(selection.outcome)
    return taken


def months(dated: Dated, selection: Selection, size: int) -> Int64s:
    """Distinct calendar months of the selected events."""
    rows = np.flatnonzero(within(dated.packed, selection))
    days = dated.occurred[rows].astype("datetime64[D]")
    month = days.astype("datetime64[M]").astype(np.int64) + (1 << 19)
    distinct = np.unique((dated.packed[rows] >> ROLL_SHIFT) << 20 | month)
    return np.bincount(distinct >> 20, minlength=size)


class Last:
    """The last event of each producer within a selection, for one of `latest`, `latest_outcome`, `age`.

    Events of the same last day that differ in what is read are told apart by `tie_break` (recorded_at,
    then uid).
    """

    def __init__(
        self, op: Measuring, selection: Selection, dated: Dated, wide: Int64s, roll: Roll, tie_break: TieBreak
    ) -> None:
        self.op = op
        self.value = np.zeros(len(roll), np.int64)
        self.exists = np.zeros(len(roll), np.bool_)
        taken = within(dated.packed, selection)
        if op is Measuring.latest:
            taken &= dated.packed & VALUE_MASK > 0
        elif op is Measuring.latest_outcome:
            taken &= dated.packed >> OUTCOME_SHIFT & 3 > 0
        rows = np.flatnonzero(taken)
        packed, day = dated.packed[rows], dated.occurred[rows].astype(np.int64)
        where = packed >> ROLL_SHIFT
        last = np.full(len(roll), np.iinfo(np.int64).min, np.int64)
        np.maximum.at(last, where, day)
        self.exists[where] = True
        if op is Measuring.age:
            self.value[self.exists] = last[self.exists]
            return
        final = day == last[where]
        where, read = where[final], self._read(packed[final], wide)
        self.value[where] = read
        self._settle(selection, roll, last, where[self.value[where] != read], tie_break)

    def _read(self, packed: Int64s, wide: Int64s) -> Int64s:
        if self.op is Measuring.latest:
            return decoded(packed & VALUE_MASK, wide)
        found: Int64s = (packed >> OUTCOME_SHIFT & 3 == int(Outcome.passed)).astype(np.int64)
        return found

    def _settle(
        self, selection: Selection, roll: Roll, last: Int64s, unclear: Int64s, tie_break: TieBreak
    ) -> None:
        positions = np.unique(unclear)
        if not len(positions):
            return
        by_value = self.op is Measuring.latest
        ties = [
            Tie(int(roll.producer[at]), selection.kinds[0], selection.span, int(last[at]), by_value)
            for at in positions
        ]
        for at, winner in zip(positions, tie_break(ties), strict=True):
            self.value[at] = _won(winner, by_value)


def _won(winner: TieWinner, by_value: bool) -> int:
    if by_value and winner.value == NO_VALUE:
        raise ValueError("the winner of a tie between values has none")
    return winner.value if by_value else int(winner.outcome is Outcome.passed)
