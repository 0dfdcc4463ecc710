"""What each noun adds to the common way of entry: its checks, its row, and what it says about credit."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from agricredit.foundation.common import clock
from archives.models import EntryWay, Record
from archives.services.ledger import EventDraft
from archives.services.records.checks import Faults
from archives.services.records.context import Context
from archives.services.records.flags import Flag, unflagged

AUTOMATIC = {EntryWay.API.value, EntryWay.DEVICE.value}


@dataclass(frozen=True)
class Noun:
    """One kind of record. ``asked`` are the fields of the form, read by record.completed.

    ``flags`` names what officers should look at in rows just entered, beyond what is common to all.
    ``content`` makes a uid the same record; ``extra`` does so where it is given (fields that came later, so
    that what a phone sent before it was updated is still the same record).
    """

    name: str
    model: type[Record]
    check: Callable[[Any, Context], Faults]
    values: Callable[[Any, Context], dict[str, Any]]
    events: Callable[[list[Any], Context], Iterator[EventDraft]]
    asked: tuple[str, ...]
    content: tuple[str, ...]
    source: str
    flags: Callable[[list[Any], Context], Iterator[Flag]] = unflagged
    extra: tuple[str, ...] = ()


def event(
    row: Any,
    context: Context,
    kind: str,
    outcome: bool | None = None,
    value: int | None = None,
    note: str = "",
    *,
    suffix: str = "",
    source: str = "",
    occurred_on: datetime.date | None = None,
) -> EventDraft:
    """An event that says something about one record; its uid follows from the record's."""
    return EventDraft(
        uid=f"{row.uid}:{kind}{suffix}",
        producer_id=row.producer_id,
        kind=kind,
        outcome="none" if outcome is None else "pass" if outcome else "fail",
        value=value,
        occurred_on=occurred_on or row.occurred_on,
        recorded_at=row.entered_at,
        region=context.producers[row.producer_id].region_id,
        source=source,
        note=note,
    )


def common_events(row: Any, noun: Noun, context: Context) -> Iterator[EventDraft]:
    """How late it was entered (days), how much of it is filled in, and whether a device did it."""
    late = max(0, (clock.shanghai_date(row.entered_at) - row.occurred_on).days)
    filled = sum(getattr(row, field) not in (None, "") for field in noun.asked)
    share = (200 * filled + len(noun.asked)) // (2 * len(noun.asked))
    yield event(row, context, "record.entered", value=100 * late, source=noun.source)
    yield event(row, context, "record.completed", value=share, source=noun.source)
    yield event(row, context, "record.automatic", row.entry in AUTOMATIC, source=noun.source)
