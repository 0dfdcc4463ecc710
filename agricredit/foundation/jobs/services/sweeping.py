"""The sweep: whatever was lost on the way is sent again from its row."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs.models import Job, OutboxMessage, State
from agricredit.foundation.jobs.services.queueing import publish
from agricredit.foundation.jobs.services.running import MAX_ATTEMPTS, back_off, queued_again

logger = logging.getLogger(__name__)

STALE_AFTER = timedelta(seconds=30)
RESEND_AFTER = timedelta(minutes=2)
LONGEST_RESEND = timedelta(hours=1)
UNSENT_AFTER = timedelta(seconds=5)
KEEP_DONE = timedelta(days=180)
KEEP_DELIVERED = timedelta(days=30)
BATCH = 1000


def redispatch() -> dict[str, int]:
    """Revive, deliver, send again, clear away; return how many of each. Safe at any time."""
    done = {
        "revived": revive(),
        "delivered": outbox.deliver_waiting(BATCH),
        "sent": send_again(),
        "purged": purge(),
    }
    if done["revived"] or done["sent"]:
        logger.info("jobs sent again", extra=done)
    return done


def revive() -> int:
    """Take running jobs whose worker fell silent back on the list; the third silent death is final."""
    moment = clock.now()
    silent = Job.objects.filter(state=State.RUNNING, heartbeat_at__lt=moment - STALE_AFTER)
    return sum(
        silent.filter(pk=job.pk, attempts=job.attempts, run_again=job.run_again).update(
            **_revived(job, moment)
        )
        for job in silent.order_by("pk")[:BATCH]
    )


def _revived(job: Job, moment: datetime) -> dict[str, Any]:
    if job.run_again:
        return {**queued_again(moment), "attempts": 0, "run_again": False, "cancel_requested": False}
    if job.cancel_requested:
        return {"state": State.CANCELLED, "finished_at": moment, "cancel_requested": False}
    if job.attempts >= MAX_ATTEMPTS:
        error = _("运行此任务的进程三次中断，已停止尝试。")
        return {"state": State.FAILED, "finished_at": moment, "error": error}
    patience = back_off(job.attempts) if job.attempts > 1 else timedelta(0)
    return {**queued_again(moment + patience), "error": _("运行此任务的进程中断，将重新运行。")}


def send_again() -> int:
    """Send messages for queued jobs whose time has come and whose message never went out or seems lost.

    A long queue is not a lost message: each re-sending waits longer for the next, up to an hour.
    """
    moment = clock.now()
    due = Job.objects.filter(state=State.QUEUED, not_before__lte=moment)
    unsent = Q(dispatched_at__isnull=True, not_before__lte=moment - UNSENT_AFTER) | Q(
        dispatched_at__isnull=True, attempts__gt=0
    )
    lost = Q(dispatched_at__isnull=False) & (
        Q(dispatched_at__lt=moment - LONGEST_RESEND)
        | Q(dispatched_at__lt=moment - RESEND_AFTER, dispatches__lte=1)
        | Q(dispatched_at__lt=moment - RESEND_AFTER * 4, dispatches__lte=3)
        | Q(dispatched_at__lt=moment - RESEND_AFTER * 16, dispatches__lte=6)
    )
    jobs = list(due.filter(unsent | lost).order_by(F("id")).values_list("pk", flat=True)[:BATCH])
    return publish(jobs) if jobs else 0


def purge() -> int:
    """Delete jobs done or cancelled half a year ago and messages delivered a month ago."""
    moment = clock.now()
    old_jobs = Job.objects.filter(
        state__in=[State.DONE, State.CANCELLED], finished_at__lt=moment - KEEP_DONE
    ).order_by("pk")[:BATCH]
    old_messages = OutboxMessage.objects.filter(delivered_at__lt=moment - KEEP_DELIVERED).order_by("pk")[
        :BATCH
    ]
    jobs, _by_model = Job.objects.filter(pk__in=list(old_jobs.values_list("pk", flat=True))).delete()
    messages, _by_model = OutboxMessage.objects.filter(
        pk__in=list(old_messages.values_list("pk", flat=True))
    ).delete()
    return jobs + messages
