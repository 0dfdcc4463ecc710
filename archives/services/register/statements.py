"""What entries of a producer's file say in the ledger (ledger-contract.md), kept true as they change.

A statement has a source of its own. When what it says changes, or its validity ends early, the event in force
is reversed and the fact is posted again, as the contract asks.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agricredit.foundation.common import clock
from archives import vocabulary
from archives.ledger.kinds import KINDS
from archives.ledger.outcomes import OUTCOME_NAMES
from archives.models import Checked, CreditEvent, Filing, Honour, HonourLevel, Licence, Pledge, StaffMember
from archives.services import ledger

_LEVELS = {
    HonourLevel.NATIONAL.value: 300,
    HonourLevel.PROVINCE.value: 200,
    HonourLevel.CITY.value: 100,
    HonourLevel.COUNTY.value: 100,
}
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Statement:
    """What the ledger should say; dates and value as in an event."""

    kind: str
    occurred_on: datetime.date
    outcome: str = "none"
    value: int | None = None
    valid_until: datetime.date | None = None


def settle(producer: Any, source: str, wanted: Statement | None) -> None:
    """Make the ledger say ``wanted`` (None: nothing) under this source, in the caller's transaction.

    The caller holds the producer's row, so that two acts on one file settle one after the other.
    """
    rows = CreditEvent.objects.filter(producer=producer, source=source, reverses__isnull=True)
    current = rows.with_reversed().filter(is_reversed=False).order_by("-pk").first()
    if current is not None:
        if wanted is not None and _says(current, wanted):
            return
        ledger.reverse(uid=current.uid, by_uid=f"{source}:{uuid.uuid4()}", source=source)
    if wanted is not None:
        ledger.post(
            [
                ledger.EventDraft(
                    uid=f"{source}:{uuid.uuid4()}",
                    producer_id=producer.pk,
                    kind=wanted.kind,
                    outcome=wanted.outcome,
                    value=wanted.value,
                    occurred_on=wanted.occurred_on,
                    valid_until=wanted.valid_until,
                    region=producer.region_id,
                    source=source,
                )
            ]
        )


def licences(row: Licence) -> None:
    """licence.checked: pass while every licence that was checked is sound, until the first of them ends."""
    checked = list(Licence.objects.open().filter(producer=row.producer_id).exclude(check_outcome=""))
    ends = [licence.valid_until for licence in checked if licence.valid_until is not None]
    sound = bool(checked) and all(
        entry.check_outcome == "pass" and not entry.has_expired for entry in checked
    )
    _state(row, "licence.checked", bool(checked), sound, min(ends, default=None))


def quality_person(row: StaffMember) -> None:
    """quality_person.named: pass while one of the staff answers for quality, to the last one's end."""
    rows = StaffMember.objects.filter(
        producer=row.producer_id, duty__in=vocabulary.codes_with("duties", "quality")
    )
    _any_of(row, "quality_person.named", list(rows.exclude(check_outcome="")))


def filing(row: Filing) -> None:
    """quality_system.filed or emergency_plan.filed: pass while one in force was found in order."""
    rows = Filing.objects.filter(producer=row.producer_id, kind=row.kind).exclude(check_outcome="")
    _any_of(row, str(vocabulary.terms("filings")[row.kind].more["event"]), list(rows))


def honour(row: Honour) -> None:
    """The event of its kind from its granting to its end; a township's counts for nothing."""
    event = str(vocabulary.terms("honours")[row.kind].more["event"])
    value = _LEVELS.get(row.level)
    wanted = None
    if row.check_outcome == "pass" and (value is not None or not KINDS[event].needs_value):
        wanted = Statement(
            event, row.granted_on, value=value if KINDS[event].needs_value else None,
            valid_until=_true_end(row) if KINDS[event].open_validity else None,
        )  # fmt: skip
        if wanted.valid_until is not None and wanted.valid_until < row.granted_on:
            wanted = None  # ended before it began: it never was
    settle(row.producer, _source("honour", row), wanted)


def green_control(row: Any) -> None:
    """green_control.verified on the day an officer saw it; one that ended later was in use all the same."""
    wanted = None
    if row.check_outcome == "pass" and row.checked_on is not None:
        wanted = Statement("green_control.verified", row.checked_on)
    settle(row.producer, _source("green_control", row), wanted)


def pledge(row: Pledge) -> None:
    """pledge.signed on its day; one that was entered by mistake is taken back."""
    wanted = None if row.ended_on is not None else Statement("pledge.signed", row.signed_on)
    settle(row.producer, _source("pledge", row), wanted)


def attendance_draft(row: Any) -> ledger.EventDraft:
    """training.attended with a producer's hours on the day of the session."""
    source = _source("training", row)
    return ledger.EventDraft(
        uid=source,
        producer_id=row.producer_id,
        kind="training.attended",
        value=int(row.hours * 100),
        occurred_on=row.session.held_on,
        source=source,
    )


def withdraw(row: Any, code: str) -> None:
    """Take back what an entry that never was true said."""
    settle(row.producer, _source(code, row), None)


def _any_of(row: Checked, kind: str, checked: Sequence[Checked]) -> None:
    """Pass while one of the entries is sound, until the last of them ends."""
    sound = [entry for entry in checked if entry.is_open and entry.check_outcome == "pass"]
    ends = [entry.ends_on for entry in sound]
    until = None if None in ends else max((end for end in ends if end is not None), default=None)
    _state(row, kind, bool(checked), bool(sound), until)


def _state(row: Checked, kind: str, asked: bool, holds: bool, until: datetime.date | None) -> None:
    """The producer's one statement of this kind, dated today; none before anything was ever checked."""
    source = f"register:{kind}"
    if not asked and not CreditEvent.objects.filter(producer=row.producer_id, source=source).exists():
        return
    wanted = Statement(
        kind, clock.today(), outcome="pass" if holds else "fail", valid_until=until if holds else None
    )
    settle(row.producer, source, wanted)


def _says(event: CreditEvent, wanted: Statement) -> bool:
    """Whether an event says it already; a standing statement keeps its first day."""
    said = (event.event_kind.name, OUTCOME_NAMES[event.outcome], event.value, event.valid_until)
    same = said == (wanted.kind, wanted.outcome, wanted.value, wanted.valid_until)
    return same and (event.source == f"register:{wanted.kind}" or event.occurred_on == wanted.occurred_on)


def _true_end(row: Checked) -> datetime.date | None:
    ends = [day for day in (row.ends_on, row.ended_on and row.ended_on - _DAY) if day]
    return min(ends, default=None)


def _source(code: str, row: Any) -> str:
    return f"register:{code}:{row.pk}"
