"""The one way in for production records: check all, insert all, post what they say; or nothing."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.db import copy_objects
from archives.models import Record
from archives.services import ledger
from archives.services.records import checks, flags
from archives.services.records.context import Context
from archives.services.records.drafts import RecordDraft
from archives.services.records.faults import RecordFault, RecordsRefused, conflict
from archives.services.records.nouns import Noun


@dataclass(frozen=True)
class Entered:
    """The rows in the order of their drafts, and how many of them were there already."""

    rows: list[Any]
    existing: int


@transaction.atomic
def enter(noun: Noun, drafts: Iterable[RecordDraft], *, actor: Any = None) -> Entered:
    """Enter records of one noun; all of them or, with :class:`RecordsRefused` naming every fault, none.

    A draft whose uid is known with the same content is that record; with other content it is a conflict.
    """
    given = list(drafts)
    context = Context(given)  # locks the producers: what is looked up from here on stays so
    known = {row.uid: row for row in noun.model.objects.filter(uid__in=[draft.uid for draft in given])}
    faults: list[RecordFault] = []
    new: list[RecordDraft] = []
    for index, draft in enumerate(given):
        if draft.uid not in known:
            new.append(draft)
            faults += _faults(noun, draft, index, context)
        elif bytes(known[draft.uid].fingerprint) != fingerprint(noun, draft):
            faults.append(_conflict(index, draft.uid))
    faults += _twice(given, known)
    if faults:
        raise RecordsRefused(faults)
    rows = _insert(noun, new, context, actor)
    ledger.post(list(noun.events(rows, context)))
    flags.put_up(noun.name, rows, noun.flags, context)
    _audit(noun, rows, context, actor)
    known.update({row.uid: row for row in rows})
    return Entered([known[draft.uid] for draft in given], len(given) - len(new))


def judge(noun: Noun, drafts: Iterable[RecordDraft]) -> list[RecordFault]:
    """Every fault of drafts whose uids are new, writing nothing: what :func:`enter` would refuse.

    In the caller's transaction: the producers are locked as they are for entry.
    """
    given = list(drafts)
    context = Context(given)
    return [fault for index, draft in enumerate(given) for fault in _faults(noun, draft, index, context)]


def judge_outline(drafts: Iterable[RecordDraft]) -> list[RecordFault]:
    """Of records of which not all can be read: what is wrong with whose and when, whatever else they say."""
    given = list(drafts)
    context = Context(given)
    return [
        RecordFault(index, field, message)
        for index, draft in enumerate(given)
        for field, message in checks.common(draft, context)
    ]


def fingerprint(noun: Noun, draft: RecordDraft) -> bytes:
    """SHA-256 of what the draft says: by this the same uid is the same record, or a conflict."""
    names = ("producer_id", "occurred_on", "entry", "remark", *noun.content)
    values = [(name, _plain(getattr(draft, name))) for name in names]
    later = ((name, getattr(draft, name)) for name in ("reason", *noun.extra))
    values += [(name, _plain(value)) for name, value in later if value not in (None, "", ())]
    return hashlib.sha256(json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False).encode()).digest()


def _plain(value: Any) -> Any:
    # 1, 1.0 and 1.000 kilograms are the same amount.
    return format(value.normalize(), "f") if hasattr(value, "normalize") else value


def _faults(noun: Noun, draft: RecordDraft, index: int, context: Context) -> list[RecordFault]:
    found = [*checks.common(draft, context), *noun.check(draft, context)]
    return [RecordFault(index, field, message) for field, message in found]


def _twice(given: Sequence[RecordDraft], known: dict[uuid.UUID, Any]) -> list[RecordFault]:
    counts = Counter(draft.uid for draft in given)
    return [
        RecordFault(index, "uid", _("同一批中有两条记录的编号相同。"))
        for index, draft in enumerate(given)
        if counts[draft.uid] > 1 and draft.uid not in known
    ]


def _conflict(index: int, uid: uuid.UUID) -> RecordFault:
    return conflict(index, uid, _("编号%(uid)s已有内容不同的记录；若是新的记录，请换一个编号。"))


def _insert(noun: Noun, drafts: list[RecordDraft], context: Context, actor: Any) -> list[Record]:
    rows = [
        noun.model(
            uid=draft.uid,
            producer_id=draft.producer_id,
            occurred_on=draft.occurred_on,
            entered_at=context.entered_at(draft),
            recorded_by=actor,
            entry=draft.entry,
            remark=draft.remark,
            reason=draft.reason.strip(),
            doubts=context.doubts.get(draft.uid, []),
            fingerprint=fingerprint(noun, draft),
            **noun.values(draft, context),
        )
        for draft in drafts
    ]
    copy_objects(rows)
    return rows


def _audit(noun: Noun, rows: list[Any], context: Context, actor: Any) -> None:
    label = str(noun.model._meta.verbose_name)
    producers = {row.producer_id for row in rows}
    if len(producers) == 1:
        producer = context.producers[producers.pop()]
        record(
            verb="record.entered",
            actor=actor,
            target=producer,
            region_code=producer.region_id,
            noun=label,
            count=len(rows),
            uid=rows[0].uid,
        )
    elif rows:
        record(verb="records.entered", actor=actor, noun=label, count=len(rows))
