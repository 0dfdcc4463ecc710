"""Lists that say of every row how long there is: the calendar is asked once for a page, not once a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from agricredit.foundation.common.admin import ReadOnlyAdmin
from rating.services import remedies


class DeadlineAdmin(ReadOnlyAdmin):
    """Pages of rows with deadlines; their columns take the words from :meth:`told`."""

    def deadlines(self, row: Any) -> Sequence[date | None]:
        """The row's deadlines as they stand now, always as many and in the same order."""
        raise NotImplementedError  # admin classes have a metaclass of their own: none can be abstract

    def in_words(self, deadlines: Iterable[date | None]) -> dict[date | None, str]:
        """What is said of each: the working days left."""
        return remedies.clocks(deadlines)

    def make_ready(self, rows: Collection[Any]) -> None:
        """Every row gets the words of its deadlines."""
        words = self.in_words([day for row in rows for day in self.deadlines(row)])
        for row in rows:
            row.deadlines_told = [words[day] for day in self.deadlines(row)]

    def told(self, row: Any) -> list[str]:
        """The words of the row's deadlines; a row's own page makes them when they are asked for."""
        if not hasattr(row, "deadlines_told"):
            self.make_ready([row])
        words: list[str] = row.deadlines_told
        return words
