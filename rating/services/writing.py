"""Results into the ratings table by binary COPY, built column-wise: no Python object per row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

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


def copy(
    *,
    table: str,
    run_id: int,
    scheme: Scheme,
    frozen: FrozenRoll,
    results: Iterable[Results],
    version: int = 1,
) -> int:
    """COPY results into `table` (a run's partition) and return how many rows; in the caller's transaction.

    `results` are the blocks of `engine.score_blocks` over `frozen.roll`, in its order.
    """
    writer = _Writer(run_id, version, scheme, frozen)
    with connection.cursor() as cursor:
        names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS))
        target = sql.SQL("{} ({})").format(sql.Identifier(table), names).as_string(cursor.cursor)
    send(target, writer.blocks(results))
    return writer.done


class _Writer:
    """Rows of equal width are made together; within a block their order is that of their shapes."""

    def __init__(self, run_id: int, version: int, scheme: Scheme, frozen: FrozenRoll) -> None:
        self.run_id = run_id
        self.version = version
        self.scheme = scheme
        self.frozen = frozen
        self.done = 0
        if len(scheme.grades) > 7:
            raise ValueError("a shape holds at most seven grades")
        self._grades = ["", *(grade.code for grade in scheme.grades)]
        self._lengths = np.fromiter(map(len, frozen.region), np.int64, len(frozen.region))

    def blocks(self, results: Iterable[Results]) -> Iterator[bytes]:
        for block in results:
            first = self.done
            self.done += len(block)
            part = slice(first, self.done)
            roll = self.frozen.roll.part(first, self.done)
            absent = roll.last_score == NO_SCORE
            shape = self._lengths[part] * 64 + (block.grade + 1) * 8 + block.status * 2 + absent
            for value in np.unique(shape):
                rows = np.flatnonzero(shape == value)
                yield self._rows(block, first, rows, int(value))

    def _rows(self, block: Results, first: int, rows: NDArray[np.intp], shape: int) -> bytes:
        grade = self._grades[shape % 64 // 8].encode()
        status = Status(shape % 8 // 2).name.encode()
        at = first + rows
        roll = self.frozen.roll
        values: list[tuple[str, Any]] = [
            (">i8", self.run_id),
            (">i8", block.producer[rows]),
            (">i2", self.version),
            (">i2", roll.kind[at]),
            (">i2", roll.nature[at]),
            (f"S{shape // 64}", self.frozen.region[at].astype(f"S{shape // 64}")),
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
