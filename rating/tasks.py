"""Background work of the rating floor: ids in, a service call, nothing else."""

from __future__ import annotations

from celery import shared_task
from django.utils.translation import gettext as _

from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.registry import JobHandle, job
from archives.models import RegionChange
from rating.services import (
    credit_checks,
    deadlines,
    listings,
    live,
    publication,
    regions,
    reissue,
    reregistrations,
    shards,
)
from rating.services.runs import SHARD_JOB
from rating.services.scheme_desk import take_effect_due
from rating.services.simulation import JOB as SIMULATE_JOB
from rating.services.simulation import answer

#: Messages taken at once: 20,000 producers at most, as many as the nightly round scores in a transaction.
MESSAGES = 20


@job(SHARD_JOB)
def run_shard(handle: JobHandle, *, shard: int) -> None:
    """Compute one shard of a run; the last one closes the run."""
    shards.compute(shard_id=shard, handle=handle)


@job("rating.rescore")
def rescore(handle: JobHandle, *, topic: str) -> None:
    """New evidence arrived, or producers changed: score all that wait anew, a set at a time."""
    while True:
        with outbox.taken(topic, MESSAGES) as messages:
            live.rescore(sorted({producer for keys in messages for producer in keys["producer_ids"]}))
        if not messages:
            return
        handle.progress(0, 0)


@job(reissue.JOB)
def reissue_results(handle: JobHandle, *, producer_id: int, cause: str) -> None:
    """A repair or an upheld objection changed the facts: issue the producer's results anew."""
    reissue.reissue(producer_id=producer_id, cause=cause)


@job("rating.rescore_range")
def rescore_range(handle: JobHandle, *, low: int, high: int) -> None:
    """One stretch of the nightly round (validity and ages move with the calendar)."""
    live.rescore_range(low, high)


@job(SIMULATE_JOB)
def simulate(handle: JobHandle, *, simulation: int) -> None:
    """A what-if over a past run."""
    answer(simulation)


@job("rating.recount_deadlines")
def recount_deadlines(handle: JobHandle, **_keys: object) -> None:
    """A year's holidays were announced: count the open deadlines by them."""
    deadlines.recount()


@shared_task(name="rating.schemes_due")
def schemes_due() -> None:
    """Put approved schemes in force whose day has come (beat)."""
    take_effect_due()


@shared_task(name="rating.terms_due")
def terms_due() -> None:
    """End what the calendar ends: listings, publications, the term of the log of credit checks (beat)."""
    listings.end_due()
    publication.end_publications()
    credit_checks.erase_expired()


@shared_task(name="rating.rescore_everyone")
def rescore_everyone() -> None:
    """Put the nightly round on the list, a job a stretch of producers (beat)."""
    for low, high in live.ranges():
        jobs.enqueue(
            kind="rating.rescore_range",
            title=_("每日重算预估分（主体%(low)s至%(high)s）") % {"low": low, "high": high},
            args={"low": low, "high": high},
            key=f"rating.rescore_range:{low}:{high}",
        )


@job("rating.follow_regions")
def follow_regions(handle: JobHandle, *, change_id: int) -> None:
    """When divisions changed: the new ones rate by the schemes of the old."""
    regions.follow(change=RegionChange.objects.get(pk=change_id))
    handle.progress(1, 1)


@job(reregistrations.JOB)
def find_reregistrations(handle: JobHandle, *, region: str) -> None:
    """Look for producers that came back under a new registration."""
    found = reregistrations.find(region=region)
    handle.progress(1, 1, _("查到%(found)d个") % {"found": found})


@job(reregistrations.TELL_JOB)
def tell_reregistered(handle: JobHandle, *, row_id: int) -> None:
    """Let a producer know that its earlier file was found."""
    sent = reregistrations.tell(row_id=row_id)
    handle.progress(1, 1, _("已发送%(sent)d条") % {"sent": int(sent)})


@shared_task(name=reregistrations.JOB)
def find_reregistrations_nightly() -> None:
    """Put the nightly search of everything on the list (beat)."""
    reregistrations.request(region="", actor=None)
