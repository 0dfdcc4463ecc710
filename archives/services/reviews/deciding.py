"""What officers do with records put up for verification, and how their producers answer.

Four eyes: whoever entered a record, answered for it or acts for its producer does not verify it. Somebody of
the county or a substitute does (``services.reviews.substitutes``): a township with one officer is not stuck.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import Producer, Record, RecordReview, ReviewState
from archives.services.records import NOUNS, reverse_record

BULK_MOST = 200
UNDO = timedelta(minutes=30)
REASON_LENGTH = 240


@dataclass(frozen=True)
class Confirmed:
    """What a bulk confirmation did: its key for taking it back, how many, and how many it left alone."""

    act: uuid.UUID
    count: int
    own: int
    decided: int


@transaction.atomic
def confirm(*, reviews: Collection[int], actor: Any) -> Confirmed:
    """Verify the open ones of ``reviews`` (keys, at most :data:`BULK_MOST`) that are not the actor's own.

    ValidationError when nothing is left to verify; what somebody else decided meanwhile is left as it is.
    """
    if not reviews or len(reviews) > BULK_MOST:
        raise ValidationError(_("请选择1至%(most)d条记录。") % {"most": BULK_MOST})
    rows = list(_locked(RecordReview.objects.filter(pk__in=reviews)))
    open_rows = [row for row in rows if row.state == ReviewState.OPEN]
    own = _own(open_rows, actor)
    fit = [row for row in open_rows if row.pk not in own]
    if not fit:
        raise ValidationError(_refusal(rows, own), code="none")
    act = uuid.uuid4()
    RecordReview.objects.filter(pk__in=[row.pk for row in fit]).update(
        state=ReviewState.CONFIRMED, decided_by=actor, decided_at=clock.now(), act=act, reason=""
    )
    record(
        verb="reviews.confirmed",
        actor=actor,
        region_code=_place(actor),
        count=len(fit),
        uids=[str(row.uid) for row in fit],
    )
    return Confirmed(act, len(fit), len(own), len(reviews) - len(open_rows))


@transaction.atomic
def undo(*, act: uuid.UUID, actor: Any) -> int:
    """Take a confirmation back within :data:`UNDO`; its records are open again. Returns how many."""
    since = clock.now() - UNDO
    standing = RecordReview.objects.filter(act=act, decided_by=actor, state=ReviewState.CONFIRMED)
    rows = list(_locked(standing.filter(decided_at__gte=since)))
    if not rows:
        minutes = int(UNDO.total_seconds() // 60)
        raise ValidationError(
            _("只能在%(minutes)d分钟内撤回自己的核实。") % {"minutes": minutes}, code="late"
        )
    RecordReview.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=ReviewState.OPEN, decided_by=None, decided_at=None, act=None
    )
    record(verb="reviews.undone", actor=actor, region_code=_place(actor), count=len(rows))
    return len(rows)


@transaction.atomic
def send_back(*, review: RecordReview, reason: str, actor: Any) -> RecordReview:
    """Return a record with the reason: its producer answers, or reverses it and enters it again."""
    row = _decidable(review, actor)
    row.reason = _reason(reason)
    row.state, row.decided_by, row.decided_at, row.act = ReviewState.RETURNED, actor, clock.now(), None
    row.save(update_fields=["state", "reason", "decided_by", "decided_at", "act"])
    _note("review.returned", row, actor, reason=row.reason)
    return row


@transaction.atomic
def reverse(*, review: RecordReview, reason: str, actor: Any) -> Record:
    """Take the record itself back, with the events it posted; the review is closed with it."""
    # The producer first, as the reversal does: two who reverse at once wait instead of blocking each other.
    Producer.objects.select_for_update(no_key=True).get(pk=review.producer_id)
    row = _decidable(review, actor)
    found: Record = record_of(row)
    return reverse_record(row=found, reason=_reason(reason), actor=actor)


@transaction.atomic
def answer(*, review: RecordReview, text: str, actor: Any) -> RecordReview:
    """The producer explains a returned record; an officer looks at it again."""
    row: RecordReview = _locked(RecordReview.objects.filter(pk=review.pk)).get()
    if row.state != ReviewState.RETURNED:
        raise ValidationError(_("这条记录现在不需要说明。"), code="state")
    if not text.strip() or len(text.strip()) > REASON_LENGTH:
        raise ValidationError({"text": _("请写明情况，最多%(n)d个字。") % {"n": REASON_LENGTH}})
    row.answer, row.answered_by, row.answered_at = text.strip(), actor, clock.now()
    row.state = ReviewState.OPEN
    row.save(update_fields=["answer", "answered_by", "answered_at", "state"])
    _note("review.answered", row, actor)
    return row


def said(done: Confirmed) -> str:
    """What a bulk confirmation did, in a sentence."""
    sentences = [_("已核实%(count)d条。") % {"count": done.count}]
    if done.own:
        sentences.append(_("%(count)d条由您录入、说明或代办，须由他人核实。") % {"count": done.own})
    if done.decided:
        sentences.append(_("%(count)d条已由他人处理。") % {"count": done.decided})
    return "".join(sentences)


def said_undone(count: int) -> str:
    """What was taken back, in a sentence."""
    return _("已撤回%(count)d条，恢复为待核实。") % {"count": count}


def record_of(review: RecordReview) -> Record:
    """The record that is reviewed."""
    found: Record = NOUNS[review.noun].model.objects.get(uid=review.uid)
    return found


def _locked(rows: Any) -> Any:
    return rows.select_for_update(of=("self",), no_key=True).order_by("pk")


def _own(rows: list[RecordReview], actor: Any) -> set[int]:
    marked = RecordReview.objects.filter(pk__in=[row.pk for row in rows]).with_own(actor)
    return set(marked.filter(own=True).values_list("pk", flat=True))


def _decidable(review: RecordReview, actor: Any) -> RecordReview:
    row: RecordReview = _locked(RecordReview.objects.filter(pk=review.pk)).get()
    if row.state != ReviewState.OPEN:
        raise ValidationError(_refusal([row], set()), code="decided")
    if _own([row], actor):
        raise ValidationError(_refusal([row], {row.pk}), code="own")
    return row


def _refusal(rows: list[RecordReview], own: set[int]) -> str:
    if own:
        return _("由您录入、说明或代办的记录须由他人核实；可请县级或邻近乡镇人员代核。")
    if len(rows) == 1:
        who = rows[0].decided_by.name if rows[0].decided_by else _("系统")
        state = rows[0].get_state_display()
        return _("%(who)s已处理这条记录，现为：%(state)s。") % {"who": who, "state": state}
    return _("所选记录都已由他人处理，没有变动。")


def _reason(text: str) -> str:
    if not text.strip() or len(text.strip()) > REASON_LENGTH:
        raise ValidationError({"reason": _("请填写理由，最多%(n)d个字。") % {"n": REASON_LENGTH}})
    return text.strip()


def _place(actor: Any) -> str:
    return actor.region_code if actor else ""


def _note(verb: str, row: RecordReview, actor: Any, **facts: Any) -> None:
    noun = str(NOUNS[row.noun].model._meta.verbose_name)
    record(
        verb=verb, actor=actor, target=row.producer, region_code=row.producer.region_id, noun=noun,
        day=row.occurred_on, uid=row.uid, **facts,
    )  # fmt: skip
