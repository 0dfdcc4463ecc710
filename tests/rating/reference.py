"""A slow, obvious rating, written from ``docs/ledger-contract.md`` and from nothing else.

It reads the two schemes' tables out of that page, keeps everything as fractions, and looks at one producer
at a time. The engine must agree with it to the hundredth; it shares no code with the engine on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path

CONTRACT = Path(__file__).resolve().parents[2] / "docs" / "ledger-contract.md"

ORGANISED = {"enterprise", "cooperative", "collective", "service_organisation"}
NEGATIVE = {
    *("banned.found", "record.forged", "accident.responsible", "inspection.refused", "crime.decided"),
    *(
        "dishonesty.listed",
        "mark.misused",
        "sampling.tested",
        "sampling.exceeded",
        "certificate.contradicted",
    ),
    *("penalty.imposed", "penalty.serious", "penalty.fulfilled", "rectification.due", "cooperation.lacked"),
    *("complaint.upheld", "interval.checked", "scope.checked", "offence.public", "opinion.negative"),
    *("production_accident.occurred", "visit.made", "lead.resolved", "principal.checked", "tax.checked"),
    "finance.checked",
}
# Negative kinds that say pass or fail: only their failures are negative.
TWO_SIDED = {
    *("sampling.tested", "penalty.fulfilled", "rectification.due", "interval.checked", "scope.checked"),
    *("visit.made", "lead.resolved", "principal.checked", "tax.checked", "finance.checked"),
}
RECORD_GROUP = {
    "gd-r1": {"GD201", "GD202", "GD203", "GD204", "GD205"},
    "hz-r1": {"HZ0201", "HZ0202", "HZ0203", "HZ0204", "HZ0205", "HZ0206"},
}
CHECK_GROUP = {"gd-r1": {"GD401", "GD404", "GD601"}, "hz-r1": {"HZ0301", "HZ0304"}}


@dataclass(frozen=True)
class Fact:
    """One row of events.csv; ``value`` is exact."""

    uid: str
    producer: str
    kind: str
    outcome: str
    value: Fraction | None
    occurred_on: date
    valid_until: date | None
    recorded_at: datetime
    incident: str = ""
    reverses: str = ""
    repairs: str = ""


@dataclass(frozen=True)
class Subject:
    """One row of producers.csv, as frozen by the run."""

    producer: str
    kind: str
    region: str
    registered_on: date
    status: str
    merged_into: str = ""
    last_score: Fraction | None = None


@dataclass(frozen=True)
class Row:
    """One row of a scheme's table, as printed."""

    code: str
    max: str
    reads: str
    window: str
    rule: str
    none: str
    applies: str


@dataclass
class Result:
    """One producer's computed result; points and readings by code, ``None`` where the file has nothing."""

    producer: str
    score: Fraction = Fraction(0)
    grade: str = ""
    status: str = ""
    base: Fraction = Fraction(0)
    bonus: Fraction = Fraction(0)
    deductions: Fraction = Fraction(0)
    vetoes: list[str] = field(default_factory=list)
    points: dict[str, Fraction | None] = field(default_factory=dict)
    readings: dict[str, Fraction | None] = field(default_factory=dict)


def half_up(number: Fraction, places: int = 2) -> Fraction:
    """Round half up (towards +∞) to so many decimals."""
    factor = 10**places
    return Fraction((number * factor * 2 + 1) // 2, factor)


@cache
def tables() -> dict[str, list[Row]]:
    """The rows of the two schemes, from the contract's own Markdown."""
    found: dict[str, list[Row]] = {"gd-r1": [], "hz-r1": []}
    scheme = ""
    for line in CONTRACT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            scheme = line[3:].strip()
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if scheme in found and len(cells) == 7 and re.match(r"(GD|HZ)", cells[0]):
            found[scheme].append(Row(*cells))
    return found


# --- which events count ------------------------------------------------------------------------------------


def root_of(producer: str, subjects: dict[str, Subject]) -> str:
    while subjects[producer].status == "merged":
        producer = subjects[producer].merged_into
    return producer


def counting(facts: Sequence[Fact], subjects: dict[str, Subject]) -> dict[str, list[Fact]]:
    """By producer (after merging), the facts that neither a reversal nor a repair has taken back."""
    by_uid = {fact.uid: fact for fact in facts}
    reversed_uids = {fact.reverses for fact in facts if fact.reverses}
    dead = {fact.uid for fact in facts if fact.reverses} | reversed_uids
    repaired: set[tuple[str, str]] = set()
    for fact in facts:
        if fact.repairs and fact.uid not in dead and fact.repairs not in dead:
            target = by_uid[fact.repairs]
            repaired.add((root_of(target.producer, subjects), incident_of(target)))
    kept: dict[str, list[Fact]] = {}
    for fact in facts:
        owner = root_of(fact.producer, subjects)
        if fact.uid in dead or (is_negative(fact) and (owner, incident_of(fact)) in repaired):
            continue
        kept.setdefault(owner, []).append(fact)
    return kept


def incident_of(fact: Fact) -> str:
    return f"i:{fact.incident}" if fact.incident else f"u:{fact.uid}"


def is_negative(fact: Fact) -> bool:
    return fact.kind in NEGATIVE and (fact.kind not in TWO_SIDED or fact.outcome == "fail")


# --- measures ----------------------------------------------------------------------------------------------


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


# --- rules -------------------------------------------------------------------------------------------------


def points(rule: str, reading: Fraction) -> Fraction:
    """Points of one criterion, rounded half up to hundredths."""
    rule = rule.split(";")[0].strip()
    if match := re.fullmatch(r"scale ([\d.]+)(?:, zero below ([\d.]+))?", rule):
        top, floor = Fraction(match[1]), Fraction(match[2] or 0)
        return Fraction(0) if reading < floor else half_up(top * min(Fraction(1), reading))
    if match := re.fullmatch(r"flag ([\d.]+)", rule):
        return Fraction(match[1]) if reading >= 1 else Fraction(0)
    if match := re.fullmatch(r"lose ([\d.]+) − ([\d.]+)n", rule):
        return max(Fraction(0), Fraction(match[1]) - Fraction(match[2]) * reading)
    if match := re.fullmatch(r"per ([\d.]+)(?:, cap ([\d.]+))?", rule):
        earned = half_up(Fraction(match[1]) * reading)
        return min(earned, Fraction(match[2])) if match[2] else earned
    assert rule.startswith("bands "), rule
    for band in rule[6:].split(", "):
        if otherwise := re.fullmatch(r"else ([\d.]+)", band):
            return Fraction(otherwise[1])
        sign, line, worth = re.fullmatch(r"([≥≤>])([\d.]+):([\d.]+)", band).groups()
        held = {"≥": reading >= Fraction(line), "≤": reading <= Fraction(line), ">": reading > Fraction(line)}
        if held[sign]:
            return Fraction(worth)
    raise AssertionError(f"no band of {rule!r} holds")


# --- one producer ------------------------------------------------------------------------------------------


def rate(
    scheme: str, subject: Subject, facts: list[Fact], days: Window, weight: Fraction = Fraction(1)
) -> Result:
    """The computed result of one producer from the facts that count for it."""
    rows = tables()[scheme]
    organised = subject.kind in ORGANISED
    paused = measure("sum production.paused", "year", facts, days)
    result = Result(subject.producer)
    got = able = Fraction(0)
    for row in rows:
        if not row.max.isdigit():
            continue
        reading, earned = _criterion(row, facts, days, organised, exempt=not organised or paused >= 270)
        result.readings[row.code], result.points[row.code] = reading, earned
        if earned is not None:
            got, able = got + earned, able + Fraction(row.max)
    bonus = Fraction(0)
    for row in rows:
        if row.max.startswith("+"):
            reading = measure(row.reads, row.window, facts, days)
            earned = Fraction(0) if reading is None else points(row.rule, reading)
            result.readings[row.code], result.points[row.code] = reading, earned
            bonus += earned
    result.bonus = min(bonus, Fraction(10))
    result.deductions = _deduct(scheme, rows, facts, days, result)
    result.base = half_up(100 * got / able) if able else Fraction(0)
    final = min(max(result.base + result.bonus - result.deductions, Fraction(0)), Fraction(100))
    if subject.last_score is not None:
        final = half_up(weight * final + (1 - weight) * subject.last_score)
    result.score = final
    result.vetoes = _vetoes(scheme, rows, facts, days)
    _grade(scheme, subject, facts, days, able, result)
    return result


def _criterion(
    row: Row, facts: list[Fact], days: Window, organised: bool, *, exempt: bool
) -> tuple[Fraction | None, Fraction | None]:
    if row.applies == "org" and not organised:
        return None, None
    reading = measure(row.reads, row.window, facts, days)
    if reading is not None:
        return reading, points(row.rule, reading)
    missing = {"skip": None, "full": Fraction(row.max), "zero": Fraction(0), "–": Fraction(0)}
    if row.none == "duty":
        return None, None if exempt else Fraction(0)
    return None, missing[row.none]


def _deduct(scheme: str, rows: list[Row], facts: list[Fact], days: Window, result: Result) -> Fraction:
    """Each matching event costs its points; of one incident only the dearest, ties as the contract says."""
    costs: list[tuple[str, str, Fraction, Fact]] = []
    deducting = [(row, row.rule) for row in rows if row.max == "−"]
    if scheme == "hz-r1":
        deducting = [(row, "per 5") for row in rows if "as deduction" in row.rule]
    for row, rule in deducting:
        name, kind, *rest = re.sub(r" \([^()]*\)", "", row.reads).split()
        outcome = rest[0] if rest else ""
        for fact in facts:
            if (
                fact.kind == kind
                and days.holds(fact, row.window)
                and (not outcome or fact.outcome == outcome)
            ):
                reading = (fact.value or Fraction(0)) if name == "sum" else Fraction(1)
                costs.append((row.code, incident_of(fact), points(rule, reading), fact))
    order = {row.code: place for place, (row, _) in enumerate(deducting)}
    paid: dict[str, tuple[str, Fraction]] = {}
    for code, incident, cost, _ in sorted(costs, key=lambda c: (-c[2], order[c[0]], c[3].uid)):
        paid.setdefault(incident, (code, cost))
    for row, _ in deducting:
        if scheme == "gd-r1":
            result.readings[row.code] = measure(row.reads, row.window, facts, days)
            result.points[row.code] = sum(
                (cost for code, cost in paid.values() if code == row.code), Fraction(0)
            )
    return sum((cost for _, cost in paid.values()), Fraction(0))


def _vetoes(scheme: str, rows: list[Row], facts: list[Fact], days: Window) -> list[str]:
    held = []
    for row in rows:
        if scheme == "gd-r1" and row.max == "veto":
            parts = re.fullmatch(r"all\((.+)\)", row.reads)
            conditions = parts[1].split(", ") if parts else [row.reads]
            if all(_holds(condition, row.window, facts, days) for condition in conditions):
                held.append(row.code)
        elif scheme == "hz-r1" and "→ E" in row.rule:
            clause = row.rule.split("; ")[1]
            condition = clause.replace(" → E", "")
            if not condition.startswith("count"):
                condition = f"{row.reads} {condition}"
            if _holds(condition, row.window, facts, days):
                held.append(row.code)
    return held


def _holds(condition: str, window: str, facts: list[Fact], days: Window) -> bool:
    reads, sign, line = re.fullmatch(r"(.+) ([≥<]) ([\d.]+)", condition).groups()
    reading = measure(reads, window, facts, days)
    if reading is None:
        return False
    return reading >= Fraction(line) if sign == "≥" else reading < Fraction(line)


def _grade(
    scheme: str, subject: Subject, facts: list[Fact], days: Window, able: Fraction, result: Result
) -> None:
    lowest = "C" if scheme == "gd-r1" else "E"
    archived = (days.end - subject.registered_on).days
    unrated = (
        able < 60
        or archived < 90
        or all(result.points[code] is None for code in RECORD_GROUP[scheme])
        or all(result.readings[code] is None for code in CHECK_GROUP[scheme])
    )
    if result.vetoes:
        result.grade = lowest
    elif unrated:
        result.status = "not_rated"
        return
    elif scheme == "gd-r1":
        result.grade = _gd_grade(result, facts, days, archived)
    else:
        cuts = (("A", 90), ("B", 75), ("C", 60), ("D", 45), ("E", 0))
        result.grade = next(grade for grade, cut in cuts if result.score >= cut)
    result.status = "pending" if result.grade == lowest else "rated"


def _gd_grade(result: Result, facts: list[Fact], days: Window, archived: int) -> str:
    checks = measure("count visit.made", "year", facts, days) + measure(
        "count sampling.tested", "year", facts, days
    )
    gate = (
        result.deductions == 0
        and measure("count sampling.tested fail", "year", facts, days) == 0
        and checks >= 1
        and result.readings["GD201"] is not None
        and archived >= 365
    )
    if result.score >= 90 and gate:
        return "AAAA"
    cuts = (("AAA", 80), ("AA", 70), ("A", 60), ("B", 40), ("C", 0))
    return next(grade for grade, cut in cuts if result.score >= cut)


# --- files -------------------------------------------------------------------------------------------------


def ratings_csv(scheme: str, year: int, results: Iterable[Result]) -> list[list[str]]:
    """Rows of ratings.csv, the header first, sorted by producer key."""
    codes = [row.code for row in tables()[scheme] if row.max != "veto"]
    header = [
        "producer",
        "year",
        "scheme",
        "score",
        "grade",
        "status",
        "base",
        "bonus",
        "deductions",
        "vetoes",
    ]
    for code in codes:
        header += [code, f"{code}.reading"]
    lines = [header]
    for result in sorted(results, key=lambda result: result.producer):
        line = [result.producer, str(year), scheme, _decimal(result.score, 2), result.grade, result.status]
        line += [_decimal(number, 2) for number in (result.base, result.bonus, result.deductions)]
        line.append(";".join(result.vetoes))
        for code in codes:
            line += [_decimal(result.points[code], 2), _decimal(result.readings[code], 6)]
        lines.append(line)
    return lines


def _decimal(number: Fraction | None, places: int) -> str:
    if number is None:
        return ""
    rounded = half_up(number, places)
    sign, units = ("-" if rounded < 0 else ""), int(abs(rounded) * 10**places)
    return f"{sign}{units // 10**places}.{units % 10**places:0{places}d}"
