"""Running one job: claim, heartbeat, outcome. Called by the Celery task and, in tests, directly."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import close_old_connections
from django.db.models import F
from django.utils.translation import gettext as _

from agricredit.foundation.audit.actor import acting_as
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import registry
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services.handles import Handle, InlineHandle, ThreadHandle
from agricredit.foundation.jobs.services.queueing import publish

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
BACK_OFF = timedelta(seconds=20)
LONGEST_ERROR = 2000


def run(job_id: int, *, inline: bool = False) -> bool:
    """Run the job if it is this caller's to run; say whether it was.

    ``inline`` reports progress on the caller's own connection (tests inside one transaction); otherwise a
    thread with a connection of its own keeps the heartbeat, so a long transaction of the job hides nothing.
    """
    job = claim(job_id)
    if job is None:
        return False
    handle: Handle = InlineHandle(job) if inline else ThreadHandle(job)
    try:
        with handle, acting_as(job.created_by):
            registry.function_of(job.kind)(handle, **job.args)
    except registry.ClaimLost:
        logger.warning("job was given to another worker", extra={"job_id": job.pk, "kind": job.kind})
    except registry.JobCancelled:
        _end(handle, state=State.CANCELLED)
    except Exception as error:
        logger.exception("job failed", extra={"job_id": job.pk, "kind": job.kind, "attempt": job.attempts})
        if not inline:
            close_old_connections()
        _failed(handle, error)
    else:
        _end(handle, state=State.DONE, error="")
    return True


def claim(job_id: int) -> Job | None:
    """Take a queued job whose time has come, by one conditional UPDATE: of many claimants one gets it."""
    moment = clock.now()
    won = Job.objects.filter(pk=job_id, state=State.QUEUED, not_before__lte=moment).update(
        state=State.RUNNING, attempts=F("attempts") + 1, started_at=moment, heartbeat_at=moment, message=""
    )
    return Job.objects.select_related("created_by").get(pk=job_id) if won else None


def _end(handle: Handle, **fields: Any) -> None:
    """Write the outcome, unless someone has asked for another run meanwhile: then the job is queued anew."""
    moment = clock.now()
    mine = handle.mine()
    if mine.filter(run_again=False).update(
        **handle.written(), **fields, cancel_requested=False, finished_at=moment
    ):
        return
    if mine.filter(run_again=True).update(
        **queued_again(moment), attempts=0, run_again=False, cancel_requested=False, error=""
    ):
        publish([handle.job.pk])


def _failed(handle: Handle, error: Exception) -> None:
    """A refusal ends the job; anything else is tried again later, three times in all, then it steps aside."""
    text = describe(error)
    if is_final(error) or handle.job.attempts >= MAX_ATTEMPTS:
        _end(handle, state=State.FAILED, error=text)
    else:
        moment = clock.now() + back_off(handle.job.attempts)
        handle.mine().update(**handle.written(), **queued_again(moment), error=text)


def queued_again(not_before: datetime) -> dict[str, Any]:
    """What puts a row back on the list: its message counts as never sent."""
    return {"state": State.QUEUED, "not_before": not_before, "dispatched_at": None, "dispatches": 0}


def is_final(error: Exception) -> bool:
    """Whether trying again cannot help."""
    return isinstance(error, (registry.JobRefused, registry.UnknownKind, ValidationError))


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 20 s, 40 s, …"""
    return BACK_OFF * (1 << (attempts - 1))


def describe(error: Exception) -> str:
    """What the officers' page shows: a refusal's own sentence, otherwise the kind of error and its first
    line.

    Later lines are left out: PostgreSQL puts the offending values there.
    """
    if isinstance(error, ValidationError):
        return "；".join(error.messages)[:LONGEST_ERROR]
    if isinstance(error, registry.JobRefused):
        return str(error)[:LONGEST_ERROR]
    if isinstance(error, registry.UnknownKind):
        return _("没有程序处理这种任务：%(kind)s。") % {"kind": error.args[0]}
    first_line = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first_line}"[:LONGEST_ERROR]
