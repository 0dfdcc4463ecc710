"""What a lowering or suspension does to a result that is issued anew, and when it falls by itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from archives.models import CreditEvent, Producer
from rating.engine.scheme import Scheme
from rating.models import Decision, Rating
from rating.services import decisions


def laid_over(scheme: Scheme, grade: str, status: str, held: list[Decision]) -> tuple[str, str]:
    """Grade and status under the measures in force: never better than what was decided.

    A result that waits for a decision, or is not rated, stays what it is.
    """
    if status != Rating.Status.RATED:
        return grade, status
    for decision in held:
        if decision.ground == Decision.Ground.SUSPENDED:
            return "", Rating.Status.SUSPENDED.value
        if scheme.grade_index(decision.grade) > scheme.grade_index(grade):
            grade = decision.grade
    return grade, status


def lift_without_facts(run_id: int, producer: Producer) -> None:
    """Measures of which no fact counts any more have lost their ground; in the caller's transaction."""
    ids = Producer.objects.known_as(producer.pk)
    for decision in Decision.objects.in_force().filter(run_id=run_id, producer=producer):
        counting = CreditEvent.objects.counting(of=ids).filter(uid__in=decision.evidence_uids)
        if decision.evidence_uids and not counting.exists():
            reason = _("所据信息均已被更正或修复。")
            Decision.objects.filter(pk=decision.pk).update(
                state=Decision.State.LIFTED, lifted_on=today(), lift_reason=reason
            )
            decisions.note("decision.lifted", decision, None, reason=reason)


def mark_lifted(rating: Rating) -> None:
    """The version just written is the first without the measures that were lifted before it."""
    Decision.objects.filter(
        run_id=rating.run_id,
        producer_id=rating.producer_id,
        state=Decision.State.LIFTED,
        lifted_version__isnull=True,
    ).update(lifted_version=rating.version)


def withdraw_overtaken(rating: Rating) -> None:
    """Notices about an older version speak of a result that is no more: withdrawn by the system."""
    rows = Decision.objects.under_way().filter(run_id=rating.run_id, producer_id=rating.producer_id)
    for decision in rows.filter(rating_version__lt=rating.version).select_related("producer"):
        reason = _("结果已重新出具为第%(version)s版。") % {"version": rating.version}
        Decision.objects.filter(pk=decision.pk).update(state=Decision.State.WITHDRAWN, outcome_reason=reason)
        decisions.note("decision.withdrawn", decision, None)
