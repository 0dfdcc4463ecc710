"""Rows of a CSV (RFC 4180; UTF-8 with or without BOM, or GB 18030) or XLSX file, one at a time."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path, PurePath
from typing import IO, Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from agricredit.foundation.common.files import workbooks
from agricredit.foundation.common.files.faults import Fault, FileRefused

SAMPLE_BYTES = 1 << 16
BOM = "\ufeff"
EXACT = 1e15
"""From here on spreadsheets no longer keep every digit of a number."""
Row = tuple[int, dict[str, str]]


def read_rows(
    source: Path | IO[bytes],
    *,
    name: str = "",
    required: Collection[str] = (),
    optional: Collection[str] | None = None,
) -> Iterator[Row]:
    """Yield ``(row number, {column: text})``; the heading is row 1, blank rows are skipped, text is trimmed.

    Of a workbook the first visible sheet is read. A CSV without a comma in its heading may have tabs or
    semicolons instead.
    ``required`` columns must be there; any column outside ``required`` and ``optional`` is refused
    (``optional=None``
    admits every column). All faults of the heading come in one :class:`FileRefused`, raised at the first
    row asked for. A row whose number of cells does not fit is refused with its number.
    """
    name = name or str(getattr(source, "name", "") or source)
    file = PurePath(name).name
    table = _xlsx_table(source, file) if file.lower().endswith(".xlsx") else _csv_table(source, file)
    heading: list[str] | None = None
    for number, cells in table:
        if heading is None:
            heading = _names(cells, file)
            check_columns(heading, file=file, required=required, optional=optional)
        elif any(cell.strip() for cell in cells):
            yield number, _as_dict(heading, cells, file, number)
    if heading is None:
        raise FileRefused([Fault(file, 0, "", _("文件是空的：第1行应为列名。"))])


def check_columns(
    heading: Sequence[str], *, file: str, required: Collection[str], optional: Collection[str] | None
) -> None:
    """Refuse (FileRefused) missing, unknown, repeated and nameless columns, all at once."""
    if len(heading) > 1:
        _refuse_title(heading, file)
    faults = [Fault(file, 1, column, _("缺少此列。")) for column in required if column not in heading]
    seen: set[str] = set()
    for position, column in enumerate(heading, start=1):
        if not column:
            faults.append(Fault(file, 1, str(position), _("第%(n)d列没有列名。") % {"n": position}))
        elif column in seen:
            faults.append(Fault(file, 1, column, _("此列出现了两次。")))
        elif optional is not None and column not in required and column not in optional:
            known = "、".join([*required, *optional])
            faults.append(Fault(file, 1, column, _("未知的列；可用的列：%(known)s。") % {"known": known}))
        seen.add(column)
    if faults:
        raise FileRefused(faults)


def _names(cells: Sequence[str], file: str) -> list[str]:
    """The heading; empty cells behind the last name are no columns."""
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise FileRefused([Fault(file, 1, "", _("这一行是空的：请删去列名上面的空行，使第1行就是列名。"))])
    if len(names) > 1:
        _refuse_title(names, file)
    while not names[-1]:
        names.pop()
    return names


def _refuse_title(names: Sequence[str], file: str) -> None:
    """A title over the table (one cell, merged over all columns) is told as what it is."""
    if sum(map(bool, names)) == 1:
        said = {"title": "".join(names)}
        message = _("只有“%(title)s”一格：请删去标题行和合并的单元格，使第1行就是列名。")
        raise FileRefused([Fault(file, 1, "", message % said)])


def _as_dict(heading: list[str], cells: list[str], file: str, number: int) -> dict[str, str]:
    if len(cells) > len(heading) and any(cell.strip() for cell in cells[len(heading) :]):
        _refuse_title(heading, file)
        message = _("此行有%(given)d格，列名只有%(expected)d个。") % {
            "given": len(cells),
            "expected": len(heading),
        }
        raise FileRefused([Fault(file, number, "", message)])
    padded = cells + [""] * (len(heading) - len(cells))
    return {column: cell.strip() for column, cell in zip(heading, padded, strict=False)}


def _csv_table(source: Path | IO[bytes], file: str) -> Iterator[tuple[int, list[str]]]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield from _csv_rows(stream, file)
    else:
        yield from _csv_rows(source, file)


def _csv_rows(stream: IO[bytes], file: str) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(stream)
    lines = _without_nul(text, file)
    first = next(lines, "").removeprefix(BOM)
    if not first:
        return
    reader = csv.reader(chain([first], lines), delimiter=_delimiter(first), strict=True)
    number = 0
    try:
        for cells in reader:
            # A quoted cell may span lines; a row is numbered as a spreadsheet does, not by lines.
            number += 1
            yield number, cells
    except csv.Error as error:
        message = _("此行不是规范的CSV：%(error)s。") % {"error": error}
        raise FileRefused([Fault(file, number + 1, "", message)]) from error
    except UnicodeDecodeError as error:
        message = _("文字编码无法识别：请用UTF-8或GB 18030保存。")
        raise FileRefused([Fault(file, number + 1, "", message)]) from error
    finally:
        text.detach()


def _decoded(stream: IO[bytes]) -> io.TextIOWrapper:
    """UTF-8 unless the first 64 kB cannot be: then GB 18030, which Excel in China writes."""
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(_Raw(stream))
    sample = buffered.peek(SAMPLE_BYTES)[:SAMPLE_BYTES]
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        decoder.decode(sample)
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "gb18030"
    return io.TextIOWrapper(buffered, encoding=encoding, newline="")


def _delimiter(heading: str) -> str:
    """What stands between the columns: spreadsheets of other regions write semicolons, copied cells tabs."""
    return next((sign for sign in ",\t;" if sign in heading), ",")


class _Raw(io.RawIOBase):
    """Any binary file object (an uploaded file, a zip member) as a raw stream that can be peeked into."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from the file object."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _without_nul(lines: Iterable[str], file: str) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise FileRefused([Fault(file, 0, "", _("这不是文本文件（含有空字节）。"))])
        yield line


def _xlsx_table(source: Path | IO[bytes], file: str) -> Iterator[tuple[int, list[str]]]:
    try:
        workbook = CalamineWorkbook.from_object(source)
        sheet = workbooks.main_sheet(workbook)
    except PasswordError as error:
        raise FileRefused([Fault(file, 0, "", _("文件有密码保护，请去掉密码后再上传。"))]) from error
    except (CalamineError, OSError, ValueError) as error:
        raise FileRefused([Fault(file, 0, "", _("这不是可以读取的XLSX文件。"))]) from error
    for number, cells in workbooks.rows_of(sheet, source):
        yield number, [_cell_text(cell) for cell in cells]


def _cell_text(value: Any) -> str:
    """A cell as it would stand in the CSV: dates as ISO, whole numbers without ``.0``.

    A number of more than 15 digits has lost its last ones in the spreadsheet: it is written with its
    exponent, as the spreadsheet shows it, and not as digits that nobody typed.
    """
    if isinstance(value, str):  # nearly all of them: asked first
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if abs(value) >= EXACT:
            return f"{value:.15g}"
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date().isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return "" if value is None else str(value)
