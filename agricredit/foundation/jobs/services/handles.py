"""What a running job is handed, and how its progress and heartbeat reach the row."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.registry import ClaimLost, JobCancelled

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 5.0
PROGRESS_SECONDS = 1.0


class Handle:
    """The claimed job; subclasses say when its progress is written."""

    _reported: Callable[[], None]
    """Called whenever there is progress to be written."""

    def __init__(self, job: Job) -> None:
        """Nothing is written yet."""
        self.job = job
        self._progress: dict[str, Any] = {}
        self._cancelled = False
        self._lost = False

    def __enter__(self) -> Handle:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; the outcome is written by the caller."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Report progress; raises JobCancelled or ClaimLost when the work should stop here."""
        done = max(0, done)
        self._progress = {
            "progress_done": done,
            "progress_total": max(total, done),
            "message": message[:300],
        }
        self._reported()
        if self._lost:
            raise ClaimLost
        if self._cancelled:
            raise JobCancelled

    def mine(self) -> QuerySet[Job]:
        """The row while this claim on it holds."""
        return Job.objects.filter(pk=self.job.pk, state=State.RUNNING, attempts=self.job.attempts)

    def written(self) -> dict[str, Any]:
        """The latest progress, to be written with a heartbeat or an outcome."""
        return dict(self._progress)

    def _write(self) -> None:
        """One UPDATE under the claim: heartbeat, the latest progress, and news of cancellation."""
        self._lost = not self.mine().update(heartbeat_at=clock.now(), **self.written())
        if not self._lost:
            self._cancelled = bool(self.mine().values_list("cancel_requested", flat=True).first())


class InlineHandle(Handle):
    """Writes each report at once, on the caller's connection."""

    def _reported(self) -> None:
        self._write()


class ThreadHandle(Handle):
    """A thread with its own connection writes heartbeat and progress while the job works.

    Were progress written on the job's connection, a job in one long transaction would show nothing and
    would keep its own row locked against the heartbeat. A job that ends within a second costs no connection.
    """

    def __init__(self, job: Job) -> None:
        """The thread starts on entering."""
        super().__init__(job)
        self._news = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"job-{job.pk}", daemon=True)

    def __enter__(self) -> ThreadHandle:
        """Start the heartbeat."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the heartbeat, so that nothing is written after the outcome."""
        self._stop.set()
        self._news.set()
        self._thread.join()

    def _reported(self) -> None:
        self._news.set()

    def _beat(self) -> None:
        try:
            # At most one write a second, however often the job reports.
            while not self._stop.wait(PROGRESS_SECONDS):
                self._news.wait(HEARTBEAT_SECONDS)
                self._news.clear()
                if not self._stop.is_set():
                    self._write_forgiving()
        finally:
            connection.close()

    def _write_forgiving(self) -> None:
        try:
            self._write()
        except DatabaseError as error:
            # The database may be restarting: the next beat tries a fresh connection.
            logger.warning(
                "heartbeat not written", extra={"job_id": self.job.pk, "reason": type(error).__name__}
            )
            connection.close()
