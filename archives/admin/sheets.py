"""Lists whose rows came in by a sheet go out in the same one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from archives.services.sheets import sheet_for


class InItsSheet:
    """Mixed into a list's admin: its file is the sheet in which these rows are imported."""

    model: Any

    def export_table(self, rows: QuerySet[Any]) -> tuple[list[str], Iterator[list[Any]]] | None:
        """Headings and rows of the sheet, which leaves out what must not stand again; None without one."""
        sheet = sheet_for(self.model)
        return None if sheet is None else (sheet.headings, sheet.rows_of(rows))
