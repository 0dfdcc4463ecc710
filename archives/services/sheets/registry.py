"""All sheets by name, in the order of the page."""

from __future__ import annotations

from typing import Any

from archives.services.sheets.base import Sheet
from archives.services.sheets.inputs import InputSheet
from archives.services.sheets.kept import HonourSheet, TrainingSheet
from archives.services.sheets.official_tests import TestSheet
from archives.services.sheets.penalties import PenaltySheet
from archives.services.sheets.producers import ProducerSheet
from archives.services.sheets.public_credit import PublicCreditSheet
from archives.services.sheets.records import RECORD_SHEETS
from archives.services.sheets.shops import LotSheet, MoveSheet

SHEETS: dict[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        ProducerSheet(),
        HonourSheet(),
        TrainingSheet(),
        *RECORD_SHEETS,
        LotSheet(),
        MoveSheet(),
        InputSheet(),
        TestSheet(),
        PenaltySheet(),
        PublicCreditSheet(),
    )
}


def add_sheet(sheet: Sheet) -> None:
    """Make a sheet of a floor above known."""
    SHEETS[sheet.name] = sheet


def sheet_of(name: str) -> Sheet:
    """The sheet of a name; KeyError when there is none."""
    return SHEETS[name]


def sheet_for(model: Any) -> Sheet | None:
    """The sheet in which rows of a model come in; None when they do not."""
    return next((sheet for sheet in SHEETS.values() if sheet.model is model), None)
