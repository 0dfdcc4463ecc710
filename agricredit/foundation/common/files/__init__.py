"""Files that come in and go out: rows with faults by row and column, safe writers, checked uploads."""

from agricredit.foundation.common.files.faults import Fault, FileRefused
from agricredit.foundation.common.files.fields import FilesField
from agricredit.foundation.common.files.readers import check_columns, read_rows
from agricredit.foundation.common.files.uploads import check_upload
from agricredit.foundation.common.files.writers import csv_lines, neutralised, write_csv, write_xlsx

__all__ = [
    "Fault",
    "FileRefused",
    "FilesField",
    "check_columns",
    "check_upload",
    "csv_lines",
    "neutralised",
    "read_rows",
    "write_csv",
    "write_xlsx",
]
