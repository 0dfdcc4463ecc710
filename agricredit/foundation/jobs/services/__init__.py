"""Writes of job rows; ``from agricredit.foundation.jobs import services; services.enqueue(...)``."""

from agricredit.foundation.jobs.services.deciding import NotPossible, cancel, retry
from agricredit.foundation.jobs.services.queueing import enqueue

__all__ = ["NotPossible", "cancel", "enqueue", "retry"]
