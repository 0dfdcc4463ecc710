"""Lowering or suspending a grade in force during the year, by decision, until it is lifted.

A confirmed banned substance does not leave AAAA standing till next spring (DESIGN §5). The notice names the
facts; when all of them have been taken back or repaired the measure falls by itself, and the next yearly
result replaces it. What it weighs on is the result in force: while it holds, versions issued anew carry it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.clock import today
from archives.models import Producer
from rating.engine.scheme import Scheme
from rating.models import Decision, Rating, RatingRun, Standing
from rating.services import decisions, reissue, schemes
from rating.services.access import require

State, Ground = Decision.State, Decision.Ground


def propose(
    *,
    producer: Producer,
    ground: Decision.Ground,
    reasons: str,
    basis: str,
    evidence: Sequence[str],
    actor: User,
    grade: str = "",
    hearing_offered: bool = False,
    on: date | None = None,
) -> Decision:
    """Give notice that the grade in force is to be lowered to ``grade``, or suspended.

    Refused (ValidationError): no grade in force; a grade that is not lower; no facts, or facts that are not
    the producer's or count no longer; a measure already under way or in force.
    """
    require(actor, "rating.notice_decision", producer.region_id)
    rating = in_force(producer)
    if rating is None:
        raise ValidationError(_("该主体没有生效的等级，无须下调或暂停。"), code="no_grade")
    if ground == Ground.LOWERED:
        _refuse_not_lower(schemes.parsed(rating.run.scheme), rating.grade, grade)
    elif ground != Ground.SUSPENDED:
        raise ValidationError(_("年度内只能下调或暂停等级。"), code="ground")
    if not evidence:
        raise ValidationError(_("请写明所据信息的编号。"), code="evidence")
    mine = Decision.objects.filter(run=rating.run, producer_id=rating.producer_id)
    if mine.under_way().exists() or mine.in_force().exists():
        raise ValidationError(_("该主体已有在办或生效的下调、暂停。"), code="already_noticed")
    return decisions.open_decision(
        rating=rating,
        ground=ground,
        grade=grade if ground == Ground.LOWERED else rating.grade,
        reasons=reasons,
        basis=basis,
        evidence=evidence,
        hearing_offered=hearing_offered,
        actor=actor,
        on=on,
    )


def in_force(producer: Producer) -> Rating | None:
    """The result whose grade is in force for the producer; None where there is none."""
    standing = Standing.objects.filter(producer=producer.resolved).exclude(official_grade="").first()
    if standing is None or standing.official_run_id is None:
        return None
    rows = Rating.objects.current().filter(
        run_id=standing.official_run_id,
        producer_id=standing.producer_id,
        status=Rating.Status.RATED,
        run__state=RatingRun.State.EFFECTIVE,
    )
    return rows.select_related("run__scheme", "producer").first()


def lift(*, decision: Decision, reason: str, actor: User | None) -> Decision:
    """End a lowering or suspension: the result is issued anew without it. Refused when it is not in force."""
    require(actor, "rating.confirm_decision", decision.producer.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明解除的理由。"), code="reason")
    with transaction.atomic():
        changed = (
            Decision.objects.in_force()
            .filter(pk=decision.pk)
            .update(state=State.LIFTED, lifted_by=actor, lifted_on=today(), lift_reason=reason)
        )
        decision.refresh_from_db()
        if not changed:
            raise ValidationError(_("只有生效中的下调或暂停才能解除。"), code="state")
        decisions.note("decision.lifted", decision, actor, reason=reason)
        reissue.request(producer=decision.producer, cause=f"lift:{decision.pk}", actor=actor)
    return decision


def _refuse_not_lower(scheme: Scheme, now: str, grade: str) -> None:
    known = [row.code for row in scheme.grades]
    if grade not in known or known.index(grade) <= known.index(now):
        raise ValidationError(
            _("下调后的等级应低于现行等级%(now)s，可选：%(lower)s。")
            % {"now": now, "lower": "、".join(known[known.index(now) + 1 :]) or _("无")},
            code="not_lower",
        )
