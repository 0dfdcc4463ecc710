"""Interviews (责任约谈, 农产品质量安全法 art. 55): called, held or missed, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from archives.models import Producer
from archives.services import ledger
from rating.models import Interview
from rating.services import attachments
from rating.services.access import require

State = Interview.State


def call(
    *, producer: Producer, reason: str, basis: str, scheduled_on: date, place: str, actor: User
) -> Interview:
    """Call the producer's principal. Refused without a reason, basis or place, or for a day in the past."""
    producer = producer.resolved
    require(actor, "rating.keep_interview", producer.region_id)
    if not reason.strip() or not basis.strip() or not place.strip():
        raise ValidationError(_("请写明约谈事由、依据和地点。"), code="incomplete")
    if scheduled_on < today():
        raise ValidationError(_("约谈日期不能早于今天。"), code="date")
    with transaction.atomic():
        interview = Interview.objects.create(
            producer=producer,
            reason=reason,
            basis=basis,
            called_by=actor,
            called_on=today(),
            scheduled_on=scheduled_on,
            place=place,
        )
        _note("interview.called", interview, actor, on=scheduled_on.isoformat())
    return interview


def hold(
    *,
    interview: Interview,
    attended: str,
    interviewers: str,
    agreed: str,
    actor: User,
    follow_up_by: date | None = None,
    papers: Sequence[Any] = (),
) -> Interview:
    """Keep who came and what was agreed; posted to the ledger, where it weighs nothing.

    Refused before its day, without persons or points, or with a date to see to it that has passed.
    """
    require(actor, "rating.keep_interview", interview.producer.region_id)
    if not attended.strip() or not interviewers.strip() or not agreed.strip():
        raise ValidationError(_("请写明到场人员、约谈人员和约定事项。"), code="incomplete")
    if today() < interview.scheduled_on:
        raise ValidationError(_("约谈日期未到。"), code="too_early")
    if follow_up_by is not None and follow_up_by < today():
        raise ValidationError(_("落实期限不能早于今天。"), code="date")
    with transaction.atomic():
        _move(
            interview,
            (State.CALLED, State.MISSED),
            state=State.HELD,
            held_on=today(),
            attended=attended,
            interviewers=interviewers,
            agreed=agreed,
            follow_up_by=follow_up_by,
        )
        attachments.keep(papers, purpose="minutes", actor=actor, interview=interview)
        ledger.post(
            [
                ledger.EventDraft(
                    uid=f"interview:{interview.pk}",
                    producer_id=interview.producer_id,
                    kind="interview.held",
                    occurred_on=today(),
                    source=_("责任约谈记录"),
                    note=agreed[:400],
                )
            ]
        )
        _note("interview.held", interview, actor)
    return interview


def miss(*, interview: Interview, reason: str, actor: User) -> Interview:
    """Nobody came."""
    require(actor, "rating.keep_interview", interview.producer.region_id)
    if today() < interview.scheduled_on:
        raise ValidationError(_("约谈日期未到。"), code="too_early")
    if not reason.strip():
        raise ValidationError(_("请写明未到场的情况。"), code="reason")
    with transaction.atomic():
        _move(interview, (State.CALLED,), state=State.MISSED, outcome=reason)
        _note("interview.missed", interview, actor)
    return interview


def close(*, interview: Interview, outcome: str, actor: User) -> Interview:
    """What became of the points agreed."""
    require(actor, "rating.keep_interview", interview.producer.region_id)
    if not outcome.strip():
        raise ValidationError(_("请写明落实情况。"), code="outcome")
    with transaction.atomic():
        _move(interview, (State.HELD,), state=State.CLOSED, followed_up_on=today(), outcome=outcome)
        _note("interview.closed", interview, actor)
    return interview


def _move(interview: Interview, begins: tuple[Interview.State, ...], **fields: object) -> None:
    changed = Interview.objects.filter(pk=interview.pk, state__in=begins).update(**fields)
    interview.refresh_from_db()
    if not changed:
        raise ValidationError(
            _("该约谈现为“%(state)s”，不能办理这一步。") % {"state": interview.get_state_display()},
            code="state",
        )


def _note(verb: str, interview: Interview, actor: User, **facts: str) -> None:
    audit.record(
        verb=verb,
        actor=actor,
        target=interview,
        region_code=interview.producer.region_id,
        producer=interview.producer.name,
        **facts,
    )
