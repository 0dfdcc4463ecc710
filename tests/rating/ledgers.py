"""Generated ledgers that use every kind the two schemes read, with all that makes reading them hard:
reversals, repairs, shared incidents, mergers, exact ties in time, missing values, events outside the year."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from tests.rating.reference import NEGATIVE, TWO_SIDED, Fact, Subject, tables

KINDS = (
    "enterprise",
    "cooperative",
    "collective",
    "service_organisation",
    "family_farm",
    "large_household",
    "smallholder",
)
MEASURE_WORDS = (
    "count",
    "sum",
    "share",
    "mean",
    "median",
    "latest",
    "latest_outcome",
    "age",
    "best",
    "months",
    "incidents",
)
VALUES = {
    "profile.completed": (0, 100),
    "record.completed": (0, 100),
    "record.entered": (0, 4000),
    "public_credit.percentile": (-100, 100),
    "penalty.imposed": (300, 1000),
    "honour.granted": (100, 300),
    "certification.granted": (100, 300),
    "production.paused": (26000, 28000),
    "packaging.used": (0, 900),
    "packaging.returned": (0, 900),
    "test.planned": (0, 300),
    "training.attended": (0, 600),
}


def kinds_read() -> dict[str, set[str]]:
    """Every kind that a table reads, with the measures that read it."""
    found: dict[str, set[str]] = {
        "production.paused": {"sum"},
        "record.forged": {"count"},
        "guidance.made": set(),
    }
    for rows in tables().values():
        for row in rows:
            for word, kind in re.findall(rf"\b({'|'.join(MEASURE_WORDS)}) ([a-z_]+\.[a-z_]+)", row.reads):
                found.setdefault(kind, set()).add(word)
    return found


def generated(
    seed: int, producers: int = 6, events: int = 150, year: int = 2024
) -> tuple[dict[str, Subject], list[Fact]]:
    """A small, nasty ledger; the same seed gives the same one."""
    dice = random.Random(seed)
    subjects = _subjects(dice, producers, year)
    reads = kinds_read()
    misconduct = dice.choice([0.0, 0.02, 0.2, 1.0])
    facts: list[Fact] = []
    paused: set[str] = set()
    for number in range(events):
        kind, producer = dice.choice(sorted(reads)), dice.choice(sorted(subjects))
        if kind in NEGATIVE - TWO_SIDED and dice.random() > misconduct:
            continue
        if kind == "production.paused" and (producer in paused or paused.add(producer)):
            continue  # the days of one calendar year cannot exceed the year
        facts.append(_fact(dice, f"{seed}-{number:04d}", producer, kind, reads[kind], year, misconduct))
    facts += _reversals(dice, facts)
    facts += _repairs(dice, facts, subjects)
    dice.shuffle(facts)
    return subjects, facts


def _subjects(dice: random.Random, count: int, year: int) -> dict[str, Subject]:
    subjects: dict[str, Subject] = {}
    for number in range(count):
        key = f"P{number:03d}"
        registered = date(year, 12, 31) - timedelta(days=dice.choice([10, 89, 90, 364, 365, 700, 2000]))
        merged = dice.choice(sorted(subjects)) if subjects and dice.random() < 0.2 else ""
        status = "merged" if merged else dice.choice(["active", "active", "active", "paused"])
        subjects[key] = Subject(key, dice.choice(KINDS), "440823", registered, status, merged)
    return subjects


def _fact(
    dice: random.Random, uid: str, producer: str, kind: str, words: set[str], year: int, misconduct: float
) -> Fact:
    day = date(year, 1, 1) + timedelta(
        days=dice.choice([-400, -1, 0, 365, 366, *(dice.randrange(366) for _ in range(12))])
    )
    recorded = datetime(year + 1, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.randrange(3))
    outcome = "none"
    if words & {"share", "latest_outcome"} or kind in TWO_SIDED:
        outcome = "fail" if dice.random() < misconduct / 3 else "pass"
    value = None
    if words & {"sum", "mean", "median", "best", "latest"}:
        value = Fraction(dice.randint(*VALUES.get(kind, (0, 300))), 100)
    until = day + timedelta(days=dice.choice([0, 30, 400])) if dice.random() < 0.3 else None
    incident = dice.choice(["", "", "I1", "I2"]) if kind in NEGATIVE else ""
    return Fact(uid, producer, kind, outcome, value, day, until, recorded, incident)


def _reversals(dice: random.Random, facts: list[Fact]) -> list[Fact]:
    chosen = dice.sample(facts, k=len(facts) // 12)
    return [
        Fact(
            f"rev-{f.uid}",
            f.producer,
            f.kind,
            f.outcome,
            f.value,
            f.occurred_on,
            None,
            f.recorded_at,
            reverses=f.uid,
        )
        for f in chosen
    ]


def _repairs(dice: random.Random, facts: list[Fact], subjects: dict[str, Subject]) -> list[Fact]:
    negative = [
        f
        for f in facts
        if not f.reverses and f.kind in NEGATIVE and (f.kind not in TWO_SIDED or f.outcome == "fail")
    ]
    made = []
    for target in dice.sample(negative, k=len(negative) // 6):
        repair = Fact(
            f"rep-{target.uid}",
            target.producer,
            "repair.granted",
            "none",
            None,
            target.occurred_on,
            None,
            target.recorded_at,
            repairs=target.uid,
        )
        made.append(repair)
        if dice.random() < 0.2:
            made.append(
                Fact(
                    f"unrep-{target.uid}",
                    target.producer,
                    "repair.granted",
                    "none",
                    None,
                    target.occurred_on,
                    None,
                    target.recorded_at,
                    reverses=repair.uid,
                )
            )
    return made
