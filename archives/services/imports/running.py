"""The two passes over a file: a check that writes only findings, and the writing, chunk by chunk.

Either may be killed at any instant. The check begins anew; the writing commits each chunk together with how
far it came, so the next worker goes on behind it, and what it would meet twice is recognised as unchanged.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.files import FileRefused
from agricredit.foundation.jobs.registry import JobRefused
from archives.models import BatchState, FindingKind, ImportBatch, ImportFinding
from archives.services.imports.tables import count_rows, rows_of
from archives.services.sheets import Row, Seen, Sheet, Verdict, sheet_of
from archives.services.sheets.columns import in_file

CHUNK = 2_000
HEAD = 20
_HEAD_CELLS = 8
Progress = Callable[[int, int, str], None]


def check(*, batch_id: int, progress: Progress) -> None:
    """Judge every row and write down what was found; the archive stays as it is."""
    batch = ImportBatch.objects.select_related("asked_by").get(pk=batch_id)
    if batch.state != BatchState.CHECKING:
        return
    batch.findings.all().delete()
    sheet, path = sheet_of(batch.sheet), Path(batch.file.path)
    counts: Counter[str] = Counter()
    head: list[dict[str, Any]] = []
    seen, total = Seen(), max(1, count_rows(path) - 1)
    try:
        for rows in _chunks(rows_of(path, sheet, batch.filename)):
            with transaction.atomic():
                sheet.judge(rows, seen, batch.asked_by)
            _keep_findings(batch, rows)
            counts.update(row.verdict for row in rows)
            head += [_shown(sheet, row) for row in rows[: HEAD - len(head)]]
            done = sum(counts.values())
            progress(done, max(total, done), _("已检查%(done)d行") % {"done": done})
    except FileRefused as refusal:
        message = "\n".join(_sentence(fault) for fault in refusal.faults)
        batch.findings.all().delete()
        _update(batch, BatchState.CHECKING, state=BatchState.REFUSED, message=message)
        return
    figures = {verdict.value: counts[verdict] for verdict in Verdict}
    _update(
        batch, BatchState.CHECKING, state=BatchState.CHECKED, rows=sum(counts.values()), head=head, **figures
    )


def commit(*, batch_id: int, progress: Progress) -> None:
    """Write the sound rows. A row that became faulty since the check is left out and says why."""
    batch = ImportBatch.objects.select_related("committed_by").get(pk=batch_id)
    if batch.state != BatchState.COMMITTING:
        return
    sheet, path = sheet_of(batch.sheet), Path(batch.file.path)
    with path.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != batch.sha256:
            raise JobRefused(_("文件在检查之后变了，不能导入。"))
    faulty = set(batch.findings.filter(kind=FindingKind.FAULT).values_list("row", flat=True))
    seen = Seen()
    for rows in _chunks(rows_of(path, sheet, batch.filename)):
        last = rows[-1].number
        if last > batch.done_to:
            _write(batch, sheet, [row for row in rows if row.number not in faulty], last, seen)
        progress(min(last - 1, batch.rows), batch.rows, _("已导入到第%(row)d行") % {"row": last})
    _finish(batch)


@transaction.atomic
def _write(batch: ImportBatch, sheet: Sheet, rows: list[Row], last: int, seen: Seen) -> None:
    """One chunk and how far it came, together."""
    actor = batch.committed_by
    sheet.judge(rows, seen, actor)
    wanted = [row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)]
    if wanted:
        sheet.write(wanted, actor)
    late = [row for row in rows if row.faults]
    _keep_findings(batch, late, faults_only=True)
    moved = ImportBatch.objects.filter(
        pk=batch.pk, state=BatchState.COMMITTING, done_to=batch.done_to
    ).update(done_to=last, written=F("written") + len(wanted), faulty=F("faulty") + len(late))
    if not moved:
        raise JobRefused(_("这个文件已由另一个任务处理。"))
    batch.done_to = last


@transaction.atomic
def _finish(batch: ImportBatch) -> None:
    row = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.state != BatchState.COMMITTING:
        return
    row.state, row.finished_at = BatchState.DONE, clock.now()
    row.save(update_fields=["state", "finished_at"])
    record(
        verb="import.done", actor=batch.committed_by, target=row, region_code=row.region_code,
        sheet=in_file(sheet_of(row.sheet).title), written=row.written, faulty=row.faulty,
    )  # fmt: skip


def _keep_findings(batch: ImportBatch, rows: Sequence[Row], *, faults_only: bool = False) -> None:
    found = [
        ImportFinding(batch=batch, row=row.number, column=column, kind=FindingKind.FAULT, after=message,
                      label=row.label[:160])
        for row in rows
        for column, message in row.faults
    ]  # fmt: skip
    if not faults_only:
        found += [
            ImportFinding(batch=batch, row=row.number, column=column, kind=FindingKind.CHANGE, before=before,
                          after=after, label=row.label[:160])
            for row in rows
            if row.sound
            for column, before, after in row.changes
        ]  # fmt: skip
    ImportFinding.objects.bulk_create(found, batch_size=2_000)


def _shown(sheet: Sheet, row: Row) -> dict[str, Any]:
    cells = []
    for column in sheet.columns[:_HEAD_CELLS]:
        text = row.cells.get(column.field, "")
        cells.append(column.mask(text) if column.mask else text[:60])
    return {"row": row.number, "verdict": row.verdict.value, "cells": cells}


def _update(batch: ImportBatch, was: BatchState, **fields: Any) -> None:
    ImportBatch.objects.filter(pk=batch.pk, state=was).update(**fields)


def _sentence(fault: Any) -> str:
    where = _("第%(row)d行") % {"row": fault.row} if fault.row else ""
    return "".join([where, f"“{fault.column}”" if fault.column else "", "：" if where else "", fault.message])


def _chunks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk
