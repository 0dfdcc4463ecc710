"""Kinds of job: the function behind each name, and what a running function is handed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from agricredit.foundation.jobs.models import Job


class JobRefused(Exception):
    """The work cannot be done, and trying again will not help; the text is a sentence for people."""


class JobCancelled(Exception):
    """Raised out of :meth:`JobHandle.progress` when someone has cancelled the job."""


class ClaimLost(Exception):
    """Raised out of :meth:`JobHandle.progress` when the job was given to another worker."""


class UnknownKind(KeyError):
    """No function is registered under this name."""


class JobHandle(Protocol):
    """What a job's function is handed."""

    @property
    def job(self) -> Job:
        """The claimed row, as it was when the work began."""

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Report progress, and learn of cancellation (JobCancelled) or of a lost claim (ClaimLost)."""


JobFunction = Callable[..., None]
_functions: dict[str, JobFunction] = {}


def job(kind: str) -> Callable[[JobFunction], JobFunction]:
    """Register ``run(handle, **args)`` under a name such as ``rating.run_shard``.

    The function must be idempotent: a worker may die at any instant, and the job is then run again from the
    start.
    """

    def registered(function: JobFunction) -> JobFunction:
        known = _functions.get(kind)
        if known is not None and (known.__module__, known.__qualname__) != (
            function.__module__,
            function.__qualname__,
        ):
            raise ValueError(f"two functions are registered for the job kind {kind}")
        _functions[kind] = function
        return function

    return registered


def function_of(kind: str) -> JobFunction:
    """The function of a kind; UnknownKind when no installed app has it."""
    try:
        return _functions[kind]
    except KeyError:
        raise UnknownKind(kind) from None
