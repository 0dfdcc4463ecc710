"""What a person may do to a job: cancel it, or run a failed one again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services.queueing import publish

if TYPE_CHECKING:
    from agricredit.foundation.accounts.models import User


class NotPossible(Exception):
    """The job's state does not allow it; the text is a sentence."""


@transaction.atomic
def cancel(*, job: Job, actor: User | None = None) -> None:
    """A queued job ends now, a running one at its next report. NotPossible when it has ended."""
    moment = clock.now()
    waiting = Job.objects.filter(pk=job.pk, state=State.QUEUED)
    running = Job.objects.filter(pk=job.pk, state=State.RUNNING)
    if not (
        waiting.update(state=State.CANCELLED, finished_at=moment)
        or running.update(cancel_requested=True, run_again=False)
    ):
        raise NotPossible(_("任务已经结束，不能取消。"))
    record(verb="job.cancelled", actor=actor, target=job, region_code=job.region_code)


@transaction.atomic
def retry(*, job: Job, actor: User | None = None) -> None:
    """Queue a failed or cancelled job again. NotPossible in other states, or when its like is active."""
    moment = clock.now()
    ended = Job.objects.filter(pk=job.pk, state__in=[State.FAILED, State.CANCELLED])
    try:
        with transaction.atomic():
            changed = ended.update(
                state=State.QUEUED,
                attempts=0,
                error="",
                message="",
                progress_done=0,
                cancel_requested=False,
                not_before=moment,
                dispatched_at=None,
                dispatches=0,
                finished_at=None,
            )
    except IntegrityError:
        raise NotPossible(_("同一任务已在排队或进行中。")) from None
    if not changed:
        raise NotPossible(_("只有失败或已取消的任务可以重新运行。"))
    record(verb="job.retried", actor=actor, target=job, region_code=job.region_code)
    transaction.on_commit(lambda: publish([job.pk]))
