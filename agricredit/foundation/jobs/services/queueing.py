"""Putting work on the list, and telling the workers about it."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, State

if TYPE_CHECKING:
    from agricredit.foundation.accounts.models import User

logger = logging.getLogger(__name__)

TASK = "jobs.run"
TIMEOUT_SECONDS = 1.0
REST_SECONDS = 5.0


def enqueue(
    *,
    kind: str,
    title: str,
    args: dict[str, Any] | None = None,
    key: str = "",
    created_by: User | None = None,
    region_code: str = "",
    again_if_running: bool = False,
) -> Job:
    """Write the job's row now, and send its message when the transaction commits.

    While a job with the same non-empty ``key`` is queued or running, that one is returned and no row is
    written.
    With ``again_if_running`` a running one is run once more after it ends: what it has already read may be
    older than what the caller is about to commit.
    """
    while True:
        known = _active(key, again_if_running) if key else None
        if known is not None:
            return known
        try:
            with transaction.atomic():
                job = _created(kind, title, args or {}, key, created_by, region_code)
        except IntegrityError:
            # Someone else's row with this key was committed between our look and our insert.
            if key and Job.objects.active().filter(key=key).exists():
                continue
            raise
        transaction.on_commit(partial(publish, [job.pk]))
        return job


def _active(key: str, again_if_running: bool) -> Job | None:
    if again_if_running:
        # Conditional on running: if it ends meanwhile the row is not ours to change, and we look again.
        Job.objects.filter(key=key, state=State.RUNNING).update(run_again=True)
        return Job.objects.active().filter(key=key).exclude(state=State.RUNNING, run_again=False).first()
    found: Job | None = Job.objects.active().filter(key=key).first()
    return found


def _created(
    kind: str, title: str, args: dict[str, Any], key: str, created_by: User | None, region_code: str
) -> Job:
    moment = clock.now()
    job: Job = Job.objects.create(
        kind=kind,
        title=title[:200],
        args=args,
        key=key,
        created_by=created_by,
        region_code=region_code,
        created_at=moment,
        not_before=moment,
    )
    return job


class _Breaker:
    """After a failure the broker is left alone for a while: a thousand rows wait once, not each."""

    def __init__(self) -> None:
        self.resting_until = 0.0

    def resting(self) -> bool:
        """Whether to spare the broker now."""
        return time.monotonic() < self.resting_until

    def failed(self) -> None:
        """Begin to rest."""
        self.resting_until = time.monotonic() + REST_SECONDS


breaker = _Breaker()


def publish(job_ids: list[int]) -> int:
    """Send the jobs' messages; return how many went out. Never raises for a broker that is away.

    A row whose message was not sent keeps ``dispatched_at`` empty, and the sweep sends it.
    """
    if breaker.resting():
        return 0
    sent: list[int] = []
    try:
        _send(job_ids, sent)
    except (OperationalError, RedisError, OSError) as error:
        breaker.failed()
        logger.warning(
            "broker unavailable, jobs stay on the list",
            extra={"reason": type(error).__name__, "unsent": len(job_ids) - len(sent)},
        )
    if sent:
        Job.objects.filter(pk__in=sent).update(dispatched_at=clock.now(), dispatches=F("dispatches") + 1)
    return len(sent)


def _send(job_ids: list[int], sent: list[int]) -> None:
    """Publish on a connection that gives up at once; ``sent`` grows as messages go out.

    The application's pooled connections retry for as long as a worker would want, which a request cannot
    wait for.
    """
    options = {
        **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "max_retries": 0,
    }
    with (
        current_app.connection_for_write(transport_options=options) as connection,
        current_app.amqp.Producer(connection) as producer,
    ):
        for job_id in job_ids:
            current_app.send_task(TASK, [job_id], producer=producer, retry=False, ignore_result=True)
            sent.append(job_id)
