"""A county's register as a workbook: uploaded, checked row by row, said yes to, and written."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile

from agricredit.benchmarks import dataset
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from agricredit.foundation.common.codes import make_credit_code
from agricredit.foundation.common.files import write_xlsx
from archives.models import CreditEvent, ImportBatch, Producer
from archives.services import imports
from archives.services.sheets import SHEETS

_KINDS = ("合作社", "家庭农场", "企业", "种养大户")
_WORDS = ("绿源", "丰收", "金穗", "万丰", "田园", "春晖", "红土", "海丰", "富民", "兴农")
_MEGABYTE = 1024


def run(producers: int) -> dict[str, Any]:
    """Seconds of the check, of the writing and of the same file again; peak memory of all of it."""
    dataset.regions()
    officer = User.objects.create_user(
        username="importer", role=Role.COUNTY_OFFICER, region_code="440823", name="importer"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with TemporaryUploadedFile("register.xlsx", "", 0, None) as upload:
        write_xlsx(upload, SHEETS["producers"].headings, _rows(producers))
        upload.size = upload.tell()
        made = _peak()
        batch = imports.start(sheet="producers", upload=upload, actor=officer)
        checking = _timed(imports.check, batch)
        imports.confirm(batch=ImportBatch.objects.get(pk=batch.pk), actor=officer)
        writing = _timed(imports.commit, batch)
        again = imports.start(sheet="producers", upload=upload, actor=officer)
        repeating = _timed(imports.check, again)
    again.refresh_from_db()
    return {
        "benchmark": "import",
        "producers": Producer.objects.count(),
        "events": CreditEvent.objects.count(),
        "unchanged_again": again.unchanged,
        "seconds": {
            "check": round(checking, 1),
            "write": round(writing, 1),
            "both": round(checking + writing, 1),
            "check_again": round(repeating, 1),
        },
        "peak_mb": {"before": before // _MEGABYTE, "file_made": made, "imported": _peak()},
    }


def _timed(act: Any, batch: ImportBatch) -> float:
    begun = time.perf_counter()
    act(batch_id=batch.pk, progress=lambda done, total, message: None)
    return time.perf_counter() - begun


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _MEGABYTE


def _rows(count: int) -> Iterator[list[Any]]:
    columns = [column.field for column in SHEETS["producers"].columns]
    for n in range(count):
        given = {
            "producer": f"I{n:08d}",
            "name": f"遂溪{_WORDS[n % 10]}第{n}号农场",
            "kind": _KINDS[n % 4],
            "nature": "法人",
            "sectors": "种植业",
            "region": f"440823{100 + n % dataset.TOWNSHIPS}",
            "credit_code": make_credit_code(f"93440823{n:08d}"),
            "contact_name": "陈某",
            "phone": f"138{n:08d}",
            "address": f"某村{n}号",
            "registered_on": "2024-01-05",
            "plots": f"东地={1 + n % 9}",
        }
        yield [given.get(field, "") for field in columns]
