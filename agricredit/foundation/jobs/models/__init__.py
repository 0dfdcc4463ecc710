"""Job rows, outbox messages and lists as files."""

from agricredit.foundation.jobs.models.export import ExportFile, ExportFormat, ExportState
from agricredit.foundation.jobs.models.job import ACTIVE, Job, State
from agricredit.foundation.jobs.models.outbox import OutboxMessage

__all__ = ["ACTIVE", "ExportFile", "ExportFormat", "ExportState", "Job", "OutboxMessage", "State"]
