"""Issuing one producer's results anew after its facts were corrected: same year, same day, new seal.

The run's scheme and frozen roll stay; only the ledger is read up to a new seal (``ledger-contract.md``
"Repair"). Every result that has effect or is on its way to it is issued: the one in force, one that waits
for a decision, those under review or in public notice. Trials have no effect and are left alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs import services as jobs
from archives.models import Producer, Seal
from archives.services import sealing
from rating.engine import score as engine
from rating.engine.columns import Results, Window
from rating.models import Decision, Rating, RatingRun, Standing
from rating.services import overlay, reading, rolls, schemes, standings
from rating.services.access import require
from rating.services.live import STATUSES
from rating.services.rolls import FrozenRoll

JOB = "rating.reissue"
State = RatingRun.State


def request(*, producer: Producer, cause: str, actor: User | None) -> None:
    """Have the producer's results issued anew once the caller's transaction has committed.

    A seal is taken between writers, so it cannot be part of the transaction that posts. ``cause`` names what
    it is for (``repair:12``), once.
    """
    jobs.enqueue(
        kind=JOB,
        title=_("重新出具%(producer)s的评价结果") % {"producer": producer},
        args={"producer_id": producer.pk, "cause": cause},
        key=f"{JOB}:{cause}",
        created_by=actor,
        region_code=producer.region_id,
    )


def correct(*, rating: Rating, reason: str, actor: User) -> None:
    """Have a producer's results issued anew by the ledger as it stands now (更正重出), the old one kept.

    For facts that were reversed or put right outside of an objection. Refused (ValidationError) without a
    reason, for a version that is not the newest, and for a run that neither has effect nor is on its way.
    """
    require(actor, "rating.correct_rating", rating.region_id)
    if not reason.strip():
        raise ValidationError(_("请写明更正的原因。"), code="reason")
    producer = rating.producer.resolved
    newest = Rating.objects.current().filter(run_id=rating.run_id, producer=producer).first()
    if newest is None or newest.pk != rating.pk or rating.run not in runs_of(producer):
        raise ValidationError(_("只能更正复核中、公示中或生效的最新结果。"), code="state")
    with transaction.atomic():
        audit.record(
            verb="rating.corrected",
            actor=actor,
            target=rating,
            region_code=producer.region_id,
            producer=producer.name,
            reason=reason,
        )
        cause = f"correction:{producer.pk}:{rating.run_id}:{rating.version}"
        request(producer=producer, cause=cause, actor=actor)


def reissue(*, producer_id: int, cause: str) -> list[Rating]:
    """Seal, then write a new version of each of the producer's results; return them. Idempotent by cause.

    A merged producer's are those of the end of its chain. Frequencies follow by ``rating.reissued``.
    """
    producer = Producer.objects.get(pk=producer_id).resolved
    if not runs_of(producer):
        return []
    seal = sealing.seal()
    with transaction.atomic():
        made = [_version(run, producer, seal, cause) for run in runs_of(producer)]
    return [rating for rating in made if rating is not None]


def runs_of(producer: Producer) -> list[RatingRun]:
    """Runs whose result of this producer has effect or is on its way to it, by year."""
    in_force = Standing.objects.filter(producer=producer).values_list("official_run", "pending_run")
    named = [key for row in in_force for key in row if key is not None]
    rated = Rating.objects.filter(producer=producer, version=1)
    under_way = Q(state__in=[State.IN_REVIEW, State.PUBLIC_NOTICE, State.EFFECTIVE])
    runs = RatingRun.objects.formal().filter(under_way | Q(pk__in=named)).filter(pk__in=rated.values("run"))
    return list(runs.order_by("year", "pk"))


def computed(run: RatingRun, producer_id: int, last_id: int, roll: FrozenRoll | None = None) -> Results:
    """The engine's result of one producer, by the run's roll and scheme and the ledger up to ``last_id``.

    ``roll`` is the run's whole roll, where the caller has read it already.
    """
    frozen = (roll or rolls.read(run)).part(producer_id, producer_id)
    scheme, window = schemes.parsed(run.scheme), Window.year(run.year)
    events, tie_break = reading.read(scheme, frozen, window, last_id=last_id)
    return engine.score(scheme, events, frozen.roll, window, tie_break)


def _version(run: RatingRun, producer: Producer, seal: Seal, cause: str) -> Rating | None:
    # The run's row lets one writer of versions in at a time: a decision takes it too.
    run = RatingRun.objects.select_for_update(of=("self",)).select_related("scheme").get(pk=run.pk)
    newest = Rating.objects.current().get(run=run, producer=producer)
    if Rating.objects.filter(run=run, producer=producer, cause=cause).exists():
        return None
    overlay.lift_without_facts(run.pk, producer)
    held = list(Decision.objects.in_force().filter(run=run, producer=producer))
    values = values_of(newest, run, computed(run, producer.pk, seal.last_id), held)
    rating = _written(newest, run, values, seal, cause)
    overlay.mark_lifted(rating)
    overlay.withdraw_overtaken(rating)
    in_force = Q(official_run=run) | Q(pending_run=run)
    if run.state == State.EFFECTIVE or Standing.objects.filter(in_force, producer=producer).exists():
        standings.apply_run(run, [producer.pk], since=today())
    if run.state == State.EFFECTIVE:
        outbox.emit("rating.reissued", run_id=run.pk, producer_id=producer.pk, region_code=producer.region_id)
    audit.record(
        verb="rating.reissued",
        target=rating,
        region_code=producer.region_id,
        producer=producer.name,
        run=str(run),
        version=rating.version,
        cause=cause,
    )
    return rating


def values_of(newest: Rating, run: RatingRun, results: Results, held: list[Decision]) -> dict[str, Any]:
    """The columns that a version after ``newest`` has by what was computed and what is decided (``held``)."""
    scheme = schemes.parsed(run.scheme)
    index, vetoes = int(results.grade[0]), int(results.vetoes[0])
    grade = scheme.grades[index].code if index >= 0 else ""
    status = STATUSES[engine.Status(int(results.status[0]))]
    if status == Rating.Status.PENDING and _decided_already(newest, grade, vetoes):
        status = Rating.Status.RATED
    grade, status = overlay.laid_over(scheme, grade, str(status), held)
    return {
        "kind": newest.kind,
        "nature": newest.nature,
        "region_id": newest.region_id,
        "registered_on": newest.registered_on,
        "last_score": newest.last_score,
        "base": int(results.base[0]),
        "bonus": int(results.bonus[0]),
        "deductions": int(results.deductions[0]),
        "score": int(results.score[0]),
        "able": int(results.able[0]),
        "grade": grade,
        "status": status,
        "vetoes": vetoes,
        "points": results.points[0].astype("<i4", casting="same_kind").tobytes(),
        "readings": np.asarray(results.readings[0]).astype("<i8", casting="same_kind").tobytes(),
    }


def _written(newest: Rating, run: RatingRun, values: dict[str, Any], seal: Seal, cause: str) -> Rating:
    return Rating.objects.create(
        run=run,
        producer_id=newest.producer_id,
        version=newest.version + 1,
        seal_size=seal.size,
        cause=cause,
        **values,
    )


def _decided_already(newest: Rating, grade: str, vetoes: int) -> bool:
    """Whether a confirmed decision covers the new result: the same grade on grounds that it named."""
    if newest.status != Rating.Status.RATED or newest.grade != grade:
        return False
    return bool(vetoes) == bool(newest.vetoes) and vetoes & ~newest.vetoes == 0
