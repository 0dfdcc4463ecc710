"""The officers' page of background jobs."""

from agricredit.foundation.jobs.admin.exports import ExportFileAdmin
from agricredit.foundation.jobs.admin.jobs import JobAdmin

__all__ = ["ExportFileAdmin", "JobAdmin"]
