"""Files as an office would send them, made on the spot."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from agricredit.foundation.common.files import write_csv, write_xlsx
from agricredit.foundation.jobs import tasks as jobs_tasks  # noqa: F401 - registers the job of exports
from agricredit.foundation.jobs.models import ExportFile
from agricredit.foundation.jobs.testing import run_all_jobs
from archives import tasks  # noqa: F401 - registers the jobs
from archives.models import ImportBatch
from archives.services import imports
from archives.services.sheets import SHEETS


def workbook(headings, rows, name="登记.xlsx"):
    stream = io.BytesIO()
    write_xlsx(stream, headings, rows)
    return SimpleUploadedFile(name, stream.getvalue())


def table(headings, rows, name="登记.csv", encoding="utf-8", for_people=False):
    stream = io.BytesIO()
    write_csv(stream, headings, rows, for_people=for_people)
    return SimpleUploadedFile(name, stream.getvalue().decode().encode(encoding))


def filled(sheet, *rows):
    """Headings and rows of a sheet from dicts by field."""
    columns = SHEETS[sheet].columns
    used = [c for c in columns if c.required or any(c.field in row for row in rows)]
    return [c.title for c in used], [[row.get(c.field, "") for c in used] for row in rows]


def checked(sheet, upload, actor):
    """Upload and check; the batch as it stands then."""
    batch = imports.start(sheet=sheet, upload=upload, actor=actor)
    run_all_jobs()
    return ImportBatch.objects.get(pk=batch.pk)


def imported(sheet, upload, actor):
    """Upload, check, say yes, write; the batch as it stands then."""
    batch = checked(sheet, upload, actor)
    imports.confirm(batch=batch, actor=actor)
    run_all_jobs()
    return ImportBatch.objects.get(pk=batch.pk)


def sent(sheet, actor, *rows, **more):
    """The rows as a workbook, all the way in."""
    return imported(sheet, workbook(*filled(sheet, *rows), **more), actor)


def looked_at(sheet, actor, *rows):
    """The rows as a workbook, checked only."""
    return checked(sheet, workbook(*filled(sheet, *rows)), actor)


def faults(batch):
    """(row, column) → sentence."""
    return {(f.row, f.column): f.after for f in batch.findings.faults()}


def figures(batch):
    return batch.new, batch.changed, batch.unchanged, batch.faulty


def ask(desk, listing="archives.producer", query="", form="xlsx"):
    """Press a list's button and let the work be done."""
    given = {"listing": listing, "query": query, "format": form}
    answer = desk.post(reverse("admin:jobs_exportfile_ask"), given)
    run_all_jobs()
    return answer


def fetch(desk, export):
    """The file's bytes, or the status that refuses them."""
    answer = desk.get(reverse("admin:jobs_exportfile_fetch", args=[export.pk]))
    return b"".join(answer.streaming_content) if answer.status_code == 200 else answer.status_code


def rows(content):
    """The rows of a workbook's first sheet, the heading among them."""
    return list(load_workbook(io.BytesIO(content)).worksheets[0].values)


def comes_back(desk, sheet, actor, listing):
    """A list's file, and the figures of its own import."""
    ask(desk, listing)
    content = fetch(desk, ExportFile.objects.latest("pk"))
    assert list(rows(content)[0]) == SHEETS[sheet].headings
    return content, figures(checked(sheet, SimpleUploadedFile("again.xlsx", content), actor))
