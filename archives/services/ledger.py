"""The only writers of the ledger: ``post`` and ``reverse`` (DESIGN §4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.db import Lock, lock
from agricredit.foundation.jobs import outbox
from archives.ledger.drafts import EventDraft, EventFault, LedgerRefusal
from archives.ledger.kinds import PAUSE
from archives.ledger.outcomes import OUTCOME_NAMES
from archives.models import CreditEvent
from archives.services import profiles
from archives.services.corrections import CorrectionPosting
from archives.services.posting import Indexed, Posting

__all__ = ["EventDraft", "EventFault", "LedgerRefusal", "Posted", "post", "post_in_chunks", "reverse"]

CHUNK = 5_000
ANNOUNCED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Posted:
    """What a call did: the ids of new events in order of arrival, and how many were there already."""

    new: list[int]
    existing: int


def post(drafts: Iterable[EventDraft]) -> Posted:
    """Post events, one or a million, in the caller's transaction: all of them or none.

    A uid that is there already with the same content is counted as existing; with other content it is a
    fault. Drafts may refer to each other in any order. Raises :class:`LedgerRefusal` with every fault of
    every draft. The producers of new events are announced on the outbox topic ``ledger.posted``.
    """
    with transaction.atomic():
        lock(Lock.LEDGER, shared=True)  # before ids are drawn, until commit: a seal waits for it
        plain = Posting(clock.now())
        later: list[Indexed] = []
        for chunk in _chunks(_first(enumerate(drafts), later), CHUNK):
            plain.add(chunk)
        corrections = CorrectionPosting(plain.now)
        corrections.add_all(later)
        faults = plain.faults + corrections.faults
        if faults:
            raise LedgerRefusal(faults)
        profiles.refresh(plain.profiles | corrections.profiles)
        _announce(plain.producers | corrections.producers)
    return Posted(plain.new + corrections.new, plain.existing + corrections.existing)


def post_in_chunks(drafts: Iterable[EventDraft], *, size: int = 4 * CHUNK) -> Posted:
    """Post a big load with a commit after every ``size`` drafts; not inside a transaction.

    Drafts that refer to others go last, in one transaction of their own. A chunk with a fault is not posted,
    the others are; when all were tried, :class:`LedgerRefusal` names every fault. Repeating the call posts
    what is missing.
    """
    new: list[int] = []
    existing = 0
    faults: list[EventFault] = []
    later: list[Indexed] = []
    chunks = _chunks(_first(enumerate(drafts), later), size)
    for chunk in _then(chunks, later):
        try:
            with transaction.atomic(durable=True):
                posted = post(draft for _index, draft in chunk)
        except LedgerRefusal as refusal:
            faults += [EventFault(chunk[f.index][0], f.column, f.message) for f in refusal.faults]
        else:
            new += posted.new
            existing += posted.existing
    if faults:
        raise LedgerRefusal(faults)
    return Posted(new, existing)


def reverse(*, uid: str, by_uid: str, source: str, note: str = "", occurred_on: date | None = None) -> Posted:
    """Take the event ``uid`` back by posting its reversal ``by_uid`` (today unless a day is given).

    Raises :class:`LedgerRefusal` when there is no such event, or it is reversed already or a reversal itself.
    """
    event = CreditEvent.objects.filter(uid=uid).first()
    if event is None:
        raise LedgerRefusal(
            [EventFault(0, "reverses", _("账本中没有编号为“%(uid)s”的信息。") % {"uid": uid})]
        )
    draft = EventDraft(
        uid=by_uid,
        producer_id=event.producer_id,
        kind=event.event_kind.name,
        outcome=OUTCOME_NAMES[event.outcome],
        value=event.value,
        occurred_on=occurred_on or clock.today(),
        region=event.region_id,
        source=source,
        note=note,
        reverses=uid,
    )
    return post([draft])


def _first(drafts: Iterable[Indexed], later: list[Indexed]) -> Iterator[Indexed]:
    """The drafts that stand alone; those that need others in place first are put aside into ``later``."""
    for index, draft in drafts:
        if draft.reverses or draft.repairs or draft.kind == PAUSE.name:
            later.append((index, draft))
        else:
            yield index, draft


def _chunks(drafts: Iterator[Indexed], size: int) -> Iterator[list[Indexed]]:
    while chunk := list(islice(drafts, size)):
        yield chunk


def _then(chunks: Iterator[list[Indexed]], last: list[Indexed]) -> Iterator[list[Indexed]]:
    yield from chunks
    if last:  # filled while the chunks were read
        yield last


def _announce(producers: set[int]) -> None:
    ids = sorted(producers)
    for start in range(0, len(ids), ANNOUNCED_AT_ONCE):
        outbox.emit("ledger.posted", producer_ids=ids[start : start + ANNOUNCED_AT_ONCE])
