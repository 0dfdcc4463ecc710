"""The columns the engine works on. Integers only.

An event is packed into one int64 so that counting, summing, maxima and medians are one sort of one array:

    position in the roll 23 bits | window 2 | kind 8 | outcome 2 | value code 28      (sign bit 0)

A value code is 0 for "no value", else value + BIAS; values too large for that have codes from WIDE up, in
the order of their size, and stand in `Events.wide`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .scheme import Outcome, Span

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Int8s = NDArray[np.int8]
Bools = NDArray[np.bool_]

NO_VALUE = -(2**63)
NO_READING = -(2**63)
NO_SCORE = -(2**31)
NOT_APPLICABLE = -(2**31)
NO_END = 2**31 - 1

VALUE_BITS = 28
OUTCOME_SHIFT = VALUE_BITS
KIND_SHIFT = OUTCOME_SHIFT + 2
SPAN_SHIFT = KIND_SHIFT + 8
ROLL_SHIFT = SPAN_SHIFT + 2
MOST_KINDS = 0xFF
MOST_PRODUCERS = 1 << (63 - ROLL_SHIFT)
BIAS = 101  # −1.00 is the least value the contract allows and becomes code 1
WIDE = 1 << (VALUE_BITS - 1)
VALUE_MASK = (1 << VALUE_BITS) - 1

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def day_of(number: int) -> date:
    """The date of a day number."""
    return date.fromordinal(number + _EPOCH)


@dataclass(frozen=True)
class Window:
    """First and last day of the rated period, as day numbers; `end` is D of the contract."""

    start: int
    end: int

    @classmethod
    def year(cls, year: int) -> Window:
        """The calendar year."""
        return cls(day_number(date(year, 1, 1)), day_number(date(year, 12, 31)))

    @classmethod
    def rolling(cls, day: date) -> Window:
        """The 365 days that end on `day` (live score)."""
        end = day_number(day)
        return cls(end - 364, end)

    @property
    def first_day(self) -> date:
        return day_of(self.start)

    @property
    def last_day(self) -> date:
        return day_of(self.end)


@dataclass(frozen=True)
class Roll:
    """The producers to rate and their frozen attributes, sorted by id.

    `kind`, `nature` are numbers of scheme.ProducerKind and ProducerNature; `registered` day numbers;
    `last_score` hundredths of last year's score when it was rated by the same scheme, else NO_SCORE.
    """

    producer: Int64s
    kind: Int8s
    nature: Int8s
    registered: Int32s
    last_score: Int32s

    def __len__(self) -> int:
        return len(self.producer)

    def part(self, low: int, high: int) -> Roll:
        """Producers at positions low ≤ i < high."""
        return Roll(
            self.producer[low:high],
            self.kind[low:high],
            self.nature[low:high],
            self.registered[low:high],
            self.last_score[low:high],
        )


def _none() -> Int64s:
    return np.empty(0, np.int64)


@dataclass(frozen=True)
class Dated:
    """Events whose day matters (latest, age, months): packed event and day number."""

    packed: Int64s = field(default_factory=_none)
    occurred: Int32s = field(default_factory=lambda: np.empty(0, np.int32))


@dataclass(frozen=True)
class Incidents:
    """Events whose incident matters: `incident` is a 64-bit hash of its id, 0 for an event without one."""

    packed: Int64s = field(default_factory=_none)
    incident: Int64s = field(default_factory=_none)
    event: Int64s = field(default_factory=_none)


@dataclass(frozen=True)
class Events:
    """Everything the scheme needs to know of the ledger (`needs.Needs`); an event may be in several."""

    plain: Int64s = field(default_factory=_none)
    dated: Dated = field(default_factory=Dated)
    incidents: Incidents = field(default_factory=Incidents)
    wide: Int64s = field(default_factory=_none)


@dataclass(frozen=True)
class Tie:
    """Latest events of one producer, kind and window that fall on one day and differ: which is last is open.

    `span` says in which window they stand, `needs_value` whether only events with a value take part
    (`latest`), or only those that passed or failed (`latest_outcome`).
    """

    producer: int
    kind: int
    span: Span
    occurred: int
    needs_value: bool


@dataclass(frozen=True)
class TieWinner:
    """The last of tied events by (recorded_at, uid): its outcome and its value (NO_VALUE if it has none)."""

    outcome: Outcome
    value: int


@dataclass
class Results:
    """One row a producer. `points` and `readings` have a column for each of `Scheme.columns`.

    points: hundredths, NOT_APPLICABLE where a criterion does not apply · readings: millionths rounded half
    up, NO_READING where there is none · base, bonus (after its cap), deductions, score, able: hundredths ·
    grade: index in `Scheme.grades`, −1 when not rated · vetoes: bit mask in scheme order · status: `Status`.
    """

    producer: Int64s
    points: Int32s
    readings: Int64s
    base: Int32s
    bonus: Int32s
    deductions: Int32s
    score: Int32s
    able: Int32s
    grade: Int8s
    vetoes: Int64s
    status: Int8s

    def __len__(self) -> int:
        return len(self.producer)
