"""A hundred events a second, each posted by itself: how long after its commit the live score follows.

The whole way as in service: post, commit, outbox, job's row, broker, a Celery worker in a process of its own,
re-score, commit. What is seen is what another connection sees.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connection

from agricredit.benchmarks import timing
from agricredit.foundation.jobs.models import Job
from archives.services.ledger import EventDraft, post

RATE = 100
#: Seconds between looks at the scores, and until the last ones are given up.
LOOK, PATIENCE = 0.004, 60.0


def run(draft: Callable[[int], EventDraft], producers: Sequence[int], rate: int = RATE) -> dict[str, object]:
    """Post one event to each producer at the rate; milliseconds from each commit to its live score."""
    with _worker(), _Watch() as watch:
        post([draft(producers[0])])  # whoever comes first waits for the worker's imports
        watch.until(producers[:1])
        jobs = Job.objects.count()
        committed: dict[int, float] = {}
        begun = time.perf_counter()
        for number, producer in enumerate(producers[1:]):
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            post([draft(producer)])
            committed[producer] = time.perf_counter()
        took = time.perf_counter() - begun
        watch.until(producers)
        late = [1000 * (watch.seen[one] - moment) for one, moment in committed.items() if one in watch.seen]
        return {
            "events": len(committed),
            "events_a_second": round(len(committed) / took, 1),
            "jobs": Job.objects.count() - jobs,
            "never_scored": len(committed) - len(late),
            "commit_to_score": timing.percentiles([max(one, 0.0) for one in late]),
        }


@contextmanager
def _worker() -> Iterator[None]:
    from agricredit.celery import app

    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "agricredit",
        "worker",
        "--concurrency=1",
        "--loglevel=ERROR",
    ]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    process = subprocess.Popen([*command, *quiet], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
        app.control.purge()


class _Watch:
    """A thread with a connection of its own that notes when it first sees each producer's live score."""

    def __init__(self) -> None:
        self.seen: dict[int, float] = {}
        self.newest = datetime.min.replace(tzinfo=UTC)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Watch:
        self._known = set(self._scored(self.newest))
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def until(self, producers: Sequence[int]) -> None:
        """Wait for all of them, but not for ever."""
        end = time.perf_counter() + PATIENCE
        while not self.seen.keys() >= set(producers) and time.perf_counter() < end:
            time.sleep(LOOK)

    def _look(self) -> None:
        try:
            while not self._over.is_set():
                moment = time.perf_counter()
                for producer in self._scored(self.newest):
                    if producer not in self._known:
                        self._known.add(producer)
                        self.seen[producer] = moment
                time.sleep(LOOK)
        finally:
            connection.close()

    def _scored(self, since: datetime) -> list[int]:
        """Whose score is of the newest moment seen, or newer: few rows, lest looking slows what is looked at.

        One worker scores set after set, so that moments are seen in their order.
        """
        with connection.cursor() as cursor:
            cursor.execute("SELECT producer_id, live_at FROM rating_standing WHERE live_at >= %s", [since])
            rows = cursor.fetchall()
        self.newest = max([since, *(moment for _producer, moment in rows)])
        return [int(producer) for producer, _moment in rows]
