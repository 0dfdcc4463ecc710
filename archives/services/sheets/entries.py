"""Ledgers as sheets: entries are never changed, so a known one with other words is a fault.

An entry is recognised by its number (记录编号): a UUID of our own exports, or the number it has in its
owner's system. Without one it is recognised by its content: the same file twice enters nothing twice.
"""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.exporting import pages
from archives.models import Producer
from archives.services.sheets.base import Row, Seen, Sheet, Verdict
from archives.services.sheets.columns import code, day, words

_SPACE = uuid.UUID("6f0f3c0e-6f3c-4a0e-9d53-1f0a5b0c7a11")
"""The name space of uids made from numbers and contents; never changed, or known records come in anew."""

UID = words(
    "uid", gettext_lazy("记录编号"), 64, text=True,
    note=gettext_lazy("本单位系统中的编号，在主体内不重复；不填则按内容识别，同一文件可以重复导入。"),
)  # fmt: skip
PRODUCER = code(
    "producer", gettext_lazy("主体编号"), 64, example="SX-0001",
    note=gettext_lazy("与统一社会信用代码至少填一项。"),
)  # fmt: skip
CODE = code("credit_code", gettext_lazy("统一社会信用代码"), 18)
OCCURRED = day("occurred_on", gettext_lazy("日期"), required=True, example="2026-03-15")
REMARK = words("remark", gettext_lazy("备注"), 240)


def record_uid(producer: Producer, noun: str, number: str) -> uuid.UUID:
    """The uid of an entry known by a number: a UUID is itself, anything else is drawn from owner and noun."""
    try:
        return uuid.UUID(number)
    except ValueError:
        return uuid.uuid5(_SPACE, f"{producer.key}|{noun}|{number}")


class EntrySheet(Sheet):
    """One ledger. The plan of a row is its draft, with ``uid`` and ``producer_id``."""

    permission = "archives.import_records"
    explains = gettext_lazy("只新增；已登记的记录不能改动，有误的请撤销后重新登记。")
    owners: ClassVar[int] = 3
    """How many columns, at the beginning, say whose entry it is rather than what."""
    later: frozenset[str] = frozenset()
    """Columns that came after the first files: empty, they are no part of what a content is known by."""

    def look_for_repeats(self, row: Row, seen: Seen) -> None:
        """The second mention of a number or a content is told where the first one stands."""
        before = seen.first(row, "uid", row.plan.uid) if row.sound else None
        if before is not None and "uid" in row.values:
            row.refuse("uid", _("%(place)s已有这个记录编号。") % {"place": before})
        elif before is not None:
            message = _("与%(place)s完全相同；若确是两条记录，请填写不同的记录编号。")
            row.refuse("uid", message % {"place": before})

    def compare_known(self, rows: Sequence[Row]) -> None:
        """Entries that are there already are unchanged; what the file says otherwise of them is refused."""
        wanted = {row.plan.uid: row for row in rows}
        for record in self.related(self.model.objects.filter(uid__in=wanted)):
            row = wanted[record.uid]
            if record.producer_id != row.plan.producer_id:
                row.refuse("uid", _("这个记录编号已用于别的主体。"))
                continue
            row.verdict, row.known = Verdict.UNCHANGED, True
            texts = dict(zip((c.field for c in self.columns), self.cells_of(record), strict=True))
            for column in self.columns[self.owners :]:
                if column.field not in row.values:
                    continue
                given = column.cell(row.values[column.field])
                if given != texts[column.field] and not self.means_same(record, column.field, given):
                    message = _("已登记为“%(text)s”；记录不能改动，有误的请先撤销，再用新编号登记。")
                    row.refuse(column.field, message % {"text": texts[column.field]})

    def means_same(self, record: Any, field: str, given: str) -> bool:
        """Whether other words in a cell mean what the entry has."""
        return False

    def content_of(self, row: Row) -> str:
        """A number made of what the row says."""
        own = self.columns[self.owners :]
        said = [c.cell(row.values.get(c.field)) for c in own if c.field not in self.later]
        said += [
            f"{c.field}={c.cell(row.values[c.field])}"
            for c in own
            if c.field in self.later and c.field in row.values
        ]
        return "|".join(said)

    def identity_of(self, row: Row) -> str:
        """The entry's uid; of a row that is not written only when the entry it differs from is there."""
        return str(row.plan.uid) if row.plan is not None and (row.sound or row.known) else ""

    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """Reversed entries are not exported: what is imported again would stand again."""
        for page in pages(self.related(queryset.filter(status="active"))):
            for record in page:
                yield self.cells_of(record)

    @abstractmethod
    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The entries with what their cells name, in one query."""

    @abstractmethod
    def cells_of(self, record: Any) -> list[str]:
        """An entry in the order of the columns."""
