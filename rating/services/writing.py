"""Results into the ratings table by binary COPY, built column-wise: no Python object per row."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg2 import sql

from rating.engine.columns import NO_SCORE, Results
from rating.engine.scheme import Scheme
from rating.engine.score import Status
from rating.services.rolls import FrozenRoll
from rating.services.transport import send

COLUMNS = (
    *("run_id", "producer_id", "version", "kind", "nature", "region_id", "registered_on", "last_score"),
    *("base", "bonus", "deductions", "score", "able", "grade", "status", "vetoes", "points", "readings"),
)
_DAYS_TO_2000 = 10957  # PostgreSQL counts days from 2000-01-01, the engine from 1970-01-01
_NULL = -1
_MOST_GRADES = 7
_FLUSH = 32 << 20


class Writer:
    """Writes a shard's results into the run's partition while it is open; in the caller's transaction.

    Results come in blocks, in the order of `frozen.roll`. Rows of equal width are made together, so within a
    block they stand by shape. Leaving the context sends what is left, unless an error is on its way.
    """

    def __init__(self, run_id: int, scheme: Scheme, frozen: FrozenRoll, *, table: str = "") -> None:
        """`table` is for a table other than the run's partition."""
        if len(scheme.grades) > _MOST_GRADES:
            raise ValueError(f"a shape holds at most {_MOST_GRADES} grades")
        self.run_id = run_id
        self.frozen = frozen
        self.table = table or f"rating_rating_run_{run_id}"
        self.done = 0
        self._grades = ["", *(grade.code for grade in scheme.grades)]
        self._regions = frozen.region.astype("S12")
        self._lengths = np.char.str_len(self._regions)
        self._waiting: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._send()

    def add(self, block: Results) -> None:
        """Write one block."""
        part = slice(self.done, self.done + len(block))
        absent = self.frozen.roll.last_score[part] == NO_SCORE
        shape = self._lengths[part] * 64 + (block.grade + 1) * 8 + block.status * 2 + absent
        for value in np.unique(shape).tolist():
            self._waiting.append(self._rows(block, part.start, np.flatnonzero(shape == value), value))
        self.done = part.stop
        if sum(map(len, self._waiting)) >= _FLUSH:
            self._send()

    def _send(self) -> None:
        with connection.cursor() as cursor:
            names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
            target = sql.SQL("{} ({})").format(sql.Identifier(self.table), names).as_string(cursor.cursor)
        send(target, iter(self._waiting))
        self._waiting = []

    def _rows(self, block: Results, first: int, rows: NDArray[np.intp], shape: int) -> bytes:
        grade = self._grades[shape % 64 // 8].encode()
        status = Status(shape % 8 // 2).name.encode()
        at = first + rows
        roll = self.frozen.roll
        values: list[tuple[str, Any]] = [
            (">i8", self.run_id),
            (">i8", block.producer[rows]),
            (">i2", 1),
            (">i2", roll.kind[at]),
            (">i2", roll.nature[at]),
            (f"S{shape // 64}", self._regions[at]),
            (">i4", roll.registered[at] - _DAYS_TO_2000),
            ("", None) if shape % 2 else (">i4", roll.last_score[at]),
            *(
                (">i4", getattr(block, name)[rows])
                for name in ("base", "bonus", "deductions", "score", "able")
            ),
            (f"S{len(grade)}", grade),
            (f"S{len(status)}", status),
            (">i4", block.vetoes[rows]),
            (f"({block.points.shape[1]},)<i4", block.points[rows]),
            (f"({block.readings.shape[1]},)<i8", block.readings[rows]),
        ]
        return _encoded(values, len(rows))


def _encoded(values: list[tuple[str, Any]], size: int) -> bytes:
    """Rows of the binary COPY format: the number of fields, then each field's length and bytes."""
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for number, (kind, value) in enumerate(values):
        fields.append((f"n{number}", ">i4"))
        if value is not None and np.dtype(kind).itemsize:
            fields.append((f"c{number}", kind))
    rows = np.empty(size, np.dtype(fields))
    rows["count"] = len(values)
    for number, (kind, value) in enumerate(values):
        width = _NULL if value is None else np.dtype(kind).itemsize
        rows[f"n{number}"] = width
        if width > 0:
            rows[f"c{number}"] = value
    return rows.tobytes()
