"""Events already in the ledger, and how a draft with the same uid differs from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from archives.ledger.drafts import EventDraft, hundredths
from archives.ledger.kinds import KIND_BY_NUMBER
from archives.ledger.leaf import note_digest, recorded_text
from archives.ledger.outcomes import OUTCOME_NAMES

_SELECT = """
    SELECT e.uid, e.producer_id, e.kind, e.outcome, e.value, e.occurred_on, e.valid_until, e.recorded_at,
           e.region_id, e.source, e.incident, e.note_hash, r.uid, p.uid, n.salt
    FROM archives_creditevent e
    LEFT JOIN archives_creditevent r ON r.id = e.reverses_id
    LEFT JOIN archives_creditevent p ON p.id = e.repairs_id
    LEFT JOIN archives_eventnote n ON n.event_id = e.id
    WHERE e.uid = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class ExistingEvent:
    """One row of the ledger with the uids it refers to. ``salt`` is empty when its note was erased."""

    uid: str
    producer_id: int
    kind: int
    outcome: int
    value: int | None
    occurred_on: date
    valid_until: date | None
    recorded_at: datetime
    region: str
    source: str
    incident: str
    note_hash: bytes | None
    reverses: str | None
    repairs: str | None
    salt: bytes | None

    def has_note(self, note: str) -> bool:
        """Whether ``note`` is this event's note; an erased note is taken to be whatever is said."""
        if self.note_hash is None:
            return note == ""
        if not self.salt:
            return True
        return note_digest(bytes(self.salt), note) == bytes(self.note_hash)


def existing_events(uids: list[str]) -> dict[str, ExistingEvent]:
    """The ledger's rows for these uids."""
    if not uids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SELECT, [uids])
        return {row[0]: ExistingEvent(*row) for row in cursor.fetchall()}


def differences(draft: EventDraft, row: ExistingEvent) -> list[tuple[str, str]]:
    """Each column in which the draft says something else than the row, with a sentence.

    ``recorded_at`` and ``region`` count only when the draft gives them.
    """
    faults = [
        (column, _differs(_shown(ours), _shown(theirs)))
        for column, ours, theirs in _columns(draft, row)
        if ours != theirs
    ]
    if not row.has_note(draft.note):
        faults.append(("note", _("账本中同一编号的信息已有另外的备注。")))
    return faults


def _columns(draft: EventDraft, row: ExistingEvent) -> Iterator[tuple[str, Any, Any]]:
    yield "producer", draft.producer_id, row.producer_id
    yield "kind", draft.kind, KIND_BY_NUMBER[row.kind].name
    yield "outcome", draft.outcome, OUTCOME_NAMES[row.outcome]
    if draft.value != row.value:
        yield "value", hundredths(draft.value), hundredths(row.value)
    yield "occurred_on", draft.occurred_on, row.occurred_on
    yield "valid_until", draft.valid_until, row.valid_until
    if draft.recorded_at is not None:
        yield "recorded_at", draft.recorded_at, row.recorded_at
    if draft.region:
        yield "region", draft.region, row.region
    yield "source", draft.source, row.source
    yield "incident", draft.incident, row.incident
    yield "reverses", draft.reverses, row.reverses or ""
    yield "repairs", draft.repairs, row.repairs or ""


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return recorded_text(value) if isinstance(value, datetime) else str(value)


def _differs(ours: str, theirs: str) -> str:
    return _("账本中同一编号的信息此项为“%(theirs)s”，与“%(ours)s”不同。") % {"theirs": theirs, "ours": ours}
