"""What a rating scheme is, once its document has been read and found good.

All points and thresholds are integer hundredths ("8" points = 800, "0.95" = 95); days are whole days. Nothing
in the engine ever holds a float. Documents are read and refused by :mod:`rating.engine.parsing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from functools import cached_property
from typing import Any


class Span(IntEnum):
    """Which events a measure looks at (ledger contract, "Windows")."""

    year = 0
    ever = 1
    valid = 2


class Outcome(IntEnum):
    """Outcome of an event as stored in the ledger."""

    none = 0
    passed = 1
    failed = 2


class ProducerKind(IntEnum):
    """Kinds of producer; the first four are the organised ones (criteria that apply to `org`, duties)."""

    enterprise = 1
    cooperative = 2
    collective = 3
    service_organisation = 4
    family_farm = 5
    large_household = 6
    smallholder = 7


LAST_ORGANISED = ProducerKind.service_organisation


class ProducerNature(IntEnum):
    """Legal nature of a producer."""

    legal_person = 1
    unincorporated = 2
    individual_business = 3
    natural_person = 4


class Measuring(Enum):
    """The closed vocabulary of measures."""

    count = "count"
    sum = "sum"
    share = "share"
    ratio = "ratio"
    mean = "mean"
    median = "median"
    latest = "latest"
    latest_outcome = "latest_outcome"
    age = "age"
    best = "best"
    months = "months"
    incidents = "incidents"


@dataclass(frozen=True)
class Selection:
    """Events of some kinds (ledger numbers), optionally of one outcome, within one window."""

    kinds: tuple[int, ...]
    names: tuple[str, ...]
    outcome: Outcome | None
    span: Span


@dataclass(frozen=True)
class Measure:
    """A measure over a selection, or the ratio of two measures.

    Readings are kept by measure, which asks for its hash thousands of times a score: it is reckoned once.
    """

    op: Measuring
    selection: Selection | None = None
    parts: tuple[Measure, ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.op, self.selection, self.parts))

    @property
    def selected(self) -> Selection:
        """What the measure reads; TypeError for a ratio, which reads only through its parts."""
        if self.selection is None:
            raise TypeError("a ratio selects no events of its own")
        return self.selection

    def leaves(self) -> tuple[Measure, ...]:
        """The measures that read events: this one, or the two parts of a ratio."""
        return self.parts if self.op is Measuring.ratio else (self,)


class Comparison(StrEnum):
    """How a reading is compared with a threshold."""

    at_least = "at_least"
    above = "above"
    at_most = "at_most"
    below = "below"


@dataclass(frozen=True)
class Condition:
    """A measure compared with a threshold in hundredths; false when the measure is none."""

    measure: Measure
    comparison: Comparison
    threshold: int


@dataclass(frozen=True)
class Scale:
    """points × min(1, reading); 0 where the reading is below `zero_below`."""

    points: int
    zero_below: int | None = None


@dataclass(frozen=True)
class Band:
    comparison: Comparison
    threshold: int
    points: int


@dataclass(frozen=True)
class Bands:
    """The first band that holds, else `otherwise`."""

    bands: tuple[Band, ...]
    otherwise: int


@dataclass(frozen=True)
class Flag:
    """All points when the measure is true (reading ≥ 1: count ≥ 1, outcome pass)."""

    points: int


@dataclass(frozen=True)
class Lose:
    """points − each × count, never below 0."""

    points: int
    each: int


@dataclass(frozen=True)
class Per:
    """each × reading, at most `cap`."""

    each: int
    cap: int | None = None


Rule = Scale | Bands | Flag | Lose | Per


class WhenNone(StrEnum):
    """What a criterion gives when there is nothing to measure."""

    skip = "skip"
    full = "full"
    zero = "zero"
    duty = "duty"


@dataclass(frozen=True)
class Criterion:
    """One criterion, bonus or deduction. `points` is its declared maximum (0 for deductions).

    `listed` is False for the rare deduction that `ratings.csv` shows only in the total (contract, hz-r1).
    """

    code: str
    name: str
    indicator: str
    points: int
    measure: Measure
    rule: Rule
    when_none: WhenNone
    organised_only: bool
    clause: str
    explanation: str = ""
    listed: bool = True


@dataclass(frozen=True)
class Indicator:
    """A dimension; `parent` names the first-level indicator of a second-level one ("" at the top)."""

    code: str
    name: str
    points: int
    parent: str = ""


@dataclass(frozen=True)
class Veto:
    """A fact that fixes the grade, whatever the points. All conditions must hold."""

    code: str
    name: str
    grade: str
    conditions: tuple[Condition, ...]
    sources: tuple[str, ...]
    clause: str


@dataclass(frozen=True)
class Gate:
    """One further requirement of a grade; exactly one of the fields is given."""

    name: str
    condition: Condition | None = None
    deductions_at_most: int | None = None
    reading_of: str = ""
    registered_days: int | None = None


@dataclass(frozen=True)
class Grade:
    """A grade: given from `cut` hundredths upwards (0 for the lowest) when its gates hold."""

    code: str
    cut: int
    word: str
    meaning: str
    colour: str
    ink: str
    shape: str
    gates: tuple[Gate, ...] = ()


@dataclass(frozen=True)
class Supervision:
    """What a grade (or "not_rated") means for supervision: visits a year, sampling ratio in hundredths."""

    grade: str
    risk: str
    visits: int
    sampling: int
    monthly_follow_up: bool
    note: str


@dataclass(frozen=True)
class RiskFlag:
    """A fact beside the grade that raises supervision; `visits` None: no limit (lawful lists only)."""

    flag: str
    risk: str
    visits: int | None
    sampling: int
    monthly_follow_up: bool
    note: str


@dataclass(frozen=True)
class Evidence:
    """When there is too little to rate on."""

    able_at_least: int
    registered_days: int
    record_group: tuple[str, ...]
    check_group: tuple[str, ...]


@dataclass(frozen=True)
class Scheme:
    """A whole scheme. Grades stand from the highest to the lowest."""

    code: str
    name: str
    version: str
    sha256: str
    note: str
    points: int
    grades: tuple[Grade, ...]
    indicators: tuple[Indicator, ...]
    criteria: tuple[Criterion, ...]
    bonus: tuple[Criterion, ...]
    bonus_cap: int
    deductions: tuple[Criterion, ...]
    vetoes: tuple[Veto, ...]
    evidence: Evidence
    pause: Condition | None
    year_weight: int
    supervision: tuple[Supervision, ...]
    flags: tuple[RiskFlag, ...]
    document: dict[str, Any]

    @property
    def columns(self) -> tuple[Criterion, ...]:
        """Criteria, bonus and deductions in table order: the order of every points and readings row."""
        return self.criteria + self.bonus + self.deductions

    @property
    def lowest(self) -> Grade:
        """The grade at the bottom, which takes effect only by decision."""
        return self.grades[-1]

    def grade_index(self, code: str) -> int:
        """Position of a grade, 0 = the highest."""
        return next(index for index, grade in enumerate(self.grades) if grade.code == code)

    def column_index(self, code: str) -> int:
        """Position of a criterion, bonus or deduction in `columns`."""
        return next(index for index, column in enumerate(self.columns) if column.code == code)

    def veto_codes(self, mask: int) -> tuple[str, ...]:
        """Codes of the vetoes whose bit is set in `mask` (bit 0 = the first veto), in table order."""
        return tuple(veto.code for bit, veto in enumerate(self.vetoes) if mask >> bit & 1)

    def supervision_of(self, grade: str) -> Supervision:
        """Supervision for a grade code; "" (not rated) gives the row of "not_rated"."""
        wanted = grade or "not_rated"
        return next(row for row in self.supervision if row.grade == wanted)
