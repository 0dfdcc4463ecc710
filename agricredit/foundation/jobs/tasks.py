"""The two Celery tasks: run one job, and sweep."""

from celery import shared_task

from agricredit.foundation.jobs.services import running, sweeping


@shared_task(name="jobs.run")
def run(job_id: int) -> None:
    """Run a job by its row; a repeated or late message finds the row taken and does nothing."""
    running.run(job_id)


@shared_task(name="jobs.redispatch")
def redispatch() -> None:
    """Send again what was lost (beat, every 20 seconds)."""
    sweeping.redispatch()
