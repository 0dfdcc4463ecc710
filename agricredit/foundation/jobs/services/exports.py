"""Lists as files: asked for by a person, written in the background row by row, erased after some days.

How a list becomes rows is the list's own business (``common.exporting``); here are the file and its states.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.files import write_csv, write_xlsx
from agricredit.foundation.jobs.models import ExportFile, ExportFormat, ExportState
from agricredit.foundation.jobs.registry import JobRefused
from agricredit.foundation.jobs.services.queueing import enqueue

JOB = "jobs.write_export"
KEPT = timedelta(days=7)
WORKBOOK_ROWS = 1_048_575
"""What a workbook's sheet holds under its heading."""
WAITING_AT_ONCE = 5
QUERY_LENGTH = 2_000
_REPORT_EVERY = 2_000


@dataclass(frozen=True)
class Table:
    """What a list is as a file: headings, rows as they come, and about how many there will be."""

    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    about: int = 0


@transaction.atomic
def ask(*, listing: str, title: str, query: str, file_format: str, actor: Any) -> ExportFile:
    """Put an export on the list. ValidationError: no such format, or too many waiting already."""
    if file_format not in ExportFormat.values:
        raise ValidationError(_("请选择Excel或CSV。"))
    if len(query) > QUERY_LENGTH:
        raise ValidationError(_("筛选条件太长。"))
    waiting = ExportFile.objects.filter(asked_by=actor, state=ExportState.WAITING).count()
    if waiting >= WAITING_AT_ONCE:
        raise ValidationError(_("您已有%(count)d个导出在准备，请稍后再试。") % {"count": waiting})
    row: ExportFile = ExportFile.objects.create(
        listing=listing, title=title[:120], query=query, format=file_format, asked_by=actor,
        asked_at=clock.now(),
    )  # fmt: skip
    record(
        verb="export.asked", actor=actor, target=row, region_code=scope_of(actor).region_code, query=query,
        format=file_format,
    )  # fmt: skip
    enqueue(
        kind=JOB, title=_("导出：%(title)s") % {"title": title}, args={"export_id": row.pk},
        key=f"{JOB}:{row.pk}", created_by=actor,
    )  # fmt: skip
    return row


def write(*, export_id: int, table_of: Callable[[ExportFile], Table], progress: Any) -> None:
    """Write the file and make it ready. Run again after a crash it starts a fresh file."""
    row = ExportFile.objects.select_related("asked_by").get(pk=export_id)
    if row.state != ExportState.WAITING:
        return
    try:
        with tempfile.TemporaryFile() as stream:
            count = _written(row, table_of(row), stream, progress)
            size = stream.tell()
            stream.seek(0)
            row.file.save(f"export.{row.format}", File(stream), save=False)
    except JobRefused as refusal:
        ExportFile.objects.filter(pk=row.pk).update(state=ExportState.FAILED, message=str(refusal)[:300])
        raise
    ExportFile.objects.filter(pk=row.pk).update(
        state=ExportState.READY, rows=count, size=size, file=row.file.name, ready_at=clock.now()
    )


def note_fetched(*, export: ExportFile, actor: Any) -> None:
    """Write down that the file went out."""
    ExportFile.objects.filter(pk=export.pk).update(fetched_at=clock.now())
    record(
        verb="export.fetched", actor=actor, target=export, region_code=scope_of(actor).region_code,
        rows=export.rows,
    )  # fmt: skip


def purge() -> int:
    """Erase files that are over their days; the rows stay as a history. Returns how many."""
    old = ExportFile.objects.filter(asked_at__lt=clock.now() - KEPT).exclude(state=ExportState.EXPIRED)
    count = 0
    for row in old.iterator():
        name = row.file.name
        ExportFile.objects.filter(pk=row.pk).update(state=ExportState.EXPIRED, file="")
        if name:
            row.file.storage.delete(name)
        count += 1
    return count


def _written(row: ExportFile, table: Table, stream: IO[bytes], progress: Any) -> int:
    rows = _counted(row, table, progress)
    if row.format == ExportFormat.CSV:
        return write_csv(stream, table.headings, rows)
    return write_xlsx(stream, table.headings, rows)


def _counted(row: ExportFile, table: Table, progress: Any) -> Iterator[Sequence[Any]]:
    """The rows, with progress on the way; a workbook's limit is told before the file is useless."""
    for done, cells in enumerate(table.rows, start=1):
        if done > WORKBOOK_ROWS and row.format == ExportFormat.XLSX:
            raise JobRefused(_("超过Excel的最大行数（1,048,575行），请缩小范围或导出CSV。"))
        if done % _REPORT_EVERY == 0:
            progress(done, max(table.about, done + 1), _("已写出%(done)d行") % {"done": done})
        yield cells
