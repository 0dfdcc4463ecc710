"""Taking a file in, saying yes to it, and giving it up."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from archives.models import BatchState, ImportBatch
from archives.services.imports.tables import check_table
from archives.services.sheets import SHEETS, Sheet
from archives.services.sheets.columns import in_file

CHECK_JOB = "archives.check_import"
COMMIT_JOB = "archives.commit_import"
KEPT = timedelta(days=30)
_WORK = {BatchState.CHECKING: CHECK_JOB, BatchState.COMMITTING: COMMIT_JOB}


def allowed(actor: Any) -> list[Sheet]:
    """The sheets that the account may import."""
    return [sheet for sheet in SHEETS.values() if actor.has_perm(sheet.permission)]


@transaction.atomic
def start(*, sheet: str, upload: Any, actor: Any) -> ImportBatch:
    """Keep the file and put its check on the list. Nothing of it is written to the archive.

    PermissionDenied when the role may not import this sheet; ValidationError when the file is none we read.
    """
    if sheet not in SHEETS:
        raise ValidationError({"sheet": _("请选择要导入的表。")})
    if not actor.has_perm(SHEETS[sheet].permission):
        raise PermissionDenied
    try:
        kind = check_table(upload)
    except ValidationError as refusal:
        raise ValidationError({"file": refusal.messages}) from refusal
    batch: ImportBatch = ImportBatch.objects.create(
        sheet=sheet,
        filename=(upload.name or "").rpartition("/")[2][-120:],
        sha256=_digest(upload),
        size=upload.size,
        region_code=scope_of(actor).region_code,
        asked_by=actor,
        asked_at=clock.now(),
    )
    batch.file.save(f"upload.{kind}", File(upload), save=True)
    _enqueue(batch, actor)
    record(
        verb="import.started", actor=actor, target=batch, region_code=batch.region_code,
        sheet=in_file(SHEETS[sheet].title), sha256=batch.sha256,
    )  # fmt: skip
    return batch


@transaction.atomic
def confirm(*, batch: ImportBatch, actor: Any) -> Job:
    """Say yes: the sound rows are written in the background. Refused when there is nothing to write."""
    row = _locked(batch, BatchState.CHECKED)
    if not actor.has_perm(SHEETS[row.sheet].permission):
        raise PermissionDenied
    if not row.new and not row.changed:
        raise ValidationError(_("没有可导入的行：请先改正文件中的错误，再重新上传。"), code="nothing")
    row.state, row.committed_by = BatchState.COMMITTING, actor
    row.save(update_fields=["state", "committed_by"])
    record(
        verb="import.confirmed", actor=actor, target=row, region_code=row.region_code,
        rows=row.new + row.changed, faulty=row.faulty,
    )  # fmt: skip
    return _enqueue(row, actor)


def has_stopped(batch: ImportBatch) -> bool:
    """Whether its check or its writing failed or was cancelled before it was done."""
    kind = _WORK.get(BatchState(batch.state))
    return kind is not None and not Job.objects.active().filter(key=f"{kind}:{batch.pk}").exists()


@transaction.atomic
def resume(*, batch: ImportBatch, actor: Any) -> Job:
    """Go on where the work stopped; the rows that were written are recognised. Refused while it runs."""
    row = _locked(batch, *_WORK)
    if not actor.has_perm(SHEETS[row.sheet].permission):
        raise PermissionDenied
    _refuse_running(row)
    record(verb="import.resumed", actor=actor, target=row, region_code=row.region_code)
    return _enqueue(row, actor)


@transaction.atomic
def discard(*, batch: ImportBatch, actor: Any) -> None:
    """Give the file up; it is erased at once, the figures and the rows written so far stay."""
    row = _locked(batch, BatchState.CHECKED, BatchState.REFUSED, *_WORK)
    _refuse_running(row)
    row.state, row.finished_at = BatchState.DISCARDED, clock.now()
    row.save(update_fields=["state", "finished_at"])
    record(verb="import.discarded", actor=actor, target=row, region_code=row.region_code)
    transaction.on_commit(lambda: erase(row))


def erase(batch: ImportBatch) -> None:
    """Remove the file and what was found in it: personal data that has served its purpose."""
    batch.file.delete(save=False)
    batch.findings.all().delete()
    ImportBatch.objects.filter(pk=batch.pk).update(file="", head=[])


def purge() -> int:
    """Erase the files of batches that ended, or were left lying, some weeks ago; how many."""
    old = ImportBatch.objects.filter(asked_at__lt=clock.now() - KEPT).exclude(file="")
    count = 0
    for batch in old.iterator():
        if batch.state == BatchState.COMMITTING and not has_stopped(batch):
            continue
        ended = {"state": BatchState.DISCARDED, "finished_at": clock.now()}
        ImportBatch.objects.filter(pk=batch.pk).exclude(state=BatchState.DONE).update(**ended)
        erase(batch)
        count += 1
    return count


def _locked(batch: ImportBatch, *states: BatchState) -> ImportBatch:
    row: ImportBatch = ImportBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if row.state not in states:
        said = {"state": row.get_state_display()}
        raise ValidationError(_("这个文件现为“%(state)s”，不能这样处理。") % said, code="state")
    return row


def _refuse_running(row: ImportBatch) -> None:
    if row.state in _WORK and not has_stopped(row):
        said = {"state": row.get_state_display()}
        raise ValidationError(_("这个文件现为“%(state)s”，不能这样处理。") % said, code="state")


def _enqueue(batch: ImportBatch, actor: Any) -> Job:
    kind = _WORK[BatchState(batch.state)]
    title = _("检查导入文件：%(name)s") if kind == CHECK_JOB else _("导入：%(name)s")
    return jobs.enqueue(
        kind=kind, title=title % {"name": batch.filename}, args={"batch_id": batch.pk},
        key=f"{kind}:{batch.pk}", created_by=actor, region_code=batch.region_code,
    )  # fmt: skip


def _digest(upload: Any) -> str:
    upload.seek(0)
    found = hashlib.sha256()
    for block in iter(lambda: upload.read(1 << 20), b""):
        found.update(block)
    upload.seek(0)
    return found.hexdigest()
