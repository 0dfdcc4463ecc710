"""Reading exchange files strictly: UTF-8 CSV as RFC 4180 says, texts exactly as written, every fault kept.

Unlike the readers for people's files nothing is trimmed here: what one system exports the next exports again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from agricredit.foundation.common.files import Fault, FileRefused, check_columns

PRODUCERS = "producers.csv"
EVENTS = "events.csv"
PRODUCER_COLUMNS = (
    "producer", "name", "kind", "nature", "sectors", "region", "credit_code", "registered_on", "status",
    "merged_into",
)  # fmt: skip
EVENT_COLUMNS = (
    "uid", "producer", "kind", "outcome", "value", "occurred_on", "valid_until", "recorded_at", "region",
    "source", "incident", "note", "reverses", "repairs",
)  # fmt: skip
LEAF_COLUMN = "leaf"
FIELD_LIMIT = 1_000_000
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_VALUE = re.compile(r"^(-?)(\d{1,15})(?:\.(\d{1,2}))?$")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)$")

Row = tuple[int, dict[str, str]]


def rows_of(
    path: Path, columns: Sequence[str], optional: Sequence[str], faults: list[Fault]
) -> Iterator[Row]:
    """Yield (row number, {column: text}); the heading is row 1.

    A row with the wrong number of cells is noted in ``faults`` and left out. A heading that does not fit,
    text that is not UTF-8 and broken quoting end the reading: FileRefused.
    """
    csv.field_size_limit(FIELD_LIMIT)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        heading: list[str] | None = None
        number = 0
        try:
            for cells in reader:
                number += 1
                if heading is None:
                    heading = cells
                    check_columns(heading, file=path.name, required=columns, optional=optional)
                elif not cells:
                    continue  # an empty line
                elif len(cells) != len(heading):
                    said = {"given": len(cells), "expected": len(heading)}
                    message = _("此行有%(given)d格，应为%(expected)d格。") % said
                    faults.append(Fault(path.name, number, "", message))
                else:
                    yield number, dict(zip(heading, cells, strict=True))
        except csv.Error as error:
            message = _("此行不是规范的CSV：%(error)s。") % {"error": error}
            raise FileRefused([Fault(path.name, number + 1, "", message)]) from error
        except UnicodeDecodeError as error:
            message = _("此行附近的文字不是UTF-8编码。")
            raise FileRefused([Fault(path.name, number + 1, "", message)]) from error
    if heading is None:
        raise FileRefused([Fault(path.name, 0, "", _("文件是空的：第1行应为列名。"))])


class Wrong(Exception):
    """A cell cannot be read; the sentence says why."""


def as_date(text: str) -> date:
    """An ISO date, exactly."""
    with suppress(ValueError):  # 2024-02-30 looks right and is not
        if _DATE.match(text):
            return date.fromisoformat(text)
    raise Wrong(_("应为日期（如2024-01-31），现为“%(text)s”。") % {"text": text})


def as_hundredths(text: str) -> int:
    """A decimal with at most two places, in hundredths."""
    found = _VALUE.match(text)
    if not found:
        raise Wrong(_("应为最多两位小数的数字，现为“%(text)s”。") % {"text": text})
    sign, units, rest = found.groups()
    amount = int(units) * 100 + int((rest or "").ljust(2, "0"))
    return -amount if sign else amount


def as_moment(text: str) -> datetime:
    """An ISO moment with its offset."""
    with suppress(ValueError):  # 25:00 looks right and is not
        if _MOMENT.match(text):
            return datetime.fromisoformat(text)
    raise Wrong(_("应为带时区的时间（如2024-01-31T08:00:00Z），现为“%(text)s”。") % {"text": text})
