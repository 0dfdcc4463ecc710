"""What the phrases of a table's ``reads`` column measure in one producer's events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tests.rating.reference.events import Fact, incident_of


@dataclass(frozen=True)
class Window:
    """``end`` is D; ``start`` is the first day of ``year``."""

    start: date
    end: date

    @classmethod
    def of_year(cls, year: int) -> Window:
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def live(cls, day: date) -> Window:
        return cls(day - timedelta(days=364), day)

    def holds(self, fact: Fact, window: str) -> bool:
        if fact.occurred_on > self.end:
            return False
        if window == "year":
            return fact.occurred_on >= self.start
        return window == "ever" or fact.valid_until is None or fact.valid_until >= self.end


def measure(reads: str, window: str, facts: Iterable[Fact], days: Window) -> Fraction | None:
    """What the phrase in a table's ``reads`` column measures, or None when there is nothing to measure."""
    facts = list(facts)
    reads = re.sub(r" \((?!sum|count|months|mean)[^()]*\)", "", reads).strip()
    if match := re.fullmatch(r"ratio\((.+), (.+)\)", reads):
        first, second = (measure(part, window, facts, days) for part in match.groups())
        if second:
            return (first or Fraction(0)) / second
        return Fraction(1) if first else None
    name, kind, *rest = reads.split()
    outcome = rest[0] if rest and rest[0] in ("pass", "fail") else ""
    chosen = [
        fact
        for fact in facts
        if fact.kind == kind and days.holds(fact, window) and (not outcome or fact.outcome == outcome)
    ]
    return MEASURES[name](chosen, days)


def _values(facts: list[Fact]) -> list[Fraction]:
    return [fact.value for fact in facts if fact.value is not None]


def _last(facts: list[Fact]) -> Fact | None:
    return max(facts, key=lambda fact: (fact.occurred_on, fact.recorded_at, fact.uid), default=None)


def _share(facts: list[Fact], days: Window) -> Fraction | None:
    passed = sum(fact.outcome == "pass" for fact in facts)
    failed = sum(fact.outcome == "fail" for fact in facts)
    return Fraction(passed, passed + failed) if passed + failed else None


def _median(facts: list[Fact], days: Window) -> Fraction | None:
    values = sorted(_values(facts))
    if not values:
        return None
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def _mean(facts: list[Fact], days: Window) -> Fraction | None:
    values = _values(facts)
    return sum(values, Fraction(0)) / len(values) if values else None


def _latest(facts: list[Fact], days: Window) -> Fraction | None:
    last = _last([fact for fact in facts if fact.value is not None])
    return last.value if last else None


def _latest_outcome(facts: list[Fact], days: Window) -> Fraction | None:
    last = _last([fact for fact in facts if fact.outcome in ("pass", "fail")])
    return Fraction(last.outcome == "pass") if last else None


def _age(facts: list[Fact], days: Window) -> Fraction | None:
    last = _last(facts)
    return Fraction((days.end - last.occurred_on).days) if last else None


MEASURES: dict[str, Callable[[list[Fact], Window], Fraction | None]] = {
    "count": lambda facts, days: Fraction(len(facts)),
    "sum": lambda facts, days: sum(_values(facts), Fraction(0)),
    "best": lambda facts, days: max(_values(facts), default=None),
    "share": _share,
    "mean": _mean,
    "median": _median,
    "latest": _latest,
    "latest_outcome": _latest_outcome,
    "age": _age,
    "months": lambda facts, days: Fraction(len({(f.occurred_on.year, f.occurred_on.month) for f in facts})),
    "incidents": lambda facts, days: Fraction(len({incident_of(fact) for fact in facts})),
}
