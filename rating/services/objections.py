"""Objections (异议): filed by the producer in time, marked at once, decided within days by another person."""

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
from archives.models import CreditEvent, Producer
from archives.services import ledger
from rating.models import Decision, Objection, Rating, RatingRun, Standing
from rating.services import attachments, reissue
from rating.services.access import require

#: Working days after a result took effect in which it may still be objected to; to decide; and in all when
#: extended: the platform's defaults.
FILING_WORKING_DAYS, DECIDE_WORKING_DAYS, EXTENDED_WORKING_DAYS = 20, 5, 20

State = Objection.State


def results_of(producer: Producer) -> list[Rating]:
    """Results that can be objected to: in public notice or in effect, decided; newest first."""
    states = [RatingRun.State.PUBLIC_NOTICE, RatingRun.State.EFFECTIVE]
    rows = Rating.objects.current().filter(producer=producer.resolved, run__state__in=states)
    rows = rows.exclude(status=Rating.Status.PENDING).select_related("run__scheme", "producer")
    return list(rows.defer("points", "readings").order_by("-run__year", "-run_id"))


def deadline_of(rating: Rating) -> date:
    """The last day for an objection: the public notice's, then twenty working days after the effect."""
    run = rating.run
    if run.state == RatingRun.State.PUBLIC_NOTICE and run.notice_until is not None:
        return run.notice_until
    standing = Standing.objects.filter(producer_id=rating.producer_id, official_run=run).first()
    since = (standing.since if standing else None) or run.effective_on or today()
    return calendar.add_working_days(since, FILING_WORKING_DAYS).date


def file(*, rating: Rating, reasons: str, actor: User, papers: Sequence[object] = ()) -> Objection:
    """Object to one's own result; the grade is marked 异议中 from this moment on.

    Refused (ValidationError): no reasons; a result that is neither in public notice nor in effect, not the
    newest, or not decided yet; after the deadline, with its date; a second objection to the same result.
    PermissionDenied to whoever does not own the producer.
    """
    producer = rating.producer
    if not actor.has_perm("rating.add_objection"):
        raise PermissionDenied(_("您没有办理这一步的权限。"))
    if not Producer.objects.visible_to(actor).filter(pk=producer.pk).exists():
        raise PermissionDenied(_("这不在您的管辖范围内。"))
    if not reasons.strip():
        raise ValidationError(_("请写明对什么有异议、为什么。"), code="reasons")
    if rating.pk not in {row.pk for row in results_of(producer)}:
        raise ValidationError(_("只能对公示中或生效的最新结果提出异议。"), code="state")
    deadline = deadline_of(rating)
    if today() > deadline:
        raise ValidationError(
            _("提出异议的期限已于%(day)s届满。") % {"day": full_date(deadline)}, code="too_late"
        )
    try:
        with transaction.atomic():
            objection = Objection.objects.create(
                producer=producer,
                run=rating.run,
                rating_version=rating.version,
                reasons=reasons,
                filed_by=actor,
                filed_on=today(),
                decide_by=calendar.add_working_days(today(), DECIDE_WORKING_DAYS).date,
            )
            attachments.keep(papers, purpose="objection", actor=actor, objection=objection)
            _mark(producer)
            until = objection.decide_by.isoformat()
            _record("objection.filed", objection, actor, run=str(rating.run), until=until)
    except IntegrityError:
        raise ValidationError(_("对这个结果已经提出过异议。"), code="already_filed") from None
    return objection


def extend(*, objection: Objection, reason: str, actor: User) -> Objection:
    """Put the deadline off, once, to twenty working days from the filing, for a reason."""
    require(actor, "rating.decide_objection", objection.producer.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明延长的理由。"), code="reason")
    until = calendar.add_working_days(objection.filed_on, EXTENDED_WORKING_DAYS).date
    with transaction.atomic():
        rows = Objection.objects.open().filter(pk=objection.pk, extension_reason="")
        if not rows.update(decide_by=until, extension_reason=reason, extended_by=actor):
            raise ValidationError(_("只有未办结且没有延长过的异议才能延长一次。"), code="extended")
        objection.refresh_from_db()
        _record("objection.extended", objection, actor, until=until.isoformat())
    return objection


def uphold(*, objection: Objection, reason: str, actor: User, uids: Sequence[str] = ()) -> Objection:
    """Uphold: take the wrong facts back and have the producer's results issued anew.

    Refused to whoever filed it or decided first; when decided already; without reasons; when a fact is not
    the producer's or counts no longer (then nothing is taken back at all).
    """
    wrong = _facts(objection, uids)
    with transaction.atomic():
        _decide(objection, State.UPHELD, reason, actor, reversed_uids=[event.uid for event in wrong])
        for event in wrong:
            _reverse(objection, event, reason)
        _record("objection.upheld", objection, actor, count=str(len(wrong)))
        reissue.request(producer=objection.producer, cause=f"objection:{objection.pk}", actor=actor)
    return objection


def reject(*, objection: Objection, reason: str, actor: User) -> Objection:
    """Reject, with reasons; the result stands and the mark goes."""
    with transaction.atomic():
        _decide(objection, State.REJECTED, reason, actor)
        _record("objection.rejected", objection, actor)
    return objection


def _facts(objection: Objection, uids: Sequence[str]) -> list[CreditEvent]:
    ids = Producer.objects.known_as(objection.producer.resolved.pk)
    events = list(CreditEvent.objects.counting(of=ids).filter(uid__in=uids))
    unknown = set(uids) - {event.uid for event in events}
    if unknown:
        raise ValidationError(
            _("这些编号不是该主体仍在计入的信息：%(uids)s。") % {"uids": "、".join(sorted(unknown))},
            code="unknown_facts",
        )
    return events


def _reverse(objection: Objection, event: CreditEvent, reason: str) -> None:
    try:
        ledger.reverse(
            uid=event.uid,
            by_uid=f"objection:{objection.pk}:{event.pk}",
            source=_("异议处理决定"),
            note=reason,
        )
    except LedgerRefusal as refusal:
        raise ValidationError(str(refusal), code="ledger") from refusal


def _decide(objection: Objection, state: Objection.State, reason: str, actor: User, **fields: object) -> None:
    require(actor, "rating.decide_objection", objection.producer.region_id)
    if actor.pk in _first_deciders(objection):
        raise ValidationError(
            _("办理异议的人不能是提出人、发布公示的人或认定过该结果的人。"), code="same_person"
        )
    if not reason.strip():
        raise ValidationError(_("请写明决定的理由。"), code="reason")
    rows = Objection.objects.open().filter(pk=objection.pk)
    changed = rows.update(state=state, decided_by=actor, decided_on=today(), outcome_reason=reason, **fields)
    objection.refresh_from_db()
    if not changed:
        raise ValidationError(_("该异议已经办结。"), code="already_decided")
    _mark(objection.producer)


def _first_deciders(objection: Objection) -> set[int | None]:
    """Who filed it, published the result, or proposed or confirmed it."""
    people = {objection.filed_by_id, objection.run.noticed_by_id}
    decisions = Decision.objects.filter(run_id=objection.run_id, producer_id=objection.producer_id)
    for noticed_by, decided_by in decisions.values_list("noticed_by", "decided_by"):
        people |= {noticed_by, decided_by}
    return people - {None}


def _mark(producer: Producer) -> None:
    """Say 异议中 wherever the grade stands, or no longer."""
    objected = Objection.objects.open().filter(producer=producer).exists()
    Standing.objects.update_or_create(producer=producer, defaults={"objected": objected})


def _record(verb: str, objection: Objection, actor: User, **facts: str) -> None:
    audit.record(
        verb=verb,
        actor=actor,
        target=objection,
        region_code=objection.producer.region_id,
        producer=objection.producer.name,
        **facts,
    )
