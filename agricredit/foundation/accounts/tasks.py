"""Periodic work on accounts."""

from celery import shared_task
from django.utils.translation import gettext as _

from agricredit.foundation.jobs.registry import JobHandle, job
from agricredit.foundation.jobs.services import enqueue

from .services import disable_unused


@job("accounts.disable_unused")
def run(handle: JobHandle) -> None:
    """Shut staff accounts that nobody used for 90 days."""
    count = disable_unused()
    handle.progress(1, 1, _("停用%s个账号") % count)


@shared_task(name="accounts.disable_unused")
def disable_unused_nightly() -> None:
    """Beat: ask for the job, once however often beat fires."""
    enqueue(kind="accounts.disable_unused", title=_("停用长期未登录的账号"), key="accounts.disable_unused")
