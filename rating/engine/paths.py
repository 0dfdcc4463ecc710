"""The cheapest acts that lift one producer's grade: exact over the acts offered, checked by the engine.

Acts that no measure reads together do not disturb one another. So every group of acts that some measure
reads together is tried in all combinations by the engine, and the groups are put together keeping, of
combinations that are alike in everything else, only those that no cheaper one equals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .assumed import Act, Copies, Times, gates
from .columns import NO_READING, NO_SCORE, NOT_APPLICABLE, Bools, Int64s, Results, Roll, Window
from .exact import scaled
from .lines import Line
from .scheme import Measure, Scheme

_WHOLE = 10000


@dataclass(frozen=True)
class Step:
    """An act, done so many times."""

    act: Act
    times: int

    @property
    def effort(self) -> int:
        """Minutes."""
        return self.act.effort * self.times


@dataclass(frozen=True)
class Path:
    """Steps that lift the grade, with what the engine says of them; ``grade`` is an index in the scheme."""

    steps: tuple[Step, ...]
    effort: int
    score: int
    grade: int


@dataclass(frozen=True)
class Gain:
    """What one act by itself is worth: hundredths of the final score."""

    step: Step
    gain: int


@dataclass(frozen=True)
class _States:
    """Combinations of acts and what they come to; rows of equal position belong together."""

    times: Times
    effort: Int64s
    got: Int64s
    able: Int64s
    bonus: Int64s
    bits: Int64s

    def at(self, chosen: NDArray[np.integer] | Bools) -> _States:
        return _States(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


class Search:
    """The search for one producer; ``acts`` are those that it can still do."""

    def __init__(
        self, scheme: Scheme, lines: Sequence[Line], roll: Roll, window: Window, acts: Sequence[Act]
    ) -> None:
        """Computes nothing but the result as it is."""
        self.scheme, self.roll, self.window, self.acts = scheme, roll, window, tuple(acts)
        self.copies = Copies(scheme, lines, roll, window, self.acts)
        self.now = self.copies.assume(np.zeros((1, len(self.acts)), np.int64)).results

    @property
    def grade(self) -> int:
        """The grade as it is: an index in the scheme, −1 when not rated."""
        return int(self.now.grade[0])

    @property
    def _ceiling(self) -> int:
        """Grades above this index are better than the one that is; the lowest is nobody's aim."""
        return self.grade if self.grade >= 0 else len(self.scheme.grades) - 1

    def cheapest(self) -> Path | None:
        """The least effort that gives a better grade (not rated: any but the lowest); None where no act does.

        A veto is never outweighed by acts, nor is the highest grade bettered.
        """
        if self.grade == 0 or int(self.now.vetoes[0]) or not self.acts:
            return None
        states = self._merged()
        better = states.at(np.flatnonzero(self._better(states)))
        order = np.lexsort(((better.times > 0).sum(axis=1), better.effort))
        for row in order.tolist():
            path = self._checked(better.times[row])
            if path is not None:
                return path
        return None

    def gains(self) -> list[Gain]:
        """What each act is worth alone, done as often as pays best by the minute; the best first."""
        rows = [(act, times) for act in range(len(self.acts)) for times in self.acts[act].steps]
        if not rows:
            return []
        table = np.zeros((len(rows), len(self.acts)), np.int64)
        for row, (act, times) in enumerate(rows):
            table[row, act] = times
        scores = self.copies.assume(table).results.score.astype(np.int64) - int(self.now.score[0])
        best: dict[int, Gain] = {}
        for (act, times), gain in zip(rows, scores.tolist(), strict=True):
            found = Gain(Step(self.acts[act], times), gain)
            if gain > 0 and (act not in best or _worth(found) > _worth(best[act])):
                best[act] = found
        return sorted(best.values(), key=_worth, reverse=True)

    def _checked(self, times: Times) -> Path | None:
        found = self.copies.assume(times[None, :]).results
        grade = int(found.grade[0])
        if not 0 <= grade < self._ceiling:
            return None
        steps = tuple(Step(act, int(often)) for act, often in zip(self.acts, times, strict=True) if often)
        return Path(steps, sum(step.effort for step in steps), int(found.score[0]), grade)

    def _merged(self) -> _States:
        merged: _States | None = None
        for group in self._groups():
            states = _pruned(self._tried(group))
            merged = states if merged is None else _pruned(self._both(merged, states))
        if merged is None:
            raise ValueError("there is no act")
        return merged

    def _groups(self) -> list[list[int]]:
        """Acts that some reader (criterion, veto, gate, pause) reads together."""
        groups: list[set[int]] = [{number} for number in range(len(self.acts))]
        for kinds in _readers(self.scheme):
            touched = [group for group in groups if any(self.acts[each].kinds & kinds for each in group)]
            if len(touched) > 1:
                groups = [group for group in groups if group not in touched] + [set().union(*touched)]
        return [sorted(group) for group in groups]

    def _tried(self, group: list[int]) -> _States:
        combinations = list(product(*((0, *self.acts[act].steps) for act in group)))
        times = np.zeros((len(combinations), len(self.acts)), np.int64)
        times[:, group] = np.array(combinations, np.int64)
        assumed = self.copies.assume(times)
        efforts = np.array([act.effort for act in self.acts], np.int64)
        first, last = len(self.scheme.criteria), len(self.scheme.criteria) + len(self.scheme.bonus)
        points = assumed.results.points
        return _States(
            times,
            times @ efforts,
            _total(points[:, :first]),
            assumed.results.able.astype(np.int64),
            _total(points[:, first:last]),
            self._bits(assumed.results, assumed.passed),
        )

    def _bits(self, results: Results, passed: Bools) -> Int64s:
        """Gates passed, and what the evidence groups ask for, as one number."""
        evidence = self.scheme.evidence
        records = [self.scheme.column_index(code) for code in evidence.record_group]
        checks = [self.scheme.column_index(code) for code in evidence.check_group]
        flags = np.column_stack(
            (passed, results.points[:, records] != NOT_APPLICABLE, results.readings[:, checks] != NO_READING)
        )
        return flags.astype(np.int64) @ (1 << np.arange(flags.shape[1], dtype=np.int64))

    def _both(self, one: _States, other: _States) -> _States:
        """Every combination of both, whose effects add up."""
        left = np.repeat(np.arange(len(one.effort)), len(other.effort))
        right = np.tile(np.arange(len(other.effort)), len(one.effort))
        none = np.flatnonzero(one.effort == 0)[0]
        added = {
            name: getattr(one, name)[left] + getattr(other, name)[right] - getattr(one, name)[none]
            for name in ("got", "able", "bonus")
        }
        return _States(
            times=one.times[left] + other.times[right],
            effort=one.effort[left] + other.effort[right],
            bits=one.bits[left] ^ other.bits[right] ^ one.bits[none],
            **added,
        )

    def _better(self, states: _States) -> Bools:
        """Which combinations give a better grade than the one that is."""
        final = self._final(states)
        reached = np.zeros(len(final), np.bool_)
        bit = 0
        for number, grade in enumerate(self.scheme.grades):
            passes = np.ones(len(final), np.bool_)
            for _ in grade.gates:
                passes &= states.bits >> bit & 1 == 1
                bit += 1
            if number < self._ceiling:
                reached |= passes & (final >= grade.cut)
        return reached & self._enough(states)

    def _final(self, states: _States) -> Int64s:
        base = scaled(_WHOLE, states.got, np.maximum(states.able, 1))
        bonus = np.minimum(states.bonus, self.scheme.bonus_cap)
        this = np.clip(base + bonus - int(self.now.deductions[0]), 0, _WHOLE)
        last, weight = int(self.roll.last_score[0]), self.scheme.year_weight
        return this if last == NO_SCORE else scaled(1, weight * this + (100 - weight) * last, 100)

    def _enough(self, states: _States) -> Bools:
        """Whether there is enough to rate on."""
        evidence, first = self.scheme.evidence, len(gates(self.scheme))
        enough = states.able >= evidence.able_at_least
        if self.window.end - int(self.roll.registered[0]) < evidence.registered_days:
            enough &= False
        for codes in (evidence.record_group, evidence.check_group):
            if codes:
                enough &= states.bits >> first & ((1 << len(codes)) - 1) != 0
            first += len(codes)
        return enough


def _worth(gain: Gain) -> tuple[float, int]:
    return gain.gain / max(gain.step.effort, 1), gain.gain


def _total(points: NDArray[np.int32]) -> Int64s:
    found: Int64s = np.where(points == NOT_APPLICABLE, 0, points).sum(axis=1, dtype=np.int64)
    return found


def _readers(scheme: Scheme) -> Iterator[frozenset[int]]:
    """The kinds that each criterion, veto, gate and the pause read."""
    measures: list[tuple[Measure, ...]] = [(column.measure,) for column in scheme.columns]
    measures += [tuple(condition.measure for condition in veto.conditions) for veto in scheme.vetoes]
    measures += [(gate.condition.measure,) for gate in gates(scheme) if gate.condition]
    measures += [(scheme.pause.measure,)] if scheme.pause else []
    for taken in measures:
        leaves = [leaf for measure in taken for leaf in measure.leaves()]
        yield frozenset(kind for leaf in leaves for kind in leaf.selected.kinds)


def _pruned(states: _States) -> _States:
    """Of states alike in able, bonus and bits only those with more points than every cheaper one."""
    few = (states.times > 0).sum(axis=1)
    order = np.lexsort((few, -states.got, states.effort, states.bonus, states.bits, states.able))
    sorted_ = states.at(order)
    keys = np.column_stack((sorted_.able, sorted_.bits, sorted_.bonus))
    new = np.ones(len(order), np.bool_)
    new[1:] = (keys[1:] != keys[:-1]).any(axis=1)
    group = np.cumsum(new) - 1
    lifted = sorted_.got + group * (int(sorted_.got.max(initial=0)) + 1)
    most = np.maximum.accumulate(lifted)
    kept = new.copy()
    kept[1:] |= lifted[1:] > most[:-1]
    return sorted_.at(np.flatnonzero(kept))
