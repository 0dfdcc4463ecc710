"""One producer many times over: what its result would be if certain facts were added to the ledger.

Every copy goes through the engine itself, so an assumption that pays off here pays off in a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import (
    NO_END,
    ROLL_SHIFT,
    Bools,
    Dated,
    Events,
    Incidents,
    Int64s,
    Results,
    Roll,
    Tie,
    TieWinner,
    Window,
)
from .days import TieBreak
from .lines import Line, gather, takes_part
from .measures import Shard
from .scheme import Gate, Outcome, Scheme
from .score import BLOCK, Scoring

_FIRST_EVENT = 2**50  # numbers no ledger reaches, so that assumed events are incidents of their own
_LATEST = 2**62
#: Events of all copies in memory at once.
_AT_ONCE = 2_000_000

Times = NDArray[np.int64]


@dataclass(frozen=True)
class Fact:
    """A fact that an act would add: dated on the window's last day; ``once`` however often it is done."""

    kind: int
    outcome: Outcome
    value: int
    once: bool = False


@dataclass(frozen=True)
class Act:
    """Something a producer can do: ``effort`` in minutes each time, ``steps`` how often it may be done."""

    code: str
    effort: int
    steps: tuple[int, ...]
    facts: tuple[Fact, ...]

    @property
    def kinds(self) -> frozenset[int]:
        """Ledger numbers of the kinds it adds."""
        return frozenset(fact.kind for fact in self.facts)


@dataclass(frozen=True)
class Assumption:
    """Results of the copies, and which of the scheme's gates each would pass, in :func:`gates` order."""

    results: Results
    passed: Bools


def gates(scheme: Scheme) -> tuple[Gate, ...]:
    """Every gate of every grade, the highest grade's first."""
    return tuple(gate for grade in scheme.grades for gate in grade.gates)


class Copies:
    """The producer of a one-row roll with its counting lines, ready to be assumed about."""

    def __init__(
        self, scheme: Scheme, lines: Sequence[Line], roll: Roll, window: Window, acts: Sequence[Act]
    ) -> None:
        """ValueError unless the roll holds exactly one producer."""
        if len(roll) != 1:
            raise ValueError("one producer is assumed about at a time")
        self.scheme, self.lines, self.roll, self.window, self.acts = scheme, lines, roll, window, acts
        self.base, _ = gather(scheme, {int(roll.producer[0]): lines}, roll, window)
        self.added = [[self._template(fact) for fact in act.facts] for act in acts]

    def _template(self, fact: Fact) -> Events:
        line = self._line(fact)
        return gather(self.scheme, {int(self.roll.producer[0]): [line]}, self.roll, self.window)[0]

    def _line(self, fact: Fact) -> Line:
        return Line(0, "", fact.kind, fact.outcome, fact.value, self.window.end, _LATEST, NO_END)

    def assume(self, times: Times) -> Assumption:
        """Each row of ``times`` says how often every act is done; one result a row."""
        size = max(1, _AT_ONCE // (len(self.base.plain) + int(times.sum(axis=1).max(initial=0)) * 8 + 1))
        parts = [self._part(times[first : first + size]) for first in range(0, len(times), size)]
        names = Results.__dataclass_fields__
        joined = {name: np.concatenate([getattr(part.results, name) for part in parts]) for name in names}
        return Assumption(Results(**joined), np.concatenate([part.passed for part in parts]))

    def _part(self, times: Times) -> Assumption:
        roll = self._rolled(len(times))
        shard = Shard(self.scheme, self._events(times), roll, self.window, self._tie_break(times))
        found, passed = [], []
        for block in shard.blocks(BLOCK):
            mine = roll.part(block.first, block.first + block.size)
            scoring = Scoring(self.scheme, block, mine, self.window)
            results = scoring.results()
            deductions = results.deductions.astype(np.int64)
            asked = [scoring.passes(gate, deductions) for gate in gates(self.scheme)]
            passed.append(np.column_stack(asked) if asked else np.zeros((block.size, 0), np.bool_))
            found.append(results)
        names = Results.__dataclass_fields__
        return Assumption(
            Results(**{name: np.concatenate([getattr(part, name) for part in found]) for name in names}),
            np.concatenate(passed),
        )

    def _rolled(self, size: int) -> Roll:
        one = self.roll
        return Roll(
            np.arange(size, dtype=np.int64),
            np.repeat(one.kind, size),
            np.repeat(one.nature, size),
            np.repeat(one.registered, size),
            np.repeat(one.last_score, size),
        )

    def _events(self, times: Times) -> Events:
        copies = np.arange(len(times), dtype=np.int64)
        base = self.base
        plain, dated, incidents = (
            [_tiled(column, copies)] for column in (base.plain, base.dated.packed, base.incidents.packed)
        )
        days = [np.tile(base.dated.occurred, len(copies))]
        own = [np.tile(base.incidents.incident, len(copies))]
        numbers = [np.tile(base.incidents.event, len(copies))]
        for act, templates in enumerate(self.added):
            for fact, one in zip(self.acts[act].facts, templates, strict=True):
                done = np.minimum(times[:, act], 1) if fact.once else times[:, act]
                where = np.repeat(copies, done)
                plain.append(_tiled(one.plain, where))
                dated.append(_tiled(one.dated.packed, where))
                days.append(np.tile(one.dated.occurred, len(where)))
                incidents.append(_tiled(one.incidents.packed, where))
                own.append(np.zeros(len(incidents[-1]), np.int64))
                first = _FIRST_EVENT + sum(map(len, numbers))
                numbers.append(first + np.arange(len(own[-1]), dtype=np.int64))
        return Events(
            plain=np.concatenate(plain),
            dated=Dated(np.concatenate(dated), np.concatenate(days)),
            incidents=Incidents(np.concatenate(incidents), np.concatenate(own), np.concatenate(numbers)),
            wide=base.wide,
        )

    def _tie_break(self, times: Times) -> TieBreak:
        def winners(ties: Sequence[Tie]) -> list[TieWinner]:
            return [self._winner(tie, times[tie.producer]) for tie in ties]

        return winners

    def _winner(self, tie: Tie, done: NDArray[np.int64]) -> TieWinner:
        facts = [fact for act, often in zip(self.acts, done, strict=True) if often for fact in act.facts]
        lines = [*self.lines, *map(self._line, facts)]
        last = max(
            (line for line in lines if takes_part(line, tie, self.window)), key=lambda line: line.moment
        )
        return TieWinner(last.outcome, last.value)


def _tiled(packed: Int64s, copies: Int64s) -> Int64s:
    """The packed events of position 0, once at each of the positions."""
    found: Int64s = (packed[None, :] | copies[:, None] << ROLL_SHIFT).ravel()
    return found
