"""Ledger lines of a few producers made into the engine's columns: for explanations, live scores and tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from .columns import (
    BIAS,
    KIND_SHIFT,
    NO_END,
    NO_VALUE,
    OUTCOME_SHIFT,
    ROLL_SHIFT,
    SPAN_SHIFT,
    WIDE,
    Dated,
    Events,
    Incidents,
    Int64s,
    Roll,
    Tie,
    TieWinner,
    Window,
)
from .days import TieBreak
from .needs import Needs, Wanted, needs_of
from .scheme import Outcome, Scheme, Span


@dataclass(frozen=True)
class Line:
    """One event that counts (neither reversed nor repaired), of one producer after merging.

    `value` in hundredths or NO_VALUE; `occurred` and `valid_until` day numbers (NO_END: no end); `recorded`
    microseconds since 1970 (UTC).
    """

    event: int
    uid: str
    kind: int
    outcome: Outcome
    value: int
    occurred: int
    recorded: int
    valid_until: int = NO_END
    incident: str = ""

    @property
    def incident_key(self) -> str:
        """What tells incidents of one producer apart; an event without one is its own."""
        return f"i{self.incident}" if self.incident else f"e{self.event}"

    @property
    def moment(self) -> tuple[int, int, str]:
        """What decides which of two events is the later one."""
        return (self.occurred, self.recorded, self.uid)


def in_span(line: Line, span: Span, window: Window) -> bool:
    """Whether a line stands in a window."""
    if line.occurred > window.end:
        return False
    if span is Span.year:
        return line.occurred >= window.start
    return span is Span.ever or line.valid_until >= window.end


@dataclass
class _Group:
    """Lines of one of the engine's groups, with the producer's position and the window they stand in."""

    wanted: Wanted
    rows: list[tuple[int, Span, Line]] = field(default_factory=list)

    def offer(self, position: int, line: Line, window: Window) -> None:
        for span in Span:
            if line.outcome in self.wanted.get((span, line.kind), ()) and in_span(line, span, window):
                self.rows.append((position, span, line))

    def packed(self, wide: Int64s) -> Int64s:
        keys = [
            position << ROLL_SHIFT
            | int(span) << SPAN_SHIFT
            | line.kind << KIND_SHIFT
            | int(line.outcome) << OUTCOME_SHIFT
            | _code(line.value, wide)
            for position, span, line in self.rows
        ]
        return np.array(keys, np.int64)


def _code(value: int, wide: Int64s) -> int:
    if value == NO_VALUE:
        return 0
    return value + BIAS if value + BIAS < WIDE else WIDE + int(np.searchsorted(wide, value))


def gather(
    scheme: Scheme, lines: Mapping[int, Sequence[Line]], roll: Roll, window: Window
) -> tuple[Events, TieBreak]:
    """The engine's columns of `lines` by producer id, and the answer to ties among them."""
    needs: Needs = needs_of(scheme)
    plain, dated, incidents = _Group(needs.tally), _Group(needs.dated), _Group(needs.incidents)
    for position, producer in enumerate(roll.producer.tolist()):
        for line in lines.get(producer, ()):
            for group in (plain, dated, incidents):
                group.offer(position, line, window)
    numbers = _incident_numbers(incidents.rows)
    wide = np.unique([line.value for line in _all(lines) if line.value + BIAS >= WIDE]).astype(np.int64)
    events = Events(
        plain=plain.packed(wide),
        dated=Dated(dated.packed(wide), np.array([line.occurred for _, _, line in dated.rows], np.int32)),
        incidents=Incidents(
            incidents.packed(wide),
            np.array([numbers.get(line.incident, 0) for _, _, line in incidents.rows], np.int64),
            np.array([line.event for _, _, line in incidents.rows], np.int64),
        ),
        wide=wide,
    )
    return events, _tie_break(lines, window)


def _all(lines: Mapping[int, Sequence[Line]]) -> Iterator[Line]:
    for own in lines.values():
        yield from own


def _incident_numbers(rows: list[tuple[int, Span, Line]]) -> dict[str, int]:
    named = sorted({line.incident for _, _, line in rows if line.incident})
    return {incident: number for number, incident in enumerate(named, 1)}


def _tie_break(lines: Mapping[int, Sequence[Line]], window: Window) -> TieBreak:
    def winners(ties: Sequence[Tie]) -> list[TieWinner]:
        found = []
        for tie in ties:
            line = max(
                (line for line in lines[tie.producer] if takes_part(line, tie, window)),
                key=lambda line: line.moment,
            )
            found.append(TieWinner(line.outcome, line.value))
        return found

    return winners


def takes_part(line: Line, tie: Tie, window: Window) -> bool:
    """Whether a line is one of the tied ones."""
    read = line.value != NO_VALUE if tie.needs_value else line.outcome is not Outcome.none
    return (
        line.kind == tie.kind and line.occurred == tie.occurred and read and in_span(line, tie.span, window)
    )
