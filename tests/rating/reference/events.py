"""What the ledger holds, and which of its events count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

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
