"""Writers that stream, and that a spreadsheet cannot be tricked by.

A cell that begins with ``=``, ``+``, ``-``, ``@``, tab or return is taken for a formula by spreadsheets.
Files for people get an apostrophe in front of it; exchange files between machines must round-trip and are
written as they are.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def neutralised(value: Any) -> Any:
    """The value, with an apostrophe before text that a spreadsheet would run; numbers stay numbers."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(value):
        return "'" + value
    return value


def csv_lines(
    heading: Sequence[str], rows: Iterable[Sequence[Any]], *, for_people: bool = True
) -> Iterator[str]:
    """The file line by line (for a streaming response): RFC 4180, CRLF.

    ``for_people`` adds the BOM that Excel needs to see UTF-8, and neutralises formulas.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if for_people:
        buffer.write(BOM)
    writer.writerow(heading)
    yield _taken(buffer)
    for row in rows:
        writer.writerow([neutralised(value) for value in row] if for_people else row)
        yield _taken(buffer)


def write_csv(
    stream: IO[bytes], heading: Sequence[str], rows: Iterable[Sequence[Any]], *, for_people: bool = True
) -> int:
    """Write a CSV file in UTF-8; return how many rows (without the heading)."""
    count = -1
    for line in csv_lines(heading, rows, for_people=for_people):
        stream.write(line.encode())
        count += 1
    return count


def write_xlsx(
    stream: IO[bytes], heading: Sequence[str], rows: Iterable[Sequence[Any]], *, sheet: str = "1"
) -> int:
    """Write one sheet row by row (constant memory); text is never a formula. Return how many rows."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet[:31])
    page.append(list(heading))
    count = 0
    try:
        for row in rows:
            page.append([_xlsx_value(value) for value in row])
            count += 1
    except BaseException:
        page.close()  # the sheet writes to a temporary file of its own, which nobody else would close
        raise
    book.save(stream)
    return count


def _xlsx_value(value: Any) -> Any:
    if isinstance(value, str):
        return neutralised(ILLEGAL_CHARACTERS_RE.sub("", value))
    if value is None or isinstance(value, (bool, int, float, Decimal)) or hasattr(value, "isoformat"):
        return value
    return neutralised(str(value))


def _taken(buffer: io.StringIO) -> str:
    line = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return line
