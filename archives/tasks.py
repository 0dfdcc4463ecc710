"""Background work of the archives: ids in, a service call, nothing else."""

from __future__ import annotations

from celery import shared_task
from django.utils.translation import gettext as _

from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.registry import JobHandle, job
from archives.services import sealing

SEAL_JOB = "archives.seal_ledger"


@job(SEAL_JOB)
def seal(handle: JobHandle) -> None:
    """Seal what the ledger holds; with writers that never pause the job fails and is tried again."""
    sealing.seal()


@shared_task(name=SEAL_JOB)
def seal_daily() -> None:
    """Put the daily seal on the list (beat)."""
    jobs.enqueue(kind=SEAL_JOB, title=_("每日封存账本"), key=SEAL_JOB)
