"""Scoring over readings that a run has held: another scheme over the same facts, the ledger unread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from .columns import Bools, Int64s, Roll, Window
from .exact import Reading
from .scheme import Condition, Criterion, Gate, Measure, Scheme
from .score import Judged, Scoring


@dataclass(frozen=True)
class HeldTotals:
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
class HeldBlock:
    """Readings and costs of deductions of neighbouring producers, as a run kept them."""

    readings: Mapping[Measure, Reading]
    costs: tuple[Int64s, ...] = ()

    def reading(self, measure: Measure) -> Reading:
        """As it was measured; KeyError for a measure that the run did not take."""
        return self.readings[measure]

    def cost(self, number: int) -> Int64s:
        """As it was charged."""
        return self.costs[number]


class Trial(Scoring):
    """Scoring for its judgement alone: whether there is a reading matters, not its millionths."""

    def shown(self, reading: Reading) -> Int64s:
        """Something that is not "no reading"."""
        return np.zeros(len(reading.num), np.int64)


def _reads(column: Criterion) -> tuple[object, ...]:
    """All of a criterion that its points depend on."""
    return column.measure, column.rule, column.points, column.when_none, column.organised_only


@dataclass(frozen=True)
class Difference:
    """Criteria and bonuses that only one of two schemes has so; of the rest a run holds what it came to."""

    base: Scheme
    draft: Scheme
    gone: tuple[Criterion, ...]
    new: tuple[Criterion, ...]

    @classmethod
    def between(cls, base: Scheme, draft: Scheme) -> Difference | None:
        """None where a run's totals are of no use: whom a duty binds, what is deducted or what is too little
        to rate on is said otherwise, or more than half of the criteria are."""
        sections = ((base.criteria, draft.criteria), (base.bonus, draft.bonus))
        gone = tuple(one for old, new in sections for one in _only_in(old, new))
        new = tuple(one for old, new in sections for one in _only_in(new, old))
        groups = [(one.evidence.record_group, one.evidence.check_group) for one in (base, draft)]
        touched = {one.code for one in gone + new} & {code for group in groups[0] for code in group}
        charged = [[(one.measure, one.rule) for one in scheme.deductions] for scheme in (base, draft)]
        if base.pause != draft.pause or charged[0] != charged[1] or groups[0] != groups[1] or touched:
            return None
        return cls(base, draft, gone, new) if 2 * len(gone + new) <= len(draft.columns) else None

    @property
    def same_vetoes(self) -> bool:
        """Whether the vetoes ask the same in the same order."""
        asked = [[one.conditions for one in scheme.vetoes] for scheme in (self.base, self.draft)]
        return asked[0] == asked[1]

    def measures(self) -> Iterator[Measure]:
        """Which readings are needed beside the totals."""
        conditions: list[Condition] = [] if self.same_vetoes else list(_of_vetoes(self.draft))
        conditions += [self.draft.pause] if self.draft.pause and self.gone + self.new else []
        for gate in _gates(self.draft):
            conditions += [gate.condition] if gate.condition else []
            if gate.reading_of:
                yield self.draft.columns[self.draft.column_index(gate.reading_of)].measure
        for column in self.gone + self.new:
            yield column.measure
        for condition in conditions:
            yield condition.measure


def _only_in(these: tuple[Criterion, ...], those: tuple[Criterion, ...]) -> list[Criterion]:
    known = {one.code: _reads(one) for one in those}
    return [one for one in these if known.get(one.code) != _reads(one)]


def _of_vetoes(scheme: Scheme) -> Iterable[Condition]:
    return (condition for veto in scheme.vetoes for condition in veto.conditions)


def _gates(scheme: Scheme) -> Iterable[Gate]:
    return (gate for grade in scheme.grades for gate in grade.gates)


class Retrial(Trial):
    """A trial of a draft that differs little: what changes is taken from the run's totals, and added anew."""

    def __init__(
        self, difference: Difference, block: HeldBlock, totals: HeldTotals, roll: Roll, window: Window
    ) -> None:
        """``totals`` are those that the run of ``difference.base`` came to."""
        super().__init__(difference.draft, block, roll, window)
        self.difference = difference
        self.totals = totals
        self.able = totals.able.copy()

    def judged(self) -> Judged:
        """Score, grade and status, as scoring everything anew would find them."""
        before = Trial(self.difference.base, self.block, self.roll, self.window)
        got, bonus = self.totals.got, self.totals.bonus
        for scoring, columns, sign in ((before, self.difference.gone, -1), (self, self.difference.new, 1)):
            points, more = _added(scoring, columns)
            got, bonus = got + sign * points, bonus + sign * more
        self.able -= before.able
        return self.concluded(got, bonus, self.totals.deductions)

    def vetoes(self) -> Int64s:
        """Those of the run where the draft asks the same."""
        return self.totals.vetoes if self.difference.same_vetoes else super().vetoes()

    def passes(self, gate: Gate, deductions: Int64s) -> Bools:
        """As scoring does; whether a criterion has a reading is asked of the reading itself."""
        if not gate.reading_of:
            return super().passes(gate, deductions)
        column = self.scheme.columns[self.scheme.column_index(gate.reading_of)]
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


def _added(scoring: Scoring, columns: tuple[Criterion, ...]) -> tuple[Int64s, Int64s]:
    """Points of some criteria and of some bonuses of a scheme; its `able` grows by what they could give."""
    got, bonus = np.zeros(len(scoring.roll), np.int64), np.zeros(len(scoring.roll), np.int64)
    excused = scoring.excused() if columns else np.empty(0, np.bool_)
    for column in columns:
        number = scoring.scheme.column_index(column.code)
        counts = number < len(scoring.scheme.criteria)
        scoring.column(number, column, excused, counts=counts)
        points = scoring.total(number, number + 1)
        got, bonus = (got + points, bonus) if counts else (got, bonus + points)
    return got, bonus
