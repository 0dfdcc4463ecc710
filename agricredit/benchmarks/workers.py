"""Worker processes that compute shards as Celery's would, so that time and memory are theirs alone."""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from agricredit.foundation.jobs.models import Job

_KILOBYTE = 1024


@dataclass(frozen=True)
class Outcome:
    """Wall-clock seconds of all shards, and the peak memory of the worker that took most, in bytes."""

    seconds: float
    peak: int


class QuietHandle:
    """A job handle that reports to nobody."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Heard by nobody."""


def _serve(pipe: Connection) -> None:
    django.setup()
    from django.db import connection

    from agricredit.foundation.jobs.models import Job
    from rating.services import shards

    connection.ensure_connection()
    handle = QuietHandle(Job())
    pipe.send(0)
    while (shard := pipe.recv()) is not None:
        shards.compute(shard_id=shard, handle=handle)
        pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILOBYTE)


@contextmanager
def pool(size: int) -> Iterator[list[Connection]]:
    """So many workers, started and connected before anything is timed."""
    spawning = multiprocessing.get_context("spawn")
    pairs = [spawning.Pipe() for _ in range(size)]
    processes = [spawning.Process(target=_serve, args=(theirs,), daemon=True) for _ours, theirs in pairs]
    for process in processes:
        process.start()
    pipes = [ours for ours, _theirs in pairs]
    try:
        for _ours, theirs in pairs:
            theirs.close()  # so that a worker that dies is seen as the end of its pipe
        for pipe in pipes:
            pipe.recv()
        yield pipes
    finally:
        for pipe, process in zip(pipes, processes, strict=True):
            if process.is_alive():
                pipe.send(None)
            process.join()


def compute(pipes: Sequence[Connection], shard_ids: Sequence[int]) -> Outcome:
    """Hand the shards out, one at a time to whoever is free. EOFError when a worker dies."""
    begun = time.perf_counter()
    waiting, peaks = list(shard_ids), [0]
    busy: list[Connection] = []
    for pipe in pipes:
        if waiting:
            pipe.send(waiting.pop(0))
            busy.append(pipe)
    while busy:
        ready = wait(busy)
        for pipe in [each for each in busy if each in ready]:
            peaks.append(pipe.recv())
            if waiting:
                pipe.send(waiting.pop(0))
            else:
                busy.remove(pipe)
    return Outcome(time.perf_counter() - begun, max(peaks))
