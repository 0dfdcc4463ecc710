"""Credit repair: application, acceptance, one extension, decision. Free of charge (policy: 谁认定、谁修复).

Granting posts ``repair.granted`` and has the grade in force issued anew; public pages and joint use read
the ledger without what was repaired from that moment on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from archives.ledger.drafts import LedgerRefusal
from archives.ledger.kinds import NEGATIVE_NUMBERS, OUTCOME_NUMBERS
from archives.models import CreditEvent, Producer
from archives.services import repair as ledger
from rating.models import Decision, Repair, Tier
from rating.services import attachments, publication, reissue
from rating.services.access import require

#: Working days to accept, to decide, and of the one extension: the platform's defaults.
ACCEPT_WORKING_DAYS, DECIDE_WORKING_DAYS, EXTENDED_WORKING_DAYS = 3, 10, 10

State = Repair.State


def repairable(producer: Producer) -> list[CreditEvent]:
    """The producer's negative events that count, the newest first."""
    ids = Producer.objects.known_as(producer.resolved.pk)
    events = CreditEvent.objects.counting(of=ids).filter(kind__in=NEGATIVE_NUMBERS)
    failed = CreditEvent.Outcome.FAIL
    rows = events.order_by("-occurred_on", "-pk")
    return [event for event in rows if event.outcome == failed or event.kind not in OUTCOME_NUMBERS]


def apply(
    *,
    producer: Producer,
    event: CreditEvent,
    correction: str,
    pledge: str,
    actor: User,
    tier: Tier | None = None,
    papers: Sequence[object] = (),
) -> Repair:
    """Apply for the repair of one event of the producer's; an officer may apply for it and name the tier.

    Refused (ValidationError): an event that is not negative, not the producer's or counts no longer; what was
    put right or the pledge left out; an application open or granted already; before the shortest term, with
    the first day allowed. PermissionDenied to strangers.
    """
    producer = producer.resolved
    _may_apply(actor, producer)
    if event.pk not in {row.pk for row in repairable(producer)}:
        raise ValidationError(
            _("这条信息不是该主体仍在计入的失信信息，不能申请修复。"), code="not_repairable"
        )
    if not correction.strip() or not pledge.strip():
        raise ValidationError(_("请写明整改和履行情况，并作出信用承诺。"), code="incomplete")
    day = today()
    term = publication.term_of(event, day, tier if actor.has_perm("rating.decide_repair") else None)
    _refuse_early(term, day)
    try:
        with transaction.atomic():
            repair = Repair.objects.create(
                producer=producer,
                event=event,
                tier=term.tier,
                terms=publication.rule_word(term.rule),
                correction=correction,
                pledge=pledge,
                applied_by=actor,
                applied_on=day,
                accept_by=calendar.add_working_days(day, ACCEPT_WORKING_DAYS).date,
            )
            attachments.keep(papers, purpose="repair", actor=actor, repair=repair)
            _record("repair.applied", repair, actor, on=event.occurred_on.isoformat())
    except IntegrityError:
        raise ValidationError(_("这条信息已有未办结或已准予的修复申请。"), code="already_applied") from None
    return repair


def accept(*, repair: Repair, actor: User, tier: Tier | None = None, found_by: User | None = None) -> Repair:
    """Take an application up: fix the tier, and name who found the fact if that was somebody here.

    Refused before the shortest term of the tier that the officer fixes, with the first day allowed.
    """
    require(actor, "rating.decide_repair", repair.producer.region_id)
    day = today()
    term = publication.term_of(repair.event, day, tier or Tier(repair.tier))
    _refuse_early(term, day)
    until = calendar.add_working_days(day, DECIDE_WORKING_DAYS).date
    with transaction.atomic():
        _move(
            repair,
            State.APPLIED,
            state=State.ACCEPTED,
            tier=term.tier,
            terms=publication.rule_word(term.rule),
            accepted_by=actor,
            accepted_on=day,
            found_by=found_by,
            decide_by=until,
        )
        _record("repair.accepted", repair, actor, until=until.isoformat())
    return repair


def extend(*, repair: Repair, reason: str, actor: User) -> Repair:
    """Put the deadline off by ten working days, once, for a reason."""
    require(actor, "rating.decide_repair", repair.producer.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明延长的理由。"), code="reason")
    if repair.decide_by is None or repair.extension_reason:
        raise ValidationError(_("已受理且没有延长过的申请才能延长一次。"), code="extended")
    until = calendar.add_working_days(repair.decide_by, EXTENDED_WORKING_DAYS).date
    with transaction.atomic():
        _move(repair, State.ACCEPTED, once=True, decide_by=until, extension_reason=reason)
        _record("repair.extended", repair, actor, until=until.isoformat())
    return repair


def grant(*, repair: Repair, reason: str, actor: User) -> Repair:
    """Grant: the event counts no longer, at once, and the grade in force is issued anew.

    Refused to whoever applied, found the fact or decided on the grade; when it is not accepted or decided
    already; when the event counts no longer.
    """
    _refuse_partial(repair, actor)
    with transaction.atomic():
        _decide(repair, State.GRANTED, reason, actor)
        try:
            ledger.grant(
                uid=repair.event.uid,
                by_uid=f"repair:{repair.pk}",
                source=_("信用修复决定"),
                note=reason,
            )
        except LedgerRefusal as refusal:
            raise ValidationError(str(refusal), code="ledger") from refusal
        _record("repair.granted", repair, actor)
        reissue.request(producer=repair.producer, cause=f"repair:{repair.pk}", actor=actor)
    return repair


def refuse(*, repair: Repair, reason: str, actor: User) -> Repair:
    """Refuse, with reasons; the producer may apply again."""
    _refuse_partial(repair, actor)
    if not reason.strip():
        raise ValidationError(_("请写明不予修复的理由。"), code="reason")
    with transaction.atomic():
        _decide(repair, State.REFUSED, reason, actor)
        _record("repair.refused", repair, actor)
    return repair


def _may_apply(actor: User, producer: Producer) -> None:
    if not actor.has_perm("rating.add_repair"):
        raise PermissionDenied(_("您没有办理这一步的权限。"))
    if not Producer.objects.visible_to(actor).filter(pk=producer.pk).exists():
        raise PermissionDenied(_("这不在您的管辖范围内。"))


def _refuse_early(term: publication.Term, day: date) -> None:
    if term.repairable_from > day:
        raise ValidationError(
            _("%(tier)s失信信息的最短公示期未满，%(day)s起才能申请修复。依据：%(rule)s。")
            % {
                "tier": term.tier.label,
                "day": full_date(term.repairable_from),
                "rule": publication.rule_word(publication.rule_on(term.repairable_from)),
            },
            code="too_early",
        )


def _refuse_partial(repair: Repair, actor: User) -> None:
    """Who decides has not applied for it, found the fact, or proposed or confirmed a grade upon it."""
    require(actor, "rating.decide_repair", repair.producer.region_id)
    before = Decision.objects.filter(producer=repair.producer).exclude(state=Decision.State.WITHDRAWN)
    people = {repair.applied_by_id, repair.found_by_id}
    for noticed_by, decided_by in before.values_list("noticed_by", "decided_by"):
        people |= {noticed_by, decided_by}
    if actor.pk in people:
        raise ValidationError(
            _("决定修复的人不能是申请人、原认定人或认定过该主体等级的人。"), code="same_person"
        )


def _decide(repair: Repair, state: Repair.State, reason: str, actor: User) -> None:
    _move(repair, State.ACCEPTED, state=state, decided_by=actor, decided_on=today(), outcome_reason=reason)


def _move(repair: Repair, begins: Repair.State, *, once: bool = False, **fields: object) -> None:
    """By one conditional update, so that of two people who press at once one succeeds."""
    rows = Repair.objects.filter(pk=repair.pk, state=begins)
    if once:
        rows = rows.filter(extension_reason="")
    changed = rows.update(**fields)
    repair.refresh_from_db()
    if not changed:
        raise ValidationError(
            _("该申请现为“%(state)s”，不能办理这一步。") % {"state": repair.get_state_display()},
            code="state",
        )


def _record(verb: str, repair: Repair, actor: User, **facts: str) -> None:
    audit.record(
        verb=verb,
        actor=actor,
        target=repair,
        region_code=repair.producer.region_id,
        producer=repair.producer.name,
        event=str(repair.event.event_kind.label),
        **facts,
    )
