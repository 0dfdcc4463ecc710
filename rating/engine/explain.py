"""One producer's result with its reasons: readings, points, what was lost, and the events behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .columns import NO_READING, NO_VALUE, NOT_APPLICABLE, Roll, Window
from .lines import Line, gather, in_span
from .measures import Shard
from .scheme import Criterion, Gate, Grade, Measure, Measuring, Outcome, Per, Scheme, Veto
from .score import Scoring, Status

_OF_VALUES = (Measuring.sum, Measuring.mean, Measuring.median, Measuring.best, Measuring.latest)
_OF_THE_LAST = (Measuring.latest, Measuring.latest_outcome, Measuring.age)
_OF_DECIDED = (Measuring.share, Measuring.latest_outcome)


@dataclass(frozen=True)
class Charge:
    """An event that a deduction matches: its cost in hundredths; whether its incident has no dearer."""

    line: Line
    cost: int
    counts: bool


@dataclass(frozen=True)
class Explained:
    """One criterion, bonus or deduction. Points in hundredths, reading in millionths; None: not
    applicable, none.

    `lost` is what is missing to the maximum (for a deduction: what it cost). `lines` are the events that were
    read, in order of their days; for a deduction `charges` says what each of them cost.
    """

    criterion: Criterion
    points: int | None
    reading: int | None
    lost: int
    lines: tuple[Line, ...]
    charges: tuple[Charge, ...] = ()


@dataclass(frozen=True)
class VetoHeld:
    """A veto that holds, and the events that make it hold."""

    veto: Veto
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class GateAsked:
    """A further requirement of a grade, and whether it is met."""

    gate: Gate
    met: bool


@dataclass(frozen=True)
class GradeWithin:
    """A grade above the computed one: points missing to its line (hundredths), and its requirements."""

    grade: Grade
    missing: int
    gates: tuple[GateAsked, ...]


@dataclass(frozen=True)
class Explanation:
    """A whole result. `grade` is None when not rated; `too_little` then says why (able, registered,
    records, checks).

    `higher` are the grades above, the nearest first. Amounts in hundredths.
    """

    base: int
    bonus: int
    deductions: int
    score: int
    able: int
    grade: Grade | None
    status: Status
    columns: tuple[Explained, ...]
    vetoes: tuple[VetoHeld, ...]
    too_little: tuple[str, ...]
    higher: tuple[GradeWithin, ...]


def explain(scheme: Scheme, lines: Sequence[Line], roll: Roll, window: Window) -> Explanation:
    """Explain the result of the one producer of `roll`, whose counting events are `lines`.

    Computed by the engine itself, so it is the result that the same events gave in a run.
    """
    if len(roll) != 1:
        raise ValueError("one producer is explained at a time")
    return _Explaining(scheme, lines, roll, window).whole()


class _Explaining:
    """The engine run for one producer, and its events sorted out by what read them."""

    def __init__(self, scheme: Scheme, lines: Sequence[Line], roll: Roll, window: Window) -> None:
        self.scheme = scheme
        self.window = window
        self.lines = sorted(lines, key=lambda line: line.moment)
        events, tie_break = gather(scheme, {int(roll.producer[0]): lines}, roll, window)
        [block] = Shard(scheme, events, roll, window, tie_break).blocks(1)
        self.scoring = Scoring(scheme, block, roll, window)
        self.results = self.scoring.results()

    def whole(self) -> Explanation:
        found = self.results
        number = int(found.grade[0])
        status = Status(int(found.status[0]))
        charges = self._charges()
        short = [name for name, held in self.scoring.shortcomings().items() if held[0]]
        return Explanation(
            base=int(found.base[0]),
            bonus=int(found.bonus[0]),
            deductions=int(found.deductions[0]),
            score=int(found.score[0]),
            able=int(found.able[0]),
            grade=self.scheme.grades[number] if number >= 0 else None,
            status=status,
            columns=tuple(self._column(at, charges) for at in range(len(self.scheme.columns))),
            vetoes=tuple(self._vetoes()),
            too_little=tuple(short) if status is Status.not_rated else (),
            higher=tuple(self._above(grade) for grade in reversed(self.scheme.grades[: max(number, 0)])),
        )

    def _column(self, at: int, charges: dict[str, list[Charge]]) -> Explained:
        column = self.scheme.columns[at]
        points, reading = int(self.results.points[0, at]), int(self.results.readings[0, at])
        applicable = points != NOT_APPLICABLE
        own = charges.get(column.code, [])
        lost = points if column in self.scheme.deductions else column.points - points
        return Explained(
            criterion=column,
            points=points if applicable else None,
            reading=reading if reading != NO_READING else None,
            lost=lost if applicable else 0,
            lines=tuple(self._read_by(column.measure)) if applicable else (),
            charges=tuple(own),
        )

    def _read_by(self, measure: Measure) -> list[Line]:
        """The events that a measure looked at, in order; only the last where only it counts."""
        if measure.op is Measuring.ratio:
            both = {line.event: line for part in measure.parts for line in self._read_by(part)}
            return sorted(both.values(), key=lambda line: line.moment)
        found = [line for line in self.lines if self._reads(measure, line)]
        return found[-1:] if measure.op in _OF_THE_LAST else found

    def _reads(self, measure: Measure, line: Line) -> bool:
        selection = measure.selected
        return (
            line.kind in selection.kinds
            and in_span(line, selection.span, self.window)
            and selection.outcome in (None, line.outcome)
            and (measure.op not in _OF_VALUES or line.value != NO_VALUE)
            and (measure.op not in _OF_DECIDED or line.outcome is not Outcome.none)
        )

    def _charges(self) -> dict[str, list[Charge]]:
        """What each deducting event would cost. Of one incident the dearest counts, of equally dear ones the
        first criterion's, and of that the event with the lowest uid."""
        rows = [
            (-_cost(column, line), order, line.uid, column.code, line)
            for order, column in enumerate(self.scheme.deductions)
            for line in self._matching(column)
        ]
        charged: set[str] = set()
        found: dict[str, list[Charge]] = {}
        for negative, _, _, code, line in sorted(rows, key=lambda row: row[:3]):
            counts = line.incident_key not in charged
            charged.add(line.incident_key)
            found.setdefault(code, []).append(Charge(line, -negative, counts))
        return found

    def _matching(self, column: Criterion) -> list[Line]:
        """As `_read_by`, and events without the value that is summed too: they cost 0."""
        selection = column.measure.selected
        return self._read_by(Measure(Measuring.count, selection))

    def _vetoes(self) -> Iterator[VetoHeld]:
        mask = int(self.results.vetoes[0])
        for bit, veto in enumerate(self.scheme.vetoes):
            if mask >> bit & 1:
                lines = {line.event: line for each in veto.conditions for line in self._read_by(each.measure)}
                yield VetoHeld(veto, tuple(sorted(lines.values(), key=lambda line: line.moment)))

    def _above(self, grade: Grade) -> GradeWithin:
        deductions = self.results.deductions.astype(np.int64)
        gates = (GateAsked(gate, bool(self.scoring.passes(gate, deductions)[0])) for gate in grade.gates)
        return GradeWithin(grade, max(grade.cut - int(self.results.score[0]), 0), tuple(gates))


def _cost(column: Criterion, line: Line) -> int:
    if not isinstance(column.rule, Per):
        raise TypeError(f"{column.code}: a deduction costs so much per event")
    if column.measure.op is Measuring.count:
        return column.rule.each
    value = 0 if line.value == NO_VALUE else line.value
    return (2 * column.rule.each * value + 100) // 200
