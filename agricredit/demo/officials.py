"""What authorities put on record about the demo city's producers in a year, as credit events.

These are facts that other forms and systems will post (files, licences, pledges, training, honours, visits,
sampling, penalties); the demo takes them in the way an import does: straight through the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from agricredit.demo.people import Person
from agricredit.demo.year import LATEST
from archives.services.ledger import EventDraft


def facts(person: Person, year: int) -> Iterator[EventDraft]:
    """All official facts of a year, within the producer's own lifetime and not after the demo's last day."""
    begin = person.fields["registered_on"]
    if begin.year > year:
        return
    for draft in (
        *_file(person, year),
        *_checks(person, year),
        *_misdeeds(person, year),
        *_merits(person, year),
    ):
        if begin <= draft.occurred_on <= LATEST:
            yield draft


def _event(person: Person, year: int, day: date, kind: str, number: int = 0, **fields: Any) -> EventDraft:
    return EventDraft(
        uid=f"demo:{person.key}:{year}:{kind}:{number}",
        producer_id=person.id,
        kind=kind,
        occurred_on=day,
        source="demo",
        recorded_at=min(
            datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=1),
            datetime(2026, 11, 19, 9, tzinfo=UTC),
        ),
        **fields,
    )


def _day(person: Person, year: int, first: int = 1, last: int = 12) -> date:
    return date(year, person.dice.randint(first, last), person.dice.randint(1, 28))


def _file(person: Person, year: int) -> Iterator[EventDraft]:
    """The archive itself: completeness, confirmation, licence, pledge, quality person, training."""
    care = person.habit.care
    share = min(100, int(40 + 60 * care + person.dice.randrange(-6, 7)))
    confirmed = _day(person, year, 5, 12) if person.happens(care) else _day(person, year, 1, 6)
    yield _event(person, year, confirmed, "profile.completed", value=share)
    yield _event(person, year, confirmed, "profile.confirmed")
    yield _event(person, year, _day(person, year, 1, 3), "registry.status", outcome="pass")
    if person.happens(care + 0.1):
        yield _event(person, year, _day(person, year, 1, 4), "pledge.signed")
    if not person.organised:
        return
    yield _event(
        person,
        year,
        _day(person, year, 1, 6),
        "licence.checked",
        outcome="pass" if person.happens(care + 0.06) else "fail",
    )
    if person.happens(care + 0.05):
        until = date(year + 2, 12, 31)
        yield _event(
            person, year, _day(person, year, 1, 5), "quality_person.named", outcome="pass", valid_until=until
        )
    for number in range(person.dice.randrange(3)):
        yield _event(
            person,
            year,
            _day(person, year),
            "training.attended",
            number,
            value=400 if person.happens(care) else 100,
        )


def _checks(person: Person, year: int) -> Iterator[EventDraft]:
    """Administrative inspections, sampling, packaging returned."""
    trouble, care = person.habit.trouble, person.habit.care
    for number in range(1 + person.happens(0.3) if person.organised else int(person.happens(0.45))):
        day = _day(person, year, 3, 11)
        found = person.happens(trouble * 0.5)
        yield _event(
            person,
            year,
            day,
            "visit.made",
            number,
            outcome="fail" if found else "pass",
            incident=f"visit-{person.key}-{year}-{number}" if found else "",
        )
        if found:
            yield _event(
                person,
                year,
                day + timedelta(days=15),
                "rectification.due",
                number,
                outcome="pass" if person.happens(0.5 + care / 2) else "fail",
                incident=f"visit-{person.key}-{year}-{number}",
            )
    if person.happens(0.55 if person.organised else 0.25):
        day, failed = _day(person, year, 3, 11), person.happens(trouble * 0.12)
        incident = f"sample-{person.key}-{year}" if failed else ""
        yield _event(
            person, year, day, "sampling.tested", outcome="fail" if failed else "pass", incident=incident
        )
        if failed:
            yield _event(person, year, day + timedelta(days=9), "sampling.exceeded", incident=incident)
    if person.sector == "crops" and care:
        yield _event(person, year, date(year, 10, 20), "packaging.used", value=1000)
        yield _event(
            person, year, date(year, 10, 21), "packaging.returned", value=int(1000 * min(1.0, care + 0.03))
        )


def _misdeeds(person: Person, year: int) -> Iterator[EventDraft]:
    """Complaints, penalties and, rarely, what fixes the grade."""
    trouble = person.habit.trouble
    if person.happens(trouble * 0.08):
        yield _event(
            person, year, _day(person, year), "complaint.upheld", incident=f"complaint-{person.key}-{year}"
        )
    if person.happens(trouble * 0.06):
        yield _event(
            person,
            year,
            _day(person, year, 2, 11),
            "penalty.imposed",
            value=1000 if person.happens(0.5) else 300,
            incident=f"penalty-{person.key}-{year}",
        )
    if person.happens(trouble * 0.03):
        yield _event(
            person,
            year,
            _day(person, year, 2, 11),
            "banned.found",
            incident=f"banned-{person.key}-{year}",
            note="监督抽查检出禁用农药（演示数据）",
        )


def _merits(person: Person, year: int) -> Iterator[EventDraft]:
    """Honours and product certifications, to careful organised producers mostly."""
    if person.organised and person.happens(person.habit.care * 0.08):
        yield _event(
            person,
            year,
            _day(person, year),
            "honour.granted",
            value=person.dice.choice([100, 100, 200, 300]),
            valid_until=date(year + 3, 12, 31),
        )
    if person.happens(person.habit.care * 0.06):
        yield _event(
            person,
            year,
            _day(person, year),
            "certification.granted",
            value=person.dice.choice([100, 200, 200, 300]),
            valid_until=date(year + 2, 12, 31),
        )
