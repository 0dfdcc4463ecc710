"""Background work of the supervision floor: an id in, a service call, nothing else."""

from celery import shared_task

from agricredit.foundation.common.clock import today
from agricredit.foundation.jobs.registry import JobHandle, job
from archives.models import RegionChange
from rating.models import RatingRun
from supervision.services import frequency, plans, regions, requested, watch


@job("supervision.assign_frequencies")
def assign_frequencies(handle: JobHandle, *, run_id: int, **_keys: object) -> None:
    """When a run takes effect: assign the next year's frequencies, then bring its plan up to date."""
    run = RatingRun.objects.get(pk=run_id)
    handle.progress(0, 2)
    frequency.assign(run=run)
    handle.progress(1, 2)
    if run.year + 1 >= today().year:
        plans.make(region_code=run.region_code, year=run.year + 1)
    handle.progress(2, 2)


@job(watch.JOB)
def watch_ourselves(handle: JobHandle, *, report: int) -> None:
    """Answer one watch report."""
    watch.answer(report)


@shared_task(name="supervision.watch_yearly")
def watch_yearly() -> None:
    """Ask for last year's watch report of every region whose rating has taken effect (beat)."""
    watch.ask_yearly()


@job("supervision.follow_regions")
def follow_regions(handle: JobHandle, *, change_id: int) -> None:
    """When divisions changed: plans and tasks go with them."""
    regions.follow(change=RegionChange.objects.get(pk=change_id))
    handle.progress(1, 1)


@job("supervision.visit_idle")
def visit_idle(handle: JobHandle, *, producer_ids: list[int]) -> None:
    """Producers that show no sign of work are to be visited."""
    requested.visit_idle(producer_ids=producer_ids)
    handle.progress(1, 1)
