"""One row of events.csv as a draft, with every fault that it shows by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from agricredit.foundation.common.files import Fault
from archives.ledger.drafts import EventDraft, faults_of
from archives.ledger.outcomes import OUTCOMES
from archives.services.exchange.reading import EVENTS, Wrong, as_date, as_hundredths, as_moment

T = TypeVar("T")
_SOME_DAY = date(2000, 1, 1)
_SOME_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class EventRow:
    """A row being read. ``draft`` has stand-ins where a cell could not be read; then ``faults`` says so."""

    number: int
    cells: dict[str, str]
    faults: list[Fault] = field(default_factory=list)

    @property
    def uid(self) -> str:
        """The event's uid, "" when the cell is empty."""
        return self.cells["uid"]

    @property
    def target(self) -> str:
        """The uid that it reverses or repairs, "" for other events."""
        return self.cells["reverses"] or self.cells["repairs"]

    def refuse(self, column: str, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(EVENTS, self.number, column, message))

    def draft(self, producer_id: int) -> EventDraft:
        """Read the cells."""
        cells = self.cells
        for column in ("producer", "region"):
            if not cells[column]:
                self.refuse(column, _("不能为空。"))
        if cells["outcome"] not in OUTCOMES:
            self.refuse(
                "outcome", _("结果只能是 pass、fail 或 none，不能是“%(text)s”。") % {"text": cells["outcome"]}
            )
        return EventDraft(
            uid=cells["uid"],
            producer_id=producer_id,
            kind=cells["kind"],
            outcome=cells["outcome"],
            value=self._read("value", as_hundredths, None) if cells["value"] else None,
            occurred_on=self._read("occurred_on", as_date, _SOME_DAY),
            valid_until=self._read("valid_until", as_date, None) if cells["valid_until"] else None,
            recorded_at=self._read("recorded_at", as_moment, _SOME_MOMENT),
            region=cells["region"],
            source=cells["source"],
            incident=cells["incident"],
            note=cells["note"],
            reverses=cells["reverses"],
            repairs=cells["repairs"],
        )

    def check_rest(self, now: datetime) -> None:
        """For a faulty row, add what the ledger would have said of its other cells."""
        known = {fault.column for fault in self.faults}
        for fault in faults_of(EventRow(self.number, self.cells).draft(0), 0, now):
            if fault.column not in known:
                self.refuse(fault.column, fault.message)

    def _read(self, column: str, read: Callable[[str], Any], stand_in: T) -> Any | T:
        try:
            return read(self.cells[column])
        except Wrong as wrong:
            self.refuse(column, str(wrong))
            return stand_in
