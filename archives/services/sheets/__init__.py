"""Spreadsheets of the register: what may be filled in, how a row is judged, and how it is written.

A sheet is one noun (producers, a kind of record, official tests…). The same sheet is the template, the
import, the export and the shape in which other platforms' items arrive: nothing is understood in two ways.
"""

from archives.services.sheets.base import Row, Seen, Sheet, Verdict
from archives.services.sheets.columns import Column, Wrong
from archives.services.sheets.registry import SHEETS, add_sheet, sheet_for, sheet_of

__all__ = [
    "SHEETS",
    "Column",
    "Row",
    "Seen",
    "Sheet",
    "Verdict",
    "Wrong",
    "add_sheet",
    "sheet_for",
    "sheet_of",
]
