"""Files of an office, from upload to the archive: checked first, written when an officer has said so."""

from archives.services.imports.batches import (
    CHECK_JOB,
    COMMIT_JOB,
    confirm,
    discard,
    has_stopped,
    purge,
    resume,
    start,
)
from archives.services.imports.running import check, commit
from archives.services.imports.tables import ROW_LIMIT, fault_sheet, template

__all__ = [
    "CHECK_JOB",
    "COMMIT_JOB",
    "ROW_LIMIT",
    "check",
    "commit",
    "confirm",
    "discard",
    "fault_sheet",
    "has_stopped",
    "purge",
    "resume",
    "start",
    "template",
]
