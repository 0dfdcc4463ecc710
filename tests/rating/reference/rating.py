"""One producer rated by the two schemes: points, deductions, vetoes, grade."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction

from tests.rating.reference.contract import Row, half_up, points, tables
from tests.rating.reference.events import Fact, Subject, incident_of
from tests.rating.reference.measures import Window, measure

ORGANISED = {"enterprise", "cooperative", "collective", "service_organisation"}
RECORD_GROUP = {
    "gd-r1": {"GD201", "GD202", "GD203", "GD204", "GD205"},
    "hz-r1": {"HZ0201", "HZ0202", "HZ0203", "HZ0204", "HZ0205", "HZ0206"},
}
CHECK_GROUP = {"gd-r1": {"GD401", "GD404", "GD601"}, "hz-r1": {"HZ0301", "HZ0304"}}


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
