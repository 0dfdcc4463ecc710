"""Running one job: claim, heartbeat, outcome. Called by the Celery task and, in tests, directly."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from datetime import timedelta
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
    handle: AbstractContextManager[Handle] = InlineHandle(job) if inline else ThreadHandle(job)
    try:
        with handle as running, acting_as(job.created_by):
            registry.function_of(job.kind)(running, **job.args)
    except registry.ClaimLost:
        logger.warning("job was given to another worker", extra={"job_id": job.pk, "kind": job.kind})
    except registry.JobCancelled:
        _finish(job, state=State.CANCELLED, finished_at=clock.now(), cancel_requested=False)
    except Exception as error:
        logger.exception("job failed", extra={"job_id": job.pk, "kind": job.kind, "attempt": job.attempts})
        if not inline:
            close_old_connections()
        _failed(job, error)
    else:
        _done(job)
    return True


def claim(job_id: int) -> Job | None:
    """Take a queued job whose time has come, by one conditional UPDATE: of many claimants one gets it."""
    moment = clock.now()
    won = Job.objects.filter(pk=job_id, state=State.QUEUED, not_before__lte=moment).update(
        state=State.RUNNING, attempts=F("attempts") + 1, started_at=moment, heartbeat_at=moment, message=""
    )
    return Job.objects.select_related("created_by").get(pk=job_id) if won else None


def _done(job: Job) -> None:
    moment = clock.now()
    if _finish(job, run_again=False, state=State.DONE, finished_at=moment, error="", cancel_requested=False):
        return
    again = (
        _mine(job)
        .filter(run_again=True)
        .update(
            state=State.QUEUED,
            run_again=False,
            attempts=0,
            not_before=moment,
            dispatched_at=None,
            dispatches=0,
            error="",
        )
    )
    if again:
        publish([job.pk])


def _failed(job: Job, error: Exception) -> None:
    """A refusal ends the job; anything else is tried again later, three times in all, then it steps aside."""
    moment = clock.now()
    text = describe(error)
    if is_final(error) or job.attempts >= MAX_ATTEMPTS:
        _finish(job, state=State.FAILED, finished_at=moment, error=text)
        return
    _finish(
        job,
        state=State.QUEUED,
        error=text,
        not_before=moment + back_off(job.attempts),
        dispatched_at=None,
        dispatches=0,
    )


def is_final(error: Exception) -> bool:
    """Whether trying again cannot help."""
    return isinstance(error, (registry.JobRefused, registry.UnknownKind, ValidationError))


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 20 s, 40 s, …"""
    return BACK_OFF * (2 ** (attempts - 1))


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


def _mine(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, attempts=job.attempts)


def _finish(job: Job, *, run_again: bool | None = None, **fields: Any) -> bool:
    """Write the outcome if the claim still holds; ``run_again`` narrows it to rows nobody asked to repeat."""
    mine = _mine(job) if run_again is None else _mine(job).filter(run_again=run_again)
    return bool(mine.update(**fields))
