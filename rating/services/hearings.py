"""Hearings (听证) on an intended decision: asked for in time, told ahead, chaired by somebody else, minuted.

Legal source: 行政处罚法 art. 63–64 by analogy (asked for within five working days of the notice's service,
told seven days ahead, chair not from those who handle the matter). The numbers are the platform's defaults.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from rating.models import Decision, Hearing
from rating.services import attachments, decisions
from rating.services.access import require

#: Working days between the notification and the hearing.
AHEAD_WORKING_DAYS = 7

State = Hearing.State


def request(*, decision: Decision, request: str, actor: User) -> Hearing:
    """Ask for a hearing where the notice offers one, within the days to state and defend."""
    decisions.refuse_stranger(decision, actor)
    if not decision.hearing_offered:
        raise ValidationError(_("告知书没有告知听证权利，可以陈述申辩。"), code="not_offered")
    if decision.state != Decision.State.NOTICED:
        raise ValidationError(_("该事项已经办结。"), code="already_decided")
    if not request.strip():
        raise ValidationError(_("请写明要求听证的事项。"), code="request")
    decisions.refuse_late(decision)
    try:
        with transaction.atomic():
            hearing = Hearing.objects.create(
                decision=decision, request=request, requested_by=actor, requested_on=today()
            )
            decisions.note("hearing.requested", decision, actor)
    except IntegrityError:
        raise ValidationError(_("已经要求过听证。"), code="already_requested") from None
    return hearing


def schedule(*, decision: Decision, scheduled_on: date, place: str, chair: User, actor: User) -> Decision:
    """Tell the producer when and where, at least seven working days ahead, and who presides."""
    require(actor, "rating.notice_decision", decision.producer.region_id)
    earliest = calendar.add_working_days(today(), AHEAD_WORKING_DAYS).date
    if scheduled_on < earliest:
        raise ValidationError(
            _("应在听证七个工作日前通知：最早可定在%(day)s。") % {"day": full_date(earliest)},
            code="too_soon",
        )
    if chair.pk == decision.noticed_by_id:
        raise ValidationError(_("听证主持人不能是拟认定人。"), code="same_person")
    if not place.strip():
        raise ValidationError(_("请写明听证地点。"), code="place")
    with transaction.atomic():
        _move(
            decision,
            (State.REQUESTED, State.SCHEDULED),
            state=State.SCHEDULED,
            scheduled_on=scheduled_on,
            place=place,
            chair=chair,
            notified_on=today(),
        )
        decisions.note("hearing.scheduled", decision, actor, on=scheduled_on.isoformat())
    return decision


def hold(*, decision: Decision, minutes: str, actor: User, papers: Sequence[Any] = ()) -> Decision:
    """Keep the minutes of a hearing that was held; refused before its day."""
    require(actor, "rating.notice_decision", decision.producer.region_id)
    hearing = of(decision)
    if hearing is None or hearing.scheduled_on is None or today() < hearing.scheduled_on:
        raise ValidationError(_("听证日期未到，不能登记笔录。"), code="too_early")
    if not minutes.strip():
        raise ValidationError(_("请写下听证笔录。"), code="minutes")
    with transaction.atomic():
        _move(decision, (State.SCHEDULED,), state=State.HELD, minutes=minutes)
        attachments.keep(papers, purpose="minutes", actor=actor, decision=decision)
        decisions.note("hearing.held", decision, actor)
    return decision


def cancel(*, decision: Decision, reason: str, actor: User) -> Decision:
    """The producer took its request back, or stayed away without cause."""
    require(actor, "rating.notice_decision", decision.producer.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明理由。"), code="reason")
    with transaction.atomic():
        _move(decision, (State.REQUESTED, State.SCHEDULED), state=State.CANCELLED, minutes=reason)
        decisions.note("hearing.cancelled", decision, actor, reason=reason)
    return decision


def of(decision: Decision) -> Hearing | None:
    """The decision's hearing, None where nobody asked for one."""
    try:
        return decision.hearing
    except ObjectDoesNotExist:
        return None


def _move(decision: Decision, begins: tuple[Hearing.State, ...], **fields: object) -> None:
    rows = Hearing.objects.filter(decision=decision, state__in=begins)
    if decision.state != Decision.State.NOTICED or not rows.update(**fields):
        raise ValidationError(_("没有可以办理这一步的听证。"), code="state")
    decision.refresh_from_db()
