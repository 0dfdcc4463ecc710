"""Job rows and outbox messages."""

from agricredit.foundation.jobs.models.job import ACTIVE, Job, State
from agricredit.foundation.jobs.models.outbox import OutboxMessage

__all__ = ["ACTIVE", "Job", "OutboxMessage", "State"]
