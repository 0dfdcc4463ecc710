"""The files themselves: rows out of a workbook or CSV by field, the template, and the sheet of faults."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from python_calamine import CalamineWorkbook

from agricredit.foundation.common.files import (
    Fault,
    FileRefused,
    check_upload,
    neutralised,
    read_rows,
    write_xlsx,
)
from agricredit.foundation.common.files.uploads import MEGABYTE
from agricredit.foundation.common.files.workbooks import main_sheet
from archives.models import ImportBatch
from archives.services.sheets import Row, Sheet
from archives.services.sheets.base import headings_of, notes_of
from archives.services.sheets.columns import in_file

ROW_LIMIT = 100_000
CSV_LIMIT = 50 * MEGABYTE
EXAMPLE = gettext_lazy("示例")
FAULT_HEADING = gettext_lazy("错误")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_DROP_DOWN = 250
"""A list longer than this does not fit the formula of a drop-down."""
_TEXT_ROWS = 1_000
_SAMPLE = 1 << 16


def check_table(upload: Any) -> str:
    """What the upload is by its content, ``xlsx`` or ``csv``; ValidationError says what is expected."""
    upload.seek(0)
    head = bytes(upload.read(_SAMPLE))
    upload.seek(0)
    if not head.strip():
        raise ValidationError(_("文件是空的。"), code="upload_empty")
    if head.startswith(_OLD_EXCEL):
        raise ValidationError(
            _("这是旧版表格（.xls、.et）或有密码的文件：请在Excel或WPS中去掉密码，另存为.xlsx后再上传。"),
            code="upload_kind",
        )
    suffix = PurePosixPath(upload.name or "").suffix.lower()
    if head.startswith(b"PK\x03\x04"):
        if suffix != ".xlsx":
            raise ValidationError(
                _("请在Excel或WPS中把文件另存为.xlsx工作簿后再上传，只改扩展名不行。"), code="upload_suffix"
            )
        return check_upload(upload, ("xlsx",))
    if suffix != ".csv" or b"\0" in head or not _is_text(head):
        raise ValidationError(_("请上传.xlsx或.csv文件（CSV须为UTF-8或GB18030编码）。"), code="upload_kind")
    if upload.size > CSV_LIMIT:
        limit = {"limit": CSV_LIMIT // MEGABYTE}
        raise ValidationError(_("文件超过%(limit)d MB。") % limit, code="upload_size")
    return "csv"


def _is_text(head: bytes) -> bool:
    """Whether the bytes are text in one of the two encodings; the last character may be cut."""
    for encoding in ("utf-8-sig", "gb18030"):
        for cut in range(4):
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False


def count_rows(path: Path) -> int:
    """About how many rows, for the progress bar only."""
    if path.suffix == ".xlsx":
        try:
            return int(main_sheet(CalamineWorkbook.from_path(str(path))).height)
        except (OSError, ValueError, zipfile.BadZipFile):
            return 0
        except Exception:  # calamine's own errors have no common base; reading will say what is wrong
            return 0
    with path.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(1 << 20), b""))


def rows_of(path: Path, sheet: Sheet, name: str) -> Iterator[Row]:
    """The rows of a file, by field. FileRefused: unreadable, unknown or missing columns, too many rows."""
    fields: dict[str, str] | None = None
    example = in_file(EXAMPLE)
    count = examples = 0
    for number, cells in read_rows(path, name=str(path)):
        if fields is None:
            fields = _fields(list(cells), sheet, name)
        given = {fields[heading]: text for heading, text in cells.items()}
        if given[next(iter(given))].startswith(example):
            examples += 1
            continue
        count += 1
        if count > ROW_LIMIT:
            message = _("超过%(limit)d行，请分成几个文件。") % {"limit": ROW_LIMIT}
            raise FileRefused([Fault(name, number, "", message)])
        yield Row(number, given)
    if count == 0:
        raise FileRefused([Fault(name, 0, "", _nothing(path, examples))])


def _nothing(path: Path, examples: int) -> str:
    """No row: where it was looked for, or that there were only examples."""
    if examples:
        return _("没有数据行：以“示例”开头的行不导入。请从第2行起填写您的数据，去掉“示例”二字。")
    if path.suffix != ".xlsx":
        return _("没有数据行：第1行为列名，从第2行起填写。")
    said = {"sheet": main_sheet(CalamineWorkbook.from_path(str(path))).name}
    return _("工作表“%(sheet)s”中没有数据行：只读第一张未隐藏的工作表，第1行为列名，从第2行起填写。") % said


def _fields(headings: list[str], sheet: Sheet, name: str) -> dict[str, str]:
    """Heading → field, in the file's order; every unknown, repeated and missing column in one refusal."""
    extra = in_file(FAULT_HEADING)
    names = headings_of(sheet, headings)
    known = {column.field for column in sheet.columns}
    faults = []
    for heading, field in zip(headings, names, strict=True):
        if field not in known and heading != extra:
            message = _("未知的列；可用的列：%(known)s。") % {"known": "、".join(sheet.headings)}
            faults.append(Fault(name, 1, heading, message))
        elif names.count(field) > 1:
            faults.append(Fault(name, 1, heading, _("此列出现了两次。")))
    faults += [
        Fault(name, 1, column.title, _("缺少此列。"))
        for column in sheet.columns
        if column.required and column.field not in names
    ]
    if faults:
        raise FileRefused(faults)
    return dict(zip(headings, names, strict=True))


def template(sheet: Sheet) -> bytes:
    """The empty workbook: headings, an example row that is not read, drop-downs, and explanations."""
    book = Workbook()
    page = book.create_sheet(in_file(sheet.title)[:31], 0)
    book.remove(book.worksheets[-1])
    page.append(sheet.headings)
    page.append(_example(sheet))
    page.freeze_panes = "A2"
    for index, column in enumerate(sheet.columns, start=1):
        letter = get_column_letter(index)
        cell = page.cell(row=1, column=index)
        cell.font = Font(bold=True, color="C00000" if column.required else "000000")
        cell.fill = PatternFill("solid", start_color="EEF3EE")
        page.column_dimensions[letter].width = max(14, 2 * len(column.title) + 4)
        page.cell(row=2, column=index).font = Font(italic=True, color="808080")
        if column.text:
            for row in range(2, _TEXT_ROWS):
                page.cell(row=row, column=index).number_format = "@"
        _add_drop_down(page, letter, column)
    _explain(book.create_sheet(in_file(gettext_lazy("填写说明"))), sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _example(sheet: Sheet) -> list[str]:
    cells = [in_file(column.example) for column in sheet.columns]
    cells[0] = "：".join(filter(None, [in_file(EXAMPLE), cells[0]]))
    return cells


def _add_drop_down(page: Any, letter: str, column: Any) -> None:
    if not column.choices or column.many:
        return
    words = ",".join(in_file(word) for word in column.choices.values())
    if len(words) <= _DROP_DOWN:
        rule = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True, showErrorMessage=False)
        page.add_data_validation(rule)
        rule.add(f"{letter}3:{letter}{ROW_LIMIT}")


def _explain(page: Any, sheet: Sheet) -> None:
    page.append([in_file(sheet.title), in_file(sheet.explains)])
    page.append([])
    page.append([in_file(word) for word in (gettext_lazy("列"), gettext_lazy("必填"), gettext_lazy("说明"))])
    for column in sheet.columns:
        required = in_file(gettext_lazy("必填")) if column.required else ""
        page.append([column.title, required, notes_of(column)])
    example = gettext_lazy("以“示例”开头的行导入时忽略；日期写成2026-01-31；不要增加列。")
    page.append([])
    page.append([in_file(example)])
    for letter, width in (("A", 24), ("B", 8), ("C", 90)):
        page.column_dimensions[letter].width = width
    for row in page.iter_rows(min_col=3, max_col=3):
        row[0].alignment = Alignment(wrap_text=True)


def fault_sheet(batch: ImportBatch, sheet: Sheet, stream: IO[bytes]) -> int:
    """The faulty rows as they were given, in the same sheet with a column that says why; how many rows."""
    said: dict[int, list[str]] = defaultdict(list)
    titles = {column.field: column.title for column in sheet.columns}
    for finding in batch.findings.faults().iterator():
        said[finding.row].append(f"{titles.get(finding.column, finding.column)}：{finding.after}")
    heading = [*sheet.headings, in_file(FAULT_HEADING)]
    return write_xlsx(stream, heading, _faulty(batch, sheet, said), sheet=in_file(sheet.title))


def _faulty(batch: ImportBatch, sheet: Sheet, said: dict[int, list[str]]) -> Iterator[Sequence[Any]]:
    for row in rows_of(Path(batch.file.path), sheet, batch.filename):
        if row.number in said:
            cells = [neutralised(row.cells.get(column.field, "")) for column in sheet.columns]
            yield [*cells, "；".join(said[row.number])]
