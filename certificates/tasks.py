"""Background work of the certificates floor."""

from celery import shared_task

from agricredit.foundation.jobs.registry import JobHandle, job
from agricredit.foundation.jobs.services import enqueue
from certificates.services import settling

KIND = "certificates.settle_uncertified_sales"


@job(KIND)
def settle(handle: JobHandle) -> None:
    """Find yesterday's sales without a certificate."""
    handle.progress(0, 1)
    settling.settle_uncertified_sales()
    handle.progress(1, 1)


@shared_task(name=KIND)
def settle_nightly() -> None:
    """Set off by the schedule; the work is a job that people can see."""
    enqueue(kind=KIND, title="核对销售开证情况", key=KIND)
