"""Points, score, grade and status of every producer of a roll (ledger contract, "Score")."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import NamedTuple, Protocol

import numpy as np

from . import rules
from .columns import (
    MOST_PRODUCERS,
    NO_READING,
    NO_SCORE,
    NOT_APPLICABLE,
    Bools,
    Events,
    Int8s,
    Int64s,
    Results,
    Roll,
    Window,
)
from .days import TieBreak
from .exact import Reading, holds, scaled
from .measures import Block, Shard
from .scheme import LAST_ORGANISED, Condition, Criterion, Gate, Measure, Scheme, WhenNone

BLOCK = 65536
_MILLION = 1_000_000
_WHOLE = 10000


class Status(IntEnum):
    """What a result is: computed and clean, waiting for a decision, or not enough to rate on."""

    rated = 0
    pending = 1
    not_rated = 2


def score(scheme: Scheme, events: Events, roll: Roll, window: Window, tie_break: TieBreak) -> Results:
    """Results for every producer of the roll, in its order. `events.plain` is sorted in place."""
    parts = list(score_blocks(scheme, events, roll, window, tie_break))
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in Results.__dataclass_fields__
    }
    return Results(**joined)


def score_blocks(
    scheme: Scheme,
    events: Events,
    roll: Roll,
    window: Window,
    tie_break: TieBreak,
    block: int = BLOCK,
    observe: Callable[[Results, Block], None] | None = None,
) -> Iterator[Results]:
    """As :func:`score`, in blocks of producers: memory stays flat, the columns stay in the cache.

    `observe` is handed each block's results and readings before they are let go (kept for what-if).
    """
    if len(roll) > MOST_PRODUCERS:
        raise ValueError(f"a shard holds at most {MOST_PRODUCERS} producers")
    shard = Shard(scheme, events, roll, window, tie_break)
    for part in shard.blocks(block):
        mine = roll.part(part.first, part.first + part.size)
        results = Scoring(scheme, part, mine, window).results()
        yield results
        if observe is not None:
            observe(results, part)


class Measured(Protocol):
    """Readings of a block of producers, measured just now or held since a run measured them."""

    def reading(self, measure: Measure) -> Reading:
        """The measure's exact value for each producer of the block."""

    def cost(self, number: int) -> Int64s:
        """What the scheme's deduction of that number really cost each producer, in hundredths."""


class Judged(NamedTuple):
    """What the points come to: columns of :class:`rating.engine.columns.Results`."""

    base: Int64s
    bonus: Int64s
    deductions: Int64s
    score: Int64s
    grade: Int8s
    vetoes: Int64s
    status: Int64s


class Scoring:
    """One block of producers on its way from readings to a grade."""

    def __init__(self, scheme: Scheme, block: Measured, roll: Roll, window: Window) -> None:
        self.scheme = scheme
        self.block = block
        self.roll = roll
        self.window = window
        size, columns = len(roll), len(scheme.columns)
        self.organised: Bools = roll.kind <= int(LAST_ORGANISED)
        self.registered_days = window.end - roll.registered.astype(np.int64)
        self.points = np.zeros((columns, size), np.int32)
        self.readings = np.empty((columns, size), np.int64)
        self.able = np.zeros(size, np.int64)

    def results(self) -> Results:
        """Points, score, grade and status of the block's producers."""
        judged = self.judged()
        return Results(
            producer=self.roll.producer,
            points=np.ascontiguousarray(self.points.T),
            readings=np.ascontiguousarray(self.readings.T),
            base=judged.base.astype(np.int32),
            bonus=judged.bonus.astype(np.int32),
            deductions=np.minimum(judged.deductions, 2**31 - 1).astype(np.int32),
            score=judged.score.astype(np.int32),
            able=self.able.astype(np.int32),
            grade=judged.grade,
            vetoes=judged.vetoes,
            status=judged.status.astype(np.int8),
        )

    def judged(self) -> Judged:
        """Score, grade and status; fills the tables of points and readings on its way."""
        scheme = self.scheme
        excused = self.excused()
        first_bonus = len(scheme.criteria)
        first_deduction = first_bonus + len(scheme.bonus)
        for number, column in enumerate(scheme.criteria + scheme.bonus):
            self.column(number, column, excused, counts=number < first_bonus)
        for number, column in enumerate(scheme.deductions, first_deduction):
            self._deduction(number, column)
        return self.concluded(
            self.total(0, first_bonus),
            self.total(first_bonus, first_deduction),
            self.total(first_deduction, len(scheme.columns)),
        )

    def concluded(self, got: Int64s, bonus: Int64s, deductions: Int64s) -> Judged:
        """What the sums of points come to: of criteria, of bonuses before their cap, of deductions."""
        scheme = self.scheme
        base = scaled(_WHOLE, got, np.maximum(self.able, 1))
        bonus = np.minimum(bonus, scheme.bonus_cap)
        final = self._weighted(np.clip(base + bonus - deductions, 0, _WHOLE))
        vetoes = self.vetoes()
        grade = self._grade(final, deductions, vetoes)
        status = np.where(
            (vetoes != 0) | (grade == len(scheme.grades) - 1), int(Status.pending), int(Status.rated)
        )
        unrated = (vetoes == 0) & self._too_little()
        grade[unrated] = -1
        status[unrated] = int(Status.not_rated)
        return Judged(base, bonus, deductions, final, grade, vetoes, status)

    def excused(self) -> Bools:
        """On whom a duty does not lie: those not organised, and those that paused long enough."""
        if self.scheme.pause is None:
            return ~self.organised
        return ~self.organised | self.holds(self.scheme.pause)

    def holds(self, condition: Condition) -> Bools:
        """For whom a condition is true."""
        return holds(self.block.reading(condition.measure), condition.comparison, condition.threshold)

    def column(self, number: int, column: Criterion, excused: Bools, *, counts: bool) -> None:
        """Points and shown reading of one criterion or bonus; ``counts``: its maximum is part of `able`."""
        reading = self.block.reading(column.measure)
        points = rules.points(column.rule, reading)
        shown = self.shown(reading)
        applicable: Bools | None = None
        if reading.exists is not None:
            missing = ~reading.exists
            points = np.where(missing, column.points if column.when_none is WhenNone.full else 0, points)
            shown[missing] = NO_READING
            if column.when_none is WhenNone.skip:
                applicable = reading.exists
            elif column.when_none is WhenNone.duty:
                applicable = reading.exists | ~excused
        if column.organised_only:
            applicable = self.organised if applicable is None else applicable & self.organised
            shown[~self.organised] = NO_READING
        if applicable is not None:
            points = np.where(applicable, points, NOT_APPLICABLE)
        self.points[number] = points
        self.readings[number] = shown
        if counts:
            self.able += column.points if applicable is None else np.where(applicable, column.points, 0)

    def _deduction(self, number: int, column: Criterion) -> None:
        first = len(self.scheme.columns) - len(self.scheme.deductions)
        self.points[number] = self.block.cost(number - first)
        self.readings[number] = self.shown(self.block.reading(column.measure))

    def shown(self, reading: Reading) -> Int64s:
        """A reading as results keep it, in millionths."""
        return scaled(_MILLION, reading.num, reading.den)

    def total(self, low: int, high: int) -> Int64s:
        """Points of the columns low ≤ i < high together; a criterion that does not apply gives none."""
        part = self.points[low:high]
        found: Int64s = np.where(part == NOT_APPLICABLE, 0, part).sum(axis=0, dtype=np.int64)
        return found

    def _weighted(self, this: Int64s) -> Int64s:
        weight = self.scheme.year_weight
        last = self.roll.last_score.astype(np.int64)
        both = scaled(1, weight * this + (100 - weight) * last, 100)
        return np.where(last == NO_SCORE, this, both)

    def vetoes(self) -> Int64s:
        """Which vetoes hold, as a bit mask in scheme order."""
        mask = np.zeros(len(self.roll), np.int64)
        for bit, veto in enumerate(self.scheme.vetoes):
            held = np.ones(len(self.roll), np.bool_)
            for condition in veto.conditions:
                held &= self.holds(condition)
            mask |= held.astype(np.int64) << bit
        return mask

    def _grade(self, final: Int64s, deductions: Int64s, vetoes: Int64s) -> Int8s:
        grade = np.full(len(self.roll), len(self.scheme.grades) - 1, np.int8)
        for number in reversed(range(len(self.scheme.grades) - 1)):
            level = self.scheme.grades[number]
            reached = final >= level.cut
            for gate in level.gates:
                reached &= self.passes(gate, deductions)
            grade[reached] = number
        for bit, veto in enumerate(self.scheme.vetoes):
            held = vetoes >> bit & 1 == 1
            grade[held] = np.maximum(grade[held], self.scheme.grade_index(veto.grade))
        return grade

    def passes(self, gate: Gate, deductions: Int64s) -> Bools:
        """Who meets a further requirement of a grade; asks for readings that :meth:`results` has made."""
        if gate.condition is not None:
            return self.holds(gate.condition)
        if gate.deductions_at_most is not None:
            return np.asarray(deductions <= gate.deductions_at_most)
        if gate.registered_days is not None:
            return np.asarray(self.registered_days >= gate.registered_days)
        return np.asarray(self.readings[self.scheme.column_index(gate.reading_of)] != NO_READING)

    def _too_little(self) -> Bools:
        found: Bools = np.logical_or.reduce(list(self.shortcomings().values()))
        return found

    def shortcomings(self) -> dict[str, Bools]:
        """Whether there is too little to rate on, by what is too little (contract, "Not rated")."""
        evidence = self.scheme.evidence
        found: dict[str, Bools] = {
            "able": self.able < evidence.able_at_least,
            "registered": self.registered_days < evidence.registered_days,
        }
        if evidence.record_group:
            rows = [self.scheme.column_index(code) for code in evidence.record_group]
            found["records"] = (self.points[rows] == NOT_APPLICABLE).all(axis=0)
        if evidence.check_group:
            rows = [self.scheme.column_index(code) for code in evidence.check_group]
            found["checks"] = (self.readings[rows] == NO_READING).all(axis=0)
        return found
