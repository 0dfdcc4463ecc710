"""A draft that changes little of a scheme, tried over a run: only what it changes is scored.

A run keeps what its points came to (:class:`Totals`). What the changed criteria gave by the run's scheme is
taken off, and what they give by the draft is added; grade and status are then concluded as by any scheme.
The result is that of scoring everything anew, out of a few readings instead of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .columns import Bools, Int64s, Roll, Window
from .held import HeldBlock, Trial
from .scheme import Criterion, Gate, Measure, Scheme
from .score import Judged, Scoring


@dataclass(frozen=True)
class Totals:
    """What a run's points came to: sums in hundredths (bonus before its cap), vetoes as a bit mask.

    ``records`` and ``checks``: for whom no criterion of the record group applied, and none of the check group
    had a reading.
    """

    got: Int64s
    able: Int64s
    bonus: Int64s
    deductions: Int64s
    vetoes: Int64s
    records: Bools
    checks: Bools


@dataclass(frozen=True)
class Change:
    """What a draft changes of a run's scheme: the criteria and bonuses that ``gone`` or ``new`` are.

    One that is only scored otherwise is both: gone as it was, new as the draft has it.
    """

    base: Scheme
    draft: Scheme
    gone: tuple[Criterion, ...]
    new: tuple[Criterion, ...]

    @classmethod
    def between(cls, base: Scheme, draft: Scheme) -> Change | None:
        """None where the totals of a run do not hold for the draft, or where half of its columns differ."""
        gone = _only_in(base.criteria, draft.criteria) + _only_in(base.bonus, draft.bonus)
        new = _only_in(draft.criteria, base.criteria) + _only_in(draft.bonus, base.bonus)
        change = cls(base, draft, gone, new)
        return change if change._is_small and change._totals_hold else None

    @property
    def _is_small(self) -> bool:
        return 2 * len(self.gone + self.new) <= len(self.draft.columns)

    @property
    def _totals_hold(self) -> bool:
        """Whether a duty binds the same, the same is deducted, and too little to rate on is the same."""
        changed = {one.code for one in self.gone + self.new}
        return (
            self.base.pause == self.draft.pause
            and charged(self.base) == charged(self.draft)
            and _groups(self.base) == _groups(self.draft)
            and changed.isdisjoint(code for group in _groups(self.base) for code in group)
        )

    @property
    def same_vetoes(self) -> bool:
        """Whether the vetoes ask the same in the same order."""
        base, draft = ([veto.conditions for veto in one.vetoes] for one in (self.base, self.draft))
        return base == draft

    def measures(self) -> Iterator[Measure]:
        """Which readings are needed beside the totals; some more than once."""
        changed = self.gone + self.new
        yield from (column.measure for column in changed)
        if changed and self.draft.pause:
            yield self.draft.pause.measure
        if not self.same_vetoes:
            yield from (asked.measure for veto in self.draft.vetoes for asked in veto.conditions)
        for gate in (gate for grade in self.draft.grades for gate in grade.gates):
            if gate.condition:
                yield gate.condition.measure
            if gate.reading_of:
                yield _column(self.draft, gate.reading_of).measure


def charged(scheme: Scheme) -> list[tuple[object, ...]]:
    """All that deductions depend on: what a run charged holds for every scheme that says the same."""
    return [(column.measure, column.rule) for column in scheme.deductions]


def _groups(scheme: Scheme) -> tuple[tuple[str, ...], ...]:
    return scheme.evidence.record_group, scheme.evidence.check_group


def _only_in(these: tuple[Criterion, ...], those: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    known = {one.code: _scored_by(one) for one in those}
    return tuple(one for one in these if known.get(one.code) != _scored_by(one))


def _scored_by(column: Criterion) -> tuple[object, ...]:
    """All of a criterion that its points depend on."""
    return column.measure, column.rule, column.points, column.when_none, column.organised_only


def _column(scheme: Scheme, code: str) -> Criterion:
    return scheme.columns[scheme.column_index(code)]


class Retrial(Trial):
    """A trial of a draft whose change from the run's scheme is small, upon what the run came to."""

    def __init__(self, change: Change, block: HeldBlock, totals: Totals, roll: Roll, window: Window) -> None:
        """``block`` holds the change's measures; ``totals`` are those that a run of its base came to."""
        super().__init__(change.draft, block, roll, window)
        self.change = change
        self.totals = totals
        self.able = totals.able.copy()

    def judged(self) -> Judged:
        """Score, grade and status, as scoring everything anew would find them."""
        before = Trial(self.change.base, self.block, self.roll, self.window)
        lost, won = _points(before, self.change.gone), _points(self, self.change.new)
        self.able -= before.able
        return self.concluded(
            self.totals.got - lost.criteria + won.criteria,
            self.totals.bonus - lost.bonus + won.bonus,
            self.totals.deductions,
        )

    def vetoes(self) -> Int64s:
        """Those of the run where the draft asks the same."""
        return self.totals.vetoes if self.change.same_vetoes else super().vetoes()

    def passes(self, gate: Gate, deductions: Int64s) -> Bools:
        """As scoring does; whether a criterion has a reading is asked of the reading itself."""
        if not gate.reading_of:
            return super().passes(gate, deductions)
        column = _column(self.scheme, gate.reading_of)
        exists = self.block.reading(column.measure).exists
        found = np.ones(len(self.roll), np.bool_) if exists is None else exists
        return found & self.organised if column.organised_only else found

    def shortcomings(self) -> dict[str, Bools]:
        """Record and check groups as the run found them: the draft has the same."""
        evidence = self.scheme.evidence
        return {
            "able": self.able < evidence.able_at_least,
            "registered": self.registered_days < evidence.registered_days,
            "records": self.totals.records,
            "checks": self.totals.checks,
        }


class _Points(NamedTuple):
    criteria: Int64s
    bonus: Int64s


def _points(scoring: Scoring, columns: tuple[Criterion, ...]) -> _Points:
    """What some columns of a scheme give; ``scoring.able`` grows by what the criteria among them could."""
    found = _Points(*(np.zeros(len(scoring.roll), np.int64) for _sum in _Points._fields))
    if not columns:  # the pause that excuses from their duties was not read
        return found
    excused = scoring.excused()
    for column in columns:
        number = scoring.scheme.column_index(column.code)
        is_criterion = number < len(scoring.scheme.criteria)
        scoring.column(number, column, excused, counts=is_criterion)
        into = found.criteria if is_criterion else found.bonus
        into += scoring.total(number, number + 1)
    return found
