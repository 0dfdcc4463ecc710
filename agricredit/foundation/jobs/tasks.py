"""The Celery tasks: run one job, sweep, and erase old exports; and the job that writes a list to a file."""

from celery import shared_task

from agricredit.foundation.jobs.registry import JobHandle, job
from agricredit.foundation.jobs.services import exports, running, sweeping


@shared_task(name="jobs.run")
def run(job_id: int) -> None:
    """Run a job by its row; a repeated or late message finds the row taken and does nothing."""
    running.run(job_id)


@shared_task(name="jobs.redispatch")
def redispatch() -> None:
    """Send again what was lost (beat, every 20 seconds)."""
    sweeping.redispatch()


@job(exports.JOB)
def write_export(handle: JobHandle, export_id: int) -> None:
    """Write one list to its file."""
    from agricredit.foundation.jobs.admin.exports import table_of  # the lists are known when all apps are

    exports.write(export_id=export_id, table_of=table_of, progress=handle.progress)


@shared_task(name="jobs.purge_exports")
def purge_exports() -> None:
    """Erase exported files that are over their days (beat)."""
    exports.purge()
