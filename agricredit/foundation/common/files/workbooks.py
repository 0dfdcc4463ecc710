"""Workbooks as people keep them: which sheet is meant, and what its cells say that the reader leaves empty.

The reader (calamine) gives an empty text for a cell in error (``#N/A`` of a failed look-up) and for a formula
that no spreadsheet program has computed; both must be told, not taken for "nothing given". It gives a merged
cell's text to its first cell only; people mean it for every row beside it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

Cells = dict[int, dict[int, str]]
Merge = tuple[tuple[int, int], tuple[int, int]]
_BLOCK = 1 << 20
_LONGEST_CELL = 1 << 18
# A cell in error, or with a formula and no value. What is neither is passed over without leaving the pattern.
_UNREAD = re.compile(
    rb'<c\b([^<>]*\bt="e"[^<>]*)>(?:<f\b[^<>]*/>|<f\b[^<>]*>[^<]*</f>)?<v>([^<]*)</v>'
    rb"|<c\b([^<>]*[^<>/])><f\b[^<>]*>([^<]*)</f>(?:<v\s*/>|<v>\s*</v>)?</c>"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def main_sheet(workbook: CalamineWorkbook) -> CalamineSheet:
    """The first sheet that its reader sees; the first one when all are hidden. ValueError without any."""
    seen = [
        number
        for number, sheet in enumerate(workbook.sheets_metadata)
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]
    if not workbook.sheet_names:
        raise ValueError("no sheet")
    return workbook.get_sheet_by_index(seen[0] if seen else 0)


def rows_of(sheet: CalamineSheet, source: Path | IO[bytes]) -> Iterator[tuple[int, list[Any]]]:
    """``(row number, cells)`` as people read the sheet; ``source`` is the file that it was opened from."""
    unread = _unread(source, sheet.name)
    first = sheet.start[1] if sheet.start else 0
    merges = _Merges(sheet.merged_cell_ranges or [], first)
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        for column, text in unread.get(number, {}).items():
            if 0 <= column - first < len(cells):
                cells[column - first] = text
        merges.fill(number - 1, cells)
        yield number, cells


class _Merges:
    """Cells merged over several rows below the heading, as the rows come by."""

    def __init__(self, ranges: Sequence[Merge], first: int) -> None:
        down = [(top, left - first, bottom) for (top, left), (bottom, _right) in ranges if 0 < top < bottom]
        self._coming = sorted(down, reverse=True)
        self._open: list[tuple[int, int, Any]] = []

    def fill(self, row: int, cells: list[Any]) -> None:
        """Give a row that says something the texts of the cells that reach down into it."""
        self._open = [one for one in self._open if one[0] >= row]
        if any(cell != "" for cell in cells):
            for _bottom, column, text in self._open:
                cells[column] = text
        while self._coming and self._coming[-1][0] <= row:
            _top, column, bottom = self._coming.pop()
            if 0 <= column < len(cells):
                self._open.append((bottom, column, cells[column]))


def _unread(source: Path | IO[bytes], sheet: str) -> Cells:
    """Row → column (from 0) → ``#N/A`` or ``=formula``; nothing where the file is not laid out as usual."""
    found: Cells = {}
    start = None if isinstance(source, Path) else source.tell()
    try:
        if start is not None:
            source.seek(0)  # type: ignore[union-attr]  # no path, as start says
        with zipfile.ZipFile(source) as archive, archive.open(_part_of(archive, sheet)) as stream:
            for place, text in _matches(stream):
                column = 0
                for letter in place[1].decode():
                    column = column * 26 + ord(letter) - 64
                found.setdefault(int(place[2]), {})[column - 1] = text
    except (KeyError, zipfile.BadZipFile, ElementTree.ParseError):
        return {}
    finally:
        if start is not None:
            source.seek(start)  # type: ignore[union-attr]  # no path, as start says
    return found


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The archive's member with a sheet's cells; KeyError when there is none."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat refuses expansions
    named = [one.get(_RELATION, "") for one in book.iter() if one.get("name") == sheet]
    wanted = next(filter(None, named), "")
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    target = targets[wanted]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _matches(stream: IO[bytes]) -> Iterator[tuple[re.Match[bytes], str]]:
    rest = b""
    while block := stream.read(_BLOCK):
        block = rest + block
        end = block.rfind(b"</c>") + 4
        end = end if end > 3 else len(block) if len(block) > _LONGEST_CELL else 0
        rest = block[end:]
        if b't="e"' not in block and b"<f" not in block:
            continue
        for found in _UNREAD.finditer(block, 0, end):
            error, formula = found[1] is not None, (found[3] or b"")
            place = _PLACE.search(found[1] if error else formula)
            if place is None or (not error and b't="str"' in formula):
                continue  # a formula whose text is empty on purpose
            text = unescape((found[2] if error else b"=" + found[4]).decode(errors="replace"))
            yield place, text
