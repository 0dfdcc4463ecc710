"""Background work of the certificates floor."""

from celery import shared_task
from django.utils.translation import gettext as _

from agricredit.foundation.jobs.registry import JobHandle, job
from agricredit.foundation.jobs.services import enqueue
from certificates.services import figures, settling

KIND = "certificates.settle_uncertified_sales"
FIGURES_JOB = "certificates.measure_issued"


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


@job(FIGURES_JOB)
def measure_issued(handle: JobHandle) -> None:
    """Count by township what was issued in the last 30 and 90 days."""
    figures.measure()
    handle.progress(1, 1)


@shared_task(name=FIGURES_JOB)
def measure_issued_nightly() -> None:
    """Set off by the schedule."""
    enqueue(kind=FIGURES_JOB, title=_("统计各乡镇开证情况"), key=FIGURES_JOB)
