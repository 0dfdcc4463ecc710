"""One call's way into the ledger, set by set: look up what drafts name, insert, tell new from existing."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from agricredit.foundation.common.db import copy_in
from archives.ledger.drafts import EventDraft, EventFault, faults_of
from archives.ledger.kinds import KINDS
from archives.ledger.leaf import NO_SALT, note_digest
from archives.ledger.outcomes import OUTCOMES
from archives.services import profiles
from archives.services.existing import differences, existing_events

Indexed = tuple[int, EventDraft]
STAGED_FROM = 200
_COLUMNS = {
    "uid": "text",
    "producer_id": "bigint",
    "kind": "smallint",
    "outcome": "smallint",
    "value": "bigint",
    "occurred_on": "date",
    "valid_until": "date",
    "recorded_at": "timestamptz",
    "region_id": "text",
    "source": "text",
    "incident": "text",
    "note_hash": "bytea",
    "reverses_id": "bigint",
    "repairs_id": "bigint",
}
_NAMES = ", ".join(_COLUMNS)
_ARRAYS = ", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())
_FROM_ARRAYS = f"unnest({_ARRAYS}) WITH ORDINALITY AS given({_NAMES}, n)"
_NOTE_COLUMNS = ["event_id", "salt", "note", "facts", "erased_because"]
_STAGE = "pg_temp.ledger_stage"
_MAKE_STAGE = (
    "CREATE TEMP TABLE IF NOT EXISTS ledger_stage (n int, "
    + ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
    + ") ON COMMIT DELETE ROWS; TRUNCATE pg_temp.ledger_stage"
)
# ON CONFLICT without a target: a uid posted meanwhile, or an event reversed meanwhile, comes back as not new.
_INSERT = f"""
    INSERT INTO archives_creditevent ({_NAMES}) SELECT {_NAMES} FROM {{rows}} ORDER BY n
    ON CONFLICT DO NOTHING RETURNING uid, id
"""  # noqa: S608 - column names of this module


class Posting:
    """What one call has posted so far. Faults are collected, never raised; the caller rolls back."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.new: list[int] = []
        self.existing = 0
        self.faults: list[EventFault] = []
        self.producers: set[int] = set()
        self.profiles: set[int] = set()

    def add(self, drafts: Sequence[Indexed]) -> None:
        """Post drafts that refer to no other."""
        sound = self._known(self._sound(drafts))
        if len(sound) >= STAGED_FROM and existing_events([sound[0][1].uid]):
            sound = self.match(sound)  # a load repeated: no need to try rows that are there
        self._settle(sound, {})

    def refuse(self, index: int, column: str, message: str) -> None:
        """Note a fault."""
        self.faults.append(EventFault(index, column, message))

    def _sound(self, drafts: Iterable[Indexed]) -> list[Indexed]:
        """Those without a fault of their own."""
        sound = []
        for index, draft in drafts:
            faults = faults_of(draft, index, self.now)
            if faults:
                self.faults += faults
            else:
                sound.append((index, draft))
        return sound

    def _known(self, drafts: list[Indexed]) -> list[Indexed]:
        """Those whose producer and region exist."""
        self._home = dict(
            rows_of(
                "SELECT id, region_id FROM archives_producer WHERE id = ANY(%s)",
                [list({draft.producer_id for _index, draft in drafts})],
            )
        )
        regions = list({draft.region for _index, draft in drafts} - {""})
        codes = {
            code for (code,) in rows_of("SELECT code FROM archives_region WHERE code = ANY(%s)", [regions])
        }
        known = []
        for index, draft in drafts:
            producer_known = draft.producer_id in self._home
            region_known = not draft.region or draft.region in codes
            if not producer_known:
                self.refuse(index, "producer", _("没有这个生产主体。"))
            if not region_known:
                self.refuse(index, "region", _("没有代码为“%(code)s”的行政区划。") % {"code": draft.region})
            if producer_known and region_known:
                known.append((index, draft))
        return known

    def _settle(self, drafts: list[Indexed], targets: dict[str, int]) -> set[str]:
        """Insert what is not there yet and compare the rest; return the new uids.

        ``targets`` gives the ids of the uids that the drafts reverse or repair.
        """
        first: dict[str, EventDraft] = {}
        for _index, draft in drafts:
            first.setdefault(draft.uid, draft)
        new = self._insert(list(first.values()), targets)
        self.new += sorted(new.values())
        self.producers |= {first[uid].producer_id for uid in new}
        self.profiles |= {
            first[uid].producer_id for uid in new if KINDS[first[uid].kind].number in profiles.NUMBERS
        }
        posted_by: set[str] = set()
        rest = []
        for index, draft in drafts:
            if draft.uid in new and draft.uid not in posted_by:
                posted_by.add(draft.uid)
            else:
                rest.append((index, draft))
        for index, draft in self.match(rest):
            # Not new and not there: the other rule that an insert can meet is that of one reversal an event.
            said = {"uid": draft.reverses}
            self.refuse(index, "reverses", _("信息“%(uid)s”已被冲销，一条信息只能冲销一次。") % said)
        return set(new)

    def match(self, drafts: list[Indexed]) -> list[Indexed]:
        """Count drafts whose uid is there with the same content, refuse other content; return the others."""
        rows = existing_events([draft.uid for _index, draft in drafts])
        missing = []
        for index, draft in drafts:
            row = rows.get(draft.uid)
            if row is None:
                missing.append((index, draft))
            elif faults := differences(draft, row):
                for fault in faults:
                    self.refuse(index, *fault)
            else:
                self.existing += 1
        return missing

    def _insert(self, drafts: list[EventDraft], targets: dict[str, int]) -> dict[str, int]:
        """Insert rows and their notes; return uid → id of those that were new."""
        if not drafts:
            return {}
        notes = {draft.uid: secrets.token_bytes(16) for draft in drafts if draft.note}
        rows = [self._row(draft, notes.get(draft.uid), targets) for draft in drafts]
        with connection.cursor() as cursor:
            if len(rows) < STAGED_FROM:
                columns = [list(column) for column in zip(*rows, strict=True)]
                cursor.execute(_INSERT.format(rows=_FROM_ARRAYS), columns)
            else:
                cursor.execute(_MAKE_STAGE)
                copy_in(cursor, _STAGE, ["n", *_COLUMNS], ((n, *row) for n, row in enumerate(rows)))
                cursor.execute(_INSERT.format(rows=_STAGE))
            new = dict(cursor.fetchall())
            beside = [
                (new[draft.uid], notes.get(draft.uid, NO_SALT), draft.note, dict(draft.facts or {}), "")
                for draft in drafts
                if draft.uid in new and (draft.note or draft.facts)
            ]
            if beside:
                copy_in(cursor, "archives_eventnote", _NOTE_COLUMNS, beside)
        return new

    def _row(self, draft: EventDraft, salt: bytes | None, targets: dict[str, int]) -> tuple[Any, ...]:
        return (
            draft.uid,
            draft.producer_id,
            KINDS[draft.kind].number,
            OUTCOMES[draft.outcome],
            draft.value,
            draft.occurred_on,
            draft.valid_until,
            (draft.recorded_at or self.now).astimezone(UTC),
            draft.region or self._home[draft.producer_id],
            draft.source,
            draft.incident,
            None if salt is None else note_digest(salt, draft.note),
            targets[draft.reverses] if draft.reverses else None,
            targets[draft.repairs] if draft.repairs else None,
        )


def rows_of(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
