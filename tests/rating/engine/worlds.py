"""Between the reference's facts and subjects (or the contract's CSV files) and the engine's columns."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import numpy as np

from archives.ledger.kinds import KINDS
from rating import schemes
from rating.engine import parsing
from rating.engine.columns import (
    NO_END,
    NO_READING,
    NO_SCORE,
    NO_VALUE,
    NOT_APPLICABLE,
    Results,
    Roll,
    Window,
    day_number,
)
from rating.engine.lines import Line, gather
from rating.engine.scheme import Outcome, ProducerKind, Scheme
from rating.engine.score import Status, score
from tests.rating.reference import Fact, Subject, counting

NUMBERS = {name: kind.number for name, kind in KINDS.items()}
EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"
OUTCOMES = {"none": Outcome.none, "pass": Outcome.passed, "fail": Outcome.failed}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def shipped(code: str) -> Scheme:
    return parsing.parse(schemes.document(code), NUMBERS)


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def read_examples() -> tuple[dict[str, Subject], list[Fact]]:
    return read_archive(EXAMPLES)


def read_archive(folder: Path) -> tuple[dict[str, Subject], list[Fact]]:
    """The contract's two files, as the reference knows them."""
    with (folder / "producers.csv").open(encoding="utf-8", newline="") as file:
        subjects = {
            row["producer"]: Subject(
                row["producer"],
                row["kind"],
                row["region"],
                date.fromisoformat(row["registered_on"]),
                row["status"],
                row["merged_into"],
            )
            for row in csv.DictReader(file)
        }
    with (folder / "events.csv").open(encoding="utf-8", newline="") as file:
        facts = [
            Fact(
                row["uid"],
                row["producer"],
                row["kind"],
                row["outcome"],
                Fraction(row["value"]) if row["value"] else None,
                date.fromisoformat(row["occurred_on"]),
                day(row["valid_until"]),
                datetime.fromisoformat(row["recorded_at"]),
                row["incident"],
                row["reverses"],
                row["repairs"],
            )
            for row in csv.DictReader(file)
        ]
    return subjects, facts


def line(number: int, fact: Fact) -> Line:
    since = fact.recorded_at - EPOCH
    return Line(
        event=number,
        uid=fact.uid,
        kind=NUMBERS[fact.kind],
        outcome=OUTCOMES[fact.outcome],
        value=NO_VALUE if fact.value is None else int(fact.value * 100),
        occurred=day_number(fact.occurred_on),
        recorded=(since.days * 86400 + since.seconds) * 10**6 + since.microseconds,
        valid_until=NO_END if fact.valid_until is None else day_number(fact.valid_until),
        incident=fact.incident,
    )


class World:
    """Subjects and facts as the engine sees them; producers are numbered in the order of their keys."""

    def __init__(self, subjects: dict[str, Subject], facts: Sequence[Fact], window: Window) -> None:
        self.window = window
        self.number = {key: number for number, key in enumerate(sorted(subjects), 1)}
        numbered = {fact.uid: number for number, fact in enumerate(facts, 1)}
        self.lines = {
            self.number[key]: [line(numbered[fact.uid], fact) for fact in own]
            for key, own in counting(facts, subjects).items()
        }
        rated = [
            subject
            for _, subject in sorted(subjects.items())
            if subject.status in ("active", "paused") and day_number(subject.registered_on) <= window.end
        ]
        self.keys = [subject.producer for subject in rated]
        self.roll = Roll(
            np.array([self.number[key] for key in self.keys], np.int64),
            np.array([ProducerKind[subject.kind] for subject in rated], np.int8),
            np.ones(len(rated), np.int8),
            np.array([day_number(subject.registered_on) for subject in rated], np.int32),
            np.array(
                [NO_SCORE if s.last_score is None else int(s.last_score * 100) for s in rated], np.int32
            ),
        )

    def score(self, scheme: Scheme) -> Results:
        events, tie_break = gather(scheme, self.lines, self.roll, self.window)
        return score(scheme, events, self.roll, self.window, tie_break)


def decimals(number: int, places: int) -> str:
    sign = "-" if number < 0 else ""
    whole, part = divmod(abs(number), 10**places)
    return f"{sign}{whole}.{part:0{places}d}"


def rows(scheme: Scheme, results: Results, keys: Sequence[str], year: int) -> list[dict[str, str]]:
    """Results as `ratings.csv` writes them."""
    found = []
    for at, key in enumerate(keys):
        grade = int(results.grade[at])
        row = {
            "producer": key,
            "year": str(year),
            "scheme": scheme.code,
            "score": decimals(int(results.score[at]), 2),
            "grade": "" if grade < 0 else scheme.grades[grade].code,
            "status": Status(int(results.status[at])).name,
            "base": decimals(int(results.base[at]), 2),
            "bonus": decimals(int(results.bonus[at]), 2),
            "deductions": decimals(int(results.deductions[at]), 2),
            "vetoes": ";".join(scheme.veto_codes(int(results.vetoes[at]))),
        }
        for index, column in enumerate(scheme.columns):
            if not column.listed:
                continue
            points, reading = int(results.points[at, index]), int(results.readings[at, index])
            row[column.code] = "" if points == NOT_APPLICABLE else decimals(points, 2)
            row[f"{column.code}.reading"] = "" if reading == NO_READING else decimals(reading, 6)
        found.append(row)
    return found
