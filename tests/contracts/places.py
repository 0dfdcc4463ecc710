"""A place of the world: a village and its rows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from agricredit.foundation.accounts.models import User
from archives.models import (
    Producer,
)

HOME = "440823100201"
#: One village outside of each level of the home village's divisions: same town, county, city, province, none.
FOREIGN = ("440823100202", "440823101201", "440825100201", "440981100201", "450921100201")
DAY = datetime.date(2026, 10, 1)


@dataclass
class Place:
    """A village and its rows by model; ``org`` and ``person`` are its two producers."""

    code: str
    org: Producer
    person: Producer
    officer: User
    rows: dict[type, list[Any]] = field(default_factory=dict)

    def keep(self, row: Any) -> Any:
        """Remember a row under its model."""
        self.rows.setdefault(type(row), []).append(row)
        return row
