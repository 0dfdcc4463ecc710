"""Decisions on vetoes and lowest grades: notice of intent, days to answer, a second person, service, effect.

DESIGN §5 "law before arithmetic": what a run computed takes effect for such a producer only by this way;
until the decision is served the old grade stands and nothing shows in public. Lowering or suspending a grade
during the year begins in :mod:`rating.services.interim` and goes the same way from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from archives.models import CreditEvent, Producer
from rating.models import Decision, Hearing, Rating, RatingRun
from rating.services import attachments, schemes
from rating.services.access import require

#: Working days the producer has to state and defend (陈述申辩), and the office to serve a decision
#: (行政处罚法 art. 61: seven days; art. 85: working days). Both are the platform's defaults.
STATEMENT_WORKING_DAYS, SERVICE_WORKING_DAYS = 5, 7

_DECIDABLE = (RatingRun.State.IN_REVIEW, RatingRun.State.PUBLIC_NOTICE, RatingRun.State.EFFECTIVE)
State = Decision.State


def give_notice(
    *,
    rating: Rating,
    reasons: str,
    basis: str,
    actor: User,
    evidence: Sequence[str] = (),
    hearing_offered: bool = False,
    on: date | None = None,
) -> Decision:
    """Draw up the notice of which grade is intended and why; the days to answer run from its service.

    ``evidence`` are uids of the facts it rests on: a decision is refused later if one of them counts no more.
    Refused (ValidationError): a result not pending or not the newest, a run not under review or later, a
    trial, missing reasons or basis, a notice already open, a day other than today. PermissionDenied for want
    of ``rating.notice_decision`` or of the region.
    """
    run = rating.run
    require(actor, "rating.notice_decision", rating.region_id)
    if run.trial:
        raise ValidationError(_("试评价的结果没有效力，不作认定。"), code="trial")
    if run.state not in _DECIDABLE:
        raise ValidationError(_("评价进入复核后才能告知拟认定等级。"), code="state")
    newest = Rating.objects.current().filter(run=run, producer_id=rating.producer_id).get()
    if newest.pk != rating.pk or rating.status != Rating.Status.PENDING:
        raise ValidationError(_("该结果没有待认定的等级。"), code="not_pending")
    return open_decision(
        rating=rating,
        ground=Decision.Ground.VETO if rating.vetoes else Decision.Ground.LOWEST,
        grade=rating.grade,
        reasons=reasons,
        basis=basis,
        evidence=evidence,
        hearing_offered=hearing_offered,
        actor=actor,
        on=on,
    )


def open_decision(
    *,
    rating: Rating,
    ground: Decision.Ground,
    grade: str,
    reasons: str,
    basis: str,
    evidence: Sequence[str],
    hearing_offered: bool,
    actor: User,
    on: date | None,
) -> Decision:
    """Write the notice, whatever it is for; what may be noticed the callers have asked."""
    if not reasons.strip() or not basis.strip():
        raise ValidationError(_("请写明事实、理由和依据。"), code="reasons")
    day = day_of(on, rating.producer)
    refuse_unknown(rating.producer, evidence)
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                run=rating.run,
                producer_id=rating.producer_id,
                rating_version=rating.version,
                ground=ground,
                grade=grade,
                reasons=reasons,
                basis=basis,
                evidence_uids=list(evidence),
                hearing_offered=hearing_offered,
                noticed_by=actor,
                noticed_on=day,
            )
            note("decision.noticed", decision, actor)
    except IntegrityError:
        raise ValidationError(_("已就该结果告知或认定，不能重复。"), code="already_noticed") from None
    return decision


def state_defence(
    *, decision: Decision, statement: str, actor: User | None, papers: Sequence[object] = ()
) -> Decision:
    """Keep what the producer (or an officer for it) states within the days given, with its papers."""
    refuse_stranger(decision, actor)
    if not statement.strip():
        raise ValidationError(_("请写下陈述申辩的内容。"), code="statement")
    refuse_late(decision)
    with transaction.atomic():
        if not Decision.objects.open().filter(pk=decision.pk).update(statement=statement):
            raise ValidationError(_("该事项已经办结。"), code="already_decided")
        decision.refresh_from_db()
        attachments.keep(papers, purpose="statement", actor=actor, decision=decision)
        note("decision.stated", decision, actor)
    return decision


def confirm(*, decision: Decision, reason: str, actor: User, on: date | None = None) -> Decision:
    """Decide: the grade takes effect when the decision is served, which has to be within seven working days.

    Refused (ValidationError): the person who gave the notice; a notice not served; before the producer's days
    are over or while a hearing is due; a decision already taken; no answer to a statement or a hearing;
    facts that count no longer; results that have changed since the notice.
    """
    require(actor, "rating.confirm_decision", decision.producer.region_id)
    if actor.pk == decision.noticed_by_id:
        raise ValidationError(_("作出认定的人不能与告知的人相同。"), code="same_person")
    day = day_of(on, decision.producer)
    _refuse_early(decision, day)
    held = _hearing_held(decision)
    if (decision.statement or held) and not reason.strip():
        raise ValidationError(_("主体已陈述申辩或听证，请写明是否采纳及理由。"), code="reason")
    refuse_unknown(decision.producer, decision.evidence_uids)
    with transaction.atomic():
        newest_for(decision)
        until = calendar.add_working_days(day, SERVICE_WORKING_DAYS).date
        _decide(decision, State.CONFIRMED, actor, day, reason, serve_by=until)
        note("decision.confirmed", decision, actor)
    return decision


def withdraw(*, decision: Decision, reason: str, actor: User | None) -> Decision:
    """Take a notice back (the facts were wrong, the defence convinced): nothing changes.

    A pending result stays pending: the facts are corrected in the ledger and it is issued anew, or a new
    notice is given. None is the system: the result was issued anew meanwhile.
    """
    require(actor, "rating.notice_decision", decision.producer.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明撤回的理由。"), code="reason")
    with transaction.atomic():
        _decide(decision, State.WITHDRAWN, actor, today(), reason)
        note("decision.withdrawn", decision, actor)
    return decision


def evidence_text(rating: Rating) -> str:
    """A first draft of the reasons: the vetoes that hold, in words, or the score below the lowest line."""
    scheme = schemes.parsed(rating.run.scheme)
    held = set(scheme.veto_codes(rating.vetoes))
    names = [f"{veto.code} {veto.name}" for veto in scheme.vetoes if veto.code in held]
    if names:
        return _("符合一票否决情形：%(names)s。") % {"names": "；".join(names)}
    return _("年度得分%(score)s分，属最低等级%(grade)s。") % {
        "score": f"{rating.score / 100:.2f}",
        "grade": rating.grade,
    }


def newest_for(decision: Decision) -> Rating:
    """The result that the decision is about, its run locked; refused when it was issued anew since."""
    RatingRun.objects.select_for_update().get(pk=decision.run_id)
    rows = Rating.objects.current().filter(run_id=decision.run_id, producer_id=decision.producer_id)
    newest = rows.get()
    if newest.version != decision.rating_version:
        raise ValidationError(_("告知之后结果已重新出具，请撤回后重新告知。"), code="changed")
    return newest


def refuse_unknown(producer: Producer, uids: Sequence[str]) -> None:
    """Every fact that a decision rests on is the producer's and still counts."""
    if not uids:
        return
    ids = Producer.objects.known_as(producer.resolved.pk)
    counting = CreditEvent.objects.counting(of=ids).filter(uid__in=uids).values_list("uid", flat=True)
    gone = sorted(set(uids) - set(counting))
    if gone:
        raise ValidationError(
            _("所据信息不是该主体的，或已被更正、修复，不再计入：%(uids)s。") % {"uids": "、".join(gone)},
            code="facts_changed",
        )


def refuse_stranger(decision: Decision, actor: User | None) -> None:
    """Only the producer's own people, and officers of its region for it."""
    if actor is not None and not Producer.objects.visible_to(actor).filter(pk=decision.producer_id).exists():
        raise ValidationError(_("您不能代该主体陈述申辩。"), code="not_own")


def refuse_late(decision: Decision) -> None:
    """Within the days to state and defend; before the notice is served they have not begun to run."""
    until = decision.statement_until
    if until is not None and today() > until:
        raise ValidationError(
            _("陈述申辩期已于%(until)s届满。") % {"until": full_date(until)}, code="too_late"
        )


def day_of(on: date | None, producer: Producer) -> date:
    """Today; the demo city's generated producers have a past, and only theirs may be dated back."""
    day = on or today()
    if day != today() and (day > today() or not producer.is_generated):
        raise ValidationError(_("办理日期只能是当天。"), code="date")
    return day


def note(verb: str, decision: Decision, actor: User | None, **facts: str) -> None:
    """The audit line of one step."""
    audit.record(
        verb=verb,
        actor=actor,
        target=decision,
        region_code=decision.producer.region_id,
        producer=decision.producer.name,
        grade=decision.grade,
        **facts,
    )


def _refuse_early(decision: Decision, day: date) -> None:
    until = decision.statement_until
    if until is None:
        raise ValidationError(_("告知书尚未送达，陈述申辩期还没有开始。"), code="not_served")
    if day <= until:
        raise ValidationError(
            _("陈述申辩期到%(until)s为止，次日起才能认定。") % {"until": full_date(until)},
            code="too_early",
        )


def _hearing_held(decision: Decision) -> bool:
    """Whether a hearing was held; refused while one that was asked for is still due."""
    try:
        hearing = decision.hearing
    except ObjectDoesNotExist:
        return False
    if hearing.state in (Hearing.State.REQUESTED, Hearing.State.SCHEDULED):
        raise ValidationError(_("主体要求的听证还没有举行，不能认定。"), code="hearing")
    return bool(hearing.state == Hearing.State.HELD)


def _decide(
    decision: Decision,
    state: Decision.State,
    actor: User | None,
    day: date,
    reason: str,
    serve_by: date | None = None,
) -> None:
    changed = (
        Decision.objects.open()
        .filter(pk=decision.pk)
        .update(state=state, decided_by=actor, decided_on=day, outcome_reason=reason, serve_by=serve_by)
    )
    if not changed:
        raise ValidationError(_("该事项已经办结。"), code="already_decided")
    decision.refresh_from_db()
