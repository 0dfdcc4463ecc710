"""Decisions on vetoes and lowest grades: notice of intent, days to answer, confirmation by a second person.

DESIGN §5 "law before arithmetic": what a run computed takes effect for such a producer only by this way;
until then the old grade stands and nothing shows in public.
"""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.calendar import services as calendar
from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs import outbox
from archives.models import Producer
from rating.models import Decision, Rating, RatingRun
from rating.services import schemes, standings
from rating.services.access import require

#: Working days the producer has to state and defend (陈述申辩); the platform's default.
STATEMENT_WORKING_DAYS = 5

_DECIDABLE = (RatingRun.State.IN_REVIEW, RatingRun.State.PUBLIC_NOTICE, RatingRun.State.EFFECTIVE)

_CONFIRMED_VERSION = """
    INSERT INTO rating_rating (run_id, producer_id, version, kind, nature, region_id, registered_on,
        last_score, base, bonus, deductions, score, able, grade, status, vetoes, points, readings,
        seal_size)
    SELECT run_id, producer_id, version + 1, kind, nature, region_id, registered_on, last_score,
        base, bonus, deductions, score, able, grade, 'rated', vetoes, points, readings, seal_size
    FROM rating_rating WHERE id = %s AND run_id = %s AND status = 'pending'
"""


def give_notice(*, rating: Rating, reasons: str, basis: str, actor: User, on: date | None = None) -> Decision:
    """Tell the producer which grade is intended and why; it may answer for five working days.

    Refused (ValidationError): a result not pending or not the newest, a run not under review or later,
    missing reasons or basis, a notice already open, a day other than today. PermissionDenied for want of
    ``rating.notice_decision`` or of the region.
    """
    run = rating.run
    require(actor, "rating.notice_decision", rating.region_id)
    if run.trial:
        raise ValidationError(_("试评价的结果没有效力，不作认定。"), code="trial")
    if run.state not in _DECIDABLE:
        raise ValidationError(_("评价进入复核后才能告知拟认定等级。"), code="state")
    if not reasons.strip() or not basis.strip():
        raise ValidationError(_("请写明事实、理由和依据。"), code="reasons")
    newest = Rating.objects.current().filter(run=run, producer_id=rating.producer_id).get()
    if newest.pk != rating.pk or rating.status != Rating.Status.PENDING:
        raise ValidationError(_("该结果没有待认定的等级。"), code="not_pending")
    day = _day(on, rating.producer)
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                run=run,
                producer_id=rating.producer_id,
                rating_version=rating.version,
                ground=Decision.Ground.VETO if rating.vetoes else Decision.Ground.LOWEST,
                grade=rating.grade,
                reasons=reasons,
                basis=basis,
                noticed_by=actor,
                noticed_on=day,
                statement_until=calendar.add_working_days(day, STATEMENT_WORKING_DAYS).date,
            )
            _record("decision.noticed", decision, actor, until=decision.statement_until.isoformat())
    except IntegrityError:
        raise ValidationError(_("已就该结果告知或认定，不能重复。"), code="already_noticed") from None
    return decision


def state_defence(*, decision: Decision, statement: str, actor: User | None) -> Decision:
    """Keep what the producer (or an officer for it) states within the days given."""
    if actor is not None and not Producer.objects.visible_to(actor).filter(pk=decision.producer_id).exists():
        raise ValidationError(_("您不能代该主体陈述申辩。"), code="not_own")
    if not statement.strip():
        raise ValidationError(_("请写下陈述申辩的内容。"), code="statement")
    if today() > decision.statement_until:
        raise ValidationError(
            _("陈述申辩期已于%(until)s届满。") % {"until": decision.statement_until.isoformat()},
            code="too_late",
        )
    with transaction.atomic():
        if not Decision.objects.open().filter(pk=decision.pk).update(statement=statement):
            raise ValidationError(_("该事项已经办结。"), code="already_decided")
        decision.refresh_from_db()
        _record("decision.stated", decision, actor)
    return decision


def confirm(*, decision: Decision, reason: str, actor: User, on: date | None = None) -> Decision:
    """Decide: the grade applies, as a new version of the result, and to the standing if the run is in effect.

    Refused (ValidationError): the person who gave the notice; before the producer's days are over; a decision
    already taken; no answer to a statement made; results that have changed since the notice.
    """
    require(actor, "rating.confirm_decision", decision.producer.region_id)
    if actor.pk == decision.noticed_by_id:
        raise ValidationError(_("作出认定的人不能与告知的人相同。"), code="same_person")
    day = _day(on, decision.producer)
    if day <= decision.statement_until:
        raise ValidationError(
            _("陈述申辩期到%(until)s为止，次日起才能认定。")
            % {"until": decision.statement_until.isoformat()},
            code="too_early",
        )
    if decision.statement and not reason.strip():
        raise ValidationError(_("主体已陈述申辩，请写明是否采纳及理由。"), code="reason")
    with transaction.atomic():
        run = RatingRun.objects.select_for_update().get(pk=decision.run_id)
        _decide(decision, Decision.State.CONFIRMED, actor, day, reason)
        _write_version(decision, run)
        _record("decision.confirmed", decision, actor)
        if run.state == RatingRun.State.EFFECTIVE:
            standings.apply_run(run, [decision.producer_id], since=day)
            outbox.emit(
                "rating.decided",
                run_id=run.pk,
                producer_id=decision.producer_id,
                region_code=run.region_code,
            )
    return decision


def withdraw(*, decision: Decision, reason: str, actor: User) -> Decision:
    """Take a notice back (the facts were wrong, the defence convinced): the result stays pending.

    The facts are then corrected in the ledger and the result is computed anew, or a new notice is given.
    """
    require(actor, "rating.notice_decision", decision.producer.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明撤回的理由。"), code="reason")
    with transaction.atomic():
        _decide(decision, Decision.State.WITHDRAWN, actor, today(), reason)
        _record("decision.withdrawn", decision, actor)
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


def _day(on: date | None, producer: Producer) -> date:
    """Today; the demo city's generated producers have a past, and only theirs may be dated back."""
    day = on or today()
    if day != today() and (day > today() or not producer.is_generated):
        raise ValidationError(_("办理日期只能是当天。"), code="date")
    return day


def _decide(decision: Decision, state: Decision.State, actor: User, day: date, reason: str) -> None:
    changed = (
        Decision.objects.open()
        .filter(pk=decision.pk)
        .update(state=state, decided_by=actor, decided_on=day, outcome_reason=reason)
    )
    if not changed:
        raise ValidationError(_("该事项已经办结。"), code="already_decided")
    decision.refresh_from_db()


def _write_version(decision: Decision, run: RatingRun) -> None:
    newest = Rating.objects.current().filter(run=run, producer_id=decision.producer_id).get()
    if newest.version != decision.rating_version:
        raise ValidationError(_("告知之后结果已重新计算，请重新告知。"), code="changed")
    with connection.cursor() as cursor:
        cursor.execute(_CONFIRMED_VERSION, [newest.pk, run.pk])


def _record(verb: str, decision: Decision, actor: User | None, **facts: str) -> None:
    audit.record(
        verb=verb,
        actor=actor,
        target=decision,
        region_code=decision.producer.region_id,
        producer=decision.producer.name,
        grade=decision.grade,
        **facts,
    )
