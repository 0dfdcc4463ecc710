"""For tests: run what is queued, here and now, without worker or broker."""

from __future__ import annotations

from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import running


def run_all_jobs(*, limit: int = 1000) -> list[Job]:
    """Deliver the outbox and run queued jobs, and those that they set off, until none is left; return them
    in order.

    Inside a test's transaction nothing commits, so the outbox is delivered here. A job that fails raises
    AssertionError with its error; a retry's waiting time is not waited for.
    """
    finished: list[Job] = []
    while True:
        outbox.deliver_waiting(limit)
        job = Job.objects.filter(state=State.QUEUED).order_by("pk").first()
        if job is None:
            return finished
        if len(finished) >= limit:
            raise AssertionError(f"more than {limit} jobs: one sets itself off")
        running.run(job.pk, inline=True)
        job.refresh_from_db()
        if job.state != State.DONE:
            raise AssertionError(f"job {job.kind} is {job.state}: {job.error}")
        finished.append(job)
