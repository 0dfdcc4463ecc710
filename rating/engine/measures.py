"""From events to readings: every measure of the vocabulary, exact, for a block of producers at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from . import days, incidents
from .columns import Events, Int64s, Roll, Window
from .days import Last, TieBreak
from .exact import Reading
from .needs import measures, needs_of
from .scheme import Measure, Measuring, Outcome, Scheme
from .tallies import CellPlan, Tallies, block_bounds

_LAST = (Measuring.latest, Measuring.latest_outcome, Measuring.age)


class Shard:
    """All events of a roll, ready to be measured block by block; what is rare is measured at once."""

    def __init__(
        self, scheme: Scheme, events: Events, roll: Roll, window: Window, tie_break: TieBreak
    ) -> None:
        self.size = len(roll)
        self.window = window
        self.wide = events.wide
        self.packed = events.plain
        self.packed.sort()
        self.plan = CellPlan(needs_of(scheme))
        self.last: dict[Measure, Last] = {}
        self.numbers: dict[Measure, Int64s] = {}
        for measure in set(measures(scheme)):
            self._measure_rare(measure, events, roll, tie_break)
        self.deductions = incidents.deductions(scheme.deductions, events.incidents, events.wide, self.size)

    def _measure_rare(self, measure: Measure, events: Events, roll: Roll, tie_break: TieBreak) -> None:
        if measure.op in _LAST:
            self.last[measure] = Last(
                measure.op, measure.selected, events.dated, events.wide, roll, tie_break
            )
        elif measure.op is Measuring.months:
            self.numbers[measure] = days.months(events.dated, measure.selected, self.size)
        elif measure.op is Measuring.incidents:
            self.numbers[measure] = incidents.distinct(events.incidents, measure.selected, self.size)

    def blocks(self, block: int) -> Iterator[Block]:
        """The producers in blocks of at most `block`, one at a time: what a block holds goes with it."""
        bounds = block_bounds(self.packed, self.size, block)
        for number, (low, high) in enumerate(pairwise(bounds)):
            first = number * block
            yield Block(self, first, min(block, self.size - first), int(low), int(high))
        if not self.size:
            yield Block(self, 0, 0, 0, 0)


class Block:
    """A few thousand neighbouring producers and how each measure reads for them (each taken once)."""

    def __init__(self, shard: Shard, first: int, size: int, low: int, high: int) -> None:
        self.shard = shard
        self.first = first
        self.size = size
        self._bounds = (low, high)
        self._taken: dict[Measure, Reading] = {}
        self._tallies: Tallies | None = None

    @property
    def part(self) -> slice:
        """The block's producers in the shard."""
        return slice(self.first, self.first + self.size)

    @property
    def tallies(self) -> Tallies:
        if self._tallies is None:
            low, high = self._bounds
            packed = self.shard.packed[low:high]
            self._tallies = Tallies(self.shard.plan, packed, self.shard.wide, self.first, self.size)
        return self._tallies

    def reading(self, measure: Measure) -> Reading:
        """The measure's exact value for each producer of the block."""
        if measure not in self._taken:
            self._taken[measure] = _TAKERS[measure.op](self, measure)
        return self._taken[measure]

    def cost(self, number: int) -> Int64s:
        """What a deduction really cost each producer of the block, in hundredths."""
        found: Int64s = self.shard.deductions[number, self.part]
        return found


def _count(block: Block, measure: Measure) -> Reading:
    return Reading(block.tallies.count(measure.selected), 1)


def _sum(block: Block, measure: Measure) -> Reading:
    return Reading(block.tallies.sum(measure.selected), 100)


def _share(block: Block, measure: Measure) -> Reading:
    passed = block.tallies.of_outcome(measure.selected, Outcome.passed)
    decided = passed + block.tallies.of_outcome(measure.selected, Outcome.failed)
    return Reading(passed, np.maximum(decided, 1), decided > 0)


def _ratio(block: Block, measure: Measure) -> Reading:
    above, below = (_in_hundredths(block, part) for part in measure.parts)
    only_below = (below == 0) & (above > 0)
    exists = (below > 0) | only_below
    return Reading(np.where(only_below, 1, above), np.where(below > 0, below, 1), exists)


def _in_hundredths(block: Block, measure: Measure) -> Int64s:
    """A count or a sum (all that a ratio divides) in hundredths."""
    found = block.reading(measure).num
    return found if measure.op is Measuring.sum else found * 100


def _mean(block: Block, measure: Measure) -> Reading:
    number = block.tallies.with_value(measure.selected)
    return Reading(block.tallies.sum(measure.selected), np.maximum(number, 1) * 100, number > 0)


def _median(block: Block, measure: Measure) -> Reading:
    both, exists = block.tallies.middle_two(measure.selected)
    return Reading(both, 200, exists)


def _best(block: Block, measure: Measure) -> Reading:
    most, exists = block.tallies.most(measure.selected)
    return Reading(most, 100, exists)


def _latest(block: Block, measure: Measure) -> Reading:
    last = block.shard.last[measure]
    return Reading(last.value[block.part], 100, last.exists[block.part])


def _latest_outcome(block: Block, measure: Measure) -> Reading:
    last = block.shard.last[measure]
    return Reading(last.value[block.part], 1, last.exists[block.part])


def _age(block: Block, measure: Measure) -> Reading:
    last = block.shard.last[measure]
    exists = last.exists[block.part]
    return Reading(np.where(exists, block.shard.window.end - last.value[block.part], 0), 1, exists)


def _number(block: Block, measure: Measure) -> Reading:
    return Reading(block.shard.numbers[measure][block.part], 1)


_TAKERS: dict[Measuring, Callable[[Block, Measure], Reading]] = {
    Measuring.count: _count,
    Measuring.sum: _sum,
    Measuring.share: _share,
    Measuring.ratio: _ratio,
    Measuring.mean: _mean,
    Measuring.median: _median,
    Measuring.latest: _latest,
    Measuring.latest_outcome: _latest_outcome,
    Measuring.age: _age,
    Measuring.best: _best,
    Measuring.months: _number,
    Measuring.incidents: _number,
}
