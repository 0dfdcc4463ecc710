"""The bureau's watch list (重点监管名单): proposed by one officer, decided by another, both ways.

Internal: it raises the frequency of visits and is shown to officers only. It is not a list of dishonesty.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from archives.models import Producer
from rating.models import WatchEntry
from rating.services import decisions, listings
from rating.services.access import require

State = WatchEntry.State
#: What a producer on the list has where its scheme gives the flag no row: visits a year, sampling in
#: hundredths, monthly follow-up (the platform's default).
RISK, VISITS, SAMPLING, FOLLOW_UP = "high", 4, 60, True


def propose(
    *,
    producer: Producer,
    reason: str,
    basis: str,
    review_by: date,
    actor: User,
    evidence: Sequence[str] = (),
) -> WatchEntry:
    """Propose to put a producer on the list until a day on which it is looked at again.

    Refused (ValidationError): without reason or basis; a day that is not ahead; facts that are not the
    producer's or count no longer; proposed or on the list already.
    """
    producer = producer.resolved
    require(actor, "rating.add_watchentry", producer.region_id)
    if not reason.strip() or not basis.strip():
        raise ValidationError(_("请写明列入的理由和依据。"), code="reason")
    if review_by <= today():
        raise ValidationError(_("复核期限应晚于今天。"), code="date")
    decisions.refuse_unknown(producer, evidence)
    try:
        with transaction.atomic():
            entry = WatchEntry.objects.create(
                producer=producer,
                reason=reason,
                basis=basis,
                evidence_uids=list(evidence),
                proposed_by=actor,
                proposed_on=today(),
                review_by=review_by,
            )
            _note("watch.proposed", entry, actor)
    except IntegrityError:
        raise ValidationError(_("该主体已提出列入或已在列。"), code="already") from None
    return entry


def enter(*, entry: WatchEntry, reason: str, actor: User) -> WatchEntry:
    """Decide to put it on the list; refused to whoever proposed it."""
    _refuse_same(entry.proposed_by_id, actor)
    return _decide(entry, State.WATCHED, actor, "watch.entered", reason, entered_on=today())


def refuse(*, entry: WatchEntry, reason: str, actor: User) -> WatchEntry:
    """Decide not to; for a reason, and by somebody else too."""
    _refuse_same(entry.proposed_by_id, actor)
    if not reason.strip():
        raise ValidationError(_("请写明理由。"), code="reason")
    return _decide(entry, State.REFUSED, actor, "watch.refused", reason)


def propose_exit(*, entry: WatchEntry, reason: str, actor: User) -> WatchEntry:
    """Propose to take it off: put right, or the term to look again has come."""
    require(actor, "rating.add_watchentry", entry.producer.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明移出的理由。"), code="reason")
    with transaction.atomic():
        _move(entry, State.WATCHED, state=State.LEAVING, exit_reason=reason, exit_proposed_by=actor)
        _note("watch.leaving", entry, actor)
    return entry


def leave(*, entry: WatchEntry, actor: User) -> WatchEntry:
    """Decide that it leaves; refused to whoever proposed so."""
    require(actor, "rating.decide_watchentry", entry.producer.region_id)
    _refuse_same(entry.exit_proposed_by_id, actor)
    with transaction.atomic():
        _move(entry, State.LEAVING, state=State.LEFT, left_by=actor, left_on=today())
        _note("watch.left", entry, actor)
        listings.announce([entry.producer_id])
    return entry


def _decide(
    entry: WatchEntry, state: WatchEntry.State, actor: User, verb: str, reason: str, **fields: object
) -> WatchEntry:
    require(actor, "rating.decide_watchentry", entry.producer.region_id)
    with transaction.atomic():
        _move(entry, State.PROPOSED, state=state, decided_by=actor, decision_reason=reason, **fields)
        _note(verb, entry, actor)
        if state == State.WATCHED:
            listings.announce([entry.producer_id])
    return entry


def _refuse_same(first: int | None, actor: User) -> None:
    if first == actor.pk:
        raise ValidationError(_("决定的人不能与提出的人相同。"), code="same_person")


def _move(entry: WatchEntry, begins: WatchEntry.State, **fields: object) -> None:
    changed = WatchEntry.objects.filter(pk=entry.pk, state=begins).update(**fields)
    entry.refresh_from_db()
    if not changed:
        raise ValidationError(
            _("该记录现为“%(state)s”，不能办理这一步。") % {"state": entry.get_state_display()}, code="state"
        )


def _note(verb: str, entry: WatchEntry, actor: User) -> None:
    audit.record(
        verb=verb,
        actor=actor,
        target=entry,
        region_code=entry.producer.region_id,
        producer=entry.producer.name,
    )
