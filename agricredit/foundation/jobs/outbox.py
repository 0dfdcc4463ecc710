"""The outbox: what a lower floor's act sets off above it.

A service calls :func:`emit` in its own transaction. After the commit every subscription of the topic (made by
``agricredit.reactions``) becomes one job. If the process dies between commit and delivery, the sweep
delivers.

A *gathered* subscription has one job for all messages that wait: it takes them itself (:func:`taken`), many
at once, and runs again while more come. A hundred messages a second are then a few sets of work.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.functional import Promise

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, OutboxMessage, State
from agricredit.foundation.jobs.services.queueing import enqueue

logger = logging.getLogger(__name__)

LONGEST_KEY = 200


@dataclass(frozen=True)
class Subscription:
    """Who listens: the job's kind and the title it gets."""

    job_kind: str
    title: str | Promise
    gathered: bool = False


_subscriptions: dict[str, list[Subscription]] = {}


def subscribe(topic: str, job_kind: str, title: str | Promise, *, gathered: bool = False) -> None:
    """From now on each message of ``topic`` becomes a job of ``job_kind``, its keys the arguments.

    ``gathered``: one job for all that wait, handed the topic. ValueError where others listen too: what one
    has taken the other would not see.
    """
    listening = _subscriptions.setdefault(topic, [])
    if any(known.job_kind == job_kind for known in listening):
        return
    if listening and (gathered or listening[0].gathered):
        raise ValueError(f"a gathered topic has one listener: {topic}")
    listening.append(Subscription(job_kind, title, gathered))


def subscriptions(topic: str) -> list[Subscription]:
    """Who listens to a topic."""
    return list(_subscriptions.get(topic, []))


def emit(topic: str, **keys: Any) -> None:
    """Write the message in the current transaction; it is delivered after the commit, or never if it rolls
    back.

    ``keys`` must be JSON (numbers, texts, lists): what a job needs to find its rows, never the facts
    themselves.
    """
    message = OutboxMessage.objects.create(topic=topic, keys=keys, created_at=clock.now())
    transaction.on_commit(partial(_deliver_now, message.pk, topic))


def _deliver_now(message_id: int, topic: str) -> None:
    """Delivery on the writer's own path: a failure here must not fail what is already committed."""
    try:
        listener = _gathering(topic)
        if listener is None:
            deliver(message_id)
        else:
            _call(topic, listener)
    except DatabaseError as error:
        logger.warning(
            "outbox message waits for the sweep",
            extra={"outbox_id": message_id, "reason": type(error).__name__},
        )


def _gathering(topic: str) -> Subscription | None:
    """Who takes the topic's messages itself; None where each becomes a job."""
    return next((one for one in subscriptions(topic) if one.gathered), None)


def _call(topic: str, listener: Subscription) -> None:
    """See that a job will take what waits. After the message's commit: whichever job begins later sees it.

    Most often one waits already, or a running one is to run again: then one look is all it takes.
    """
    key = f"{topic}:{listener.job_kind}"
    if Job.objects.active().filter(key=key).exclude(state=State.RUNNING, run_again=False).exists():
        return
    enqueue(
        kind=listener.job_kind,
        title=str(listener.title),
        args={"topic": topic},
        key=key,
        again_if_running=True,
    )


@contextmanager
def taken(topic: str, limit: int) -> Iterator[list[dict[str, Any]]]:
    """The keys of the oldest waiting messages of a gathered topic, in a transaction with the work on them.

    An error in the block leaves them waiting. Messages that somebody else is taking are passed over.
    """
    with transaction.atomic():
        waiting = OutboxMessage.objects.select_for_update(skip_locked=True)
        rows = list(waiting.filter(topic=topic, delivered_at__isnull=True).order_by("pk")[:limit])
        yield [row.keys for row in rows]
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(delivered_at=clock.now())


def deliver(message_id: int) -> bool:
    """Turn one waiting message into jobs, in one transaction; False when someone else did or does."""
    with transaction.atomic():
        waiting = OutboxMessage.objects.select_for_update(skip_locked=True)
        message = waiting.filter(pk=message_id, delivered_at__isnull=True).first()
        if message is None:
            return False
        for subscription in subscriptions(message.topic):
            enqueue(
                kind=subscription.job_kind,
                title=str(subscription.title),
                args=message.keys,
                key=job_key(message.topic, subscription.job_kind, message.keys),
                region_code=str(message.keys.get("region_code", "")),
                again_if_running=True,
            )
        OutboxMessage.objects.filter(pk=message.pk).update(delivered_at=clock.now())
        return True


def deliver_waiting(limit: int) -> int:
    """Deliver what is waiting, oldest first; return how many messages."""
    waiting = OutboxMessage.objects.filter(delivered_at__isnull=True)
    gathered = {topic for topic in _subscriptions if _gathering(topic) is not None}
    called = set(waiting.filter(topic__in=gathered).values_list("topic", flat=True).distinct())
    for topic in sorted(called):
        listener = _gathering(topic)
        if listener is not None:
            _call(topic, listener)
    single = waiting.exclude(topic__in=gathered).order_by("pk")
    return sum(deliver(pk) for pk in single.values_list("pk", flat=True)[:limit])


def job_key(topic: str, kind: str, keys: dict[str, Any]) -> str:
    """``topic:kind:keys``; long keys (lists of producers) by their hash."""
    text = json.dumps(keys, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    key = f"{topic}:{kind}:{text}"
    if len(key) <= LONGEST_KEY:
        return key
    return f"{topic}:{kind}:{hashlib.sha256(text.encode()).hexdigest()}"
