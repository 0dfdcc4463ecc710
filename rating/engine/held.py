"""Scoring over readings that a run has held: another scheme over the same facts, the ledger unread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .columns import Int64s
from .exact import Reading
from .scheme import Measure
from .score import Scoring


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
