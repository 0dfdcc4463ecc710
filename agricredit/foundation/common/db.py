"""PostgreSQL beyond the ORM: streaming COPY, and advisory locks numbered in one place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model
from psycopg2 import sql
from psycopg2.extensions import Binary
from psycopg2.extras import Json

BUFFER = 1 << 16

Row = TypeVar("Row", bound=Model)


class Lock(IntEnum):
    """Advisory locks of the whole platform; a number is never reused."""

    LEDGER = 1
    SEAL = 2
    RATING_RUN = 3
    CALENDAR = 4
    DEMO = 5
    PERSONAL_DATA = 6
    PLAN = 7
    CERTIFICATE = 8
    PRODUCER = 9
    JOBS = 10


def lock(name: Lock, key: int = 0, *, shared: bool = False) -> None:
    """Wait for the lock and hold it until the transaction ends; ``key`` (int4) narrows it to one thing."""
    _in_transaction()
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, %s)", [int(name), key])


def try_lock(name: Lock, key: int = 0) -> bool:
    """Take the lock until the transaction ends if it is free; say whether it was."""
    _in_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [int(name), key])
        return bool(cursor.fetchone()[0])


def _in_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("an advisory lock is held until the transaction ends: open one first")


def copy_in(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY rows into a table in one stream (constant memory); return how many rows.

    Values: None, bool, int, Decimal, str, date, datetime (aware), bytes (bytea), UUID, list/tuple (array),
    dict or ``Json`` (json).
    ``table`` may be ``schema.table``. Must run inside the caller's transaction; database errors are the
    driver's.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    stream = _RowStream(rows)
    raw = getattr(cursor, "cursor", cursor)  # Django's wrapper hides copy_expert from its typed interface
    raw.copy_expert(statement, stream)
    return stream.count


def copy_objects(rows: Sequence[Row]) -> None:
    """Insert unsaved objects of one model by COPY and give them their keys: ``bulk_create`` for thousands.

    Every object is written with all its columns, so columns that the database fills in are not for it. Must
    run inside the caller's transaction; database errors are Django's, as ``bulk_create`` has them.
    """
    if not rows:
        return
    table, key = rows[0]._meta.db_table, rows[0]._meta.pk
    fields = rows[0]._meta.local_concrete_fields
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [table, key.column if key else None, len(rows)],
        )
        for row, (number,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = number
        values = ([_prepared(row, field) for field in fields] for row in rows)
        with connection.wrap_database_errors:
            copy_in(cursor, table, [str(field.column) for field in fields], values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def _prepared(row: Model, field: Any) -> Any:
    return field.get_db_prep_save(field.pre_save(row, True), connection)


class _RowStream:
    """A file-like object that COPY reads from, encoding rows as they are asked for."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.count = 0
        self._lines = self._encoded(rows)
        self._rest = b""

    def _encoded(self, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        for row in rows:
            self.count += 1
            yield ("\t".join(map(_copy_text, row)) + "\n").encode()

    def read(self, size: int = BUFFER) -> bytes:
        """Up to ``size`` bytes; empty at the end."""
        parts, length = [self._rest], len(self._rest)
        while length < size and (line := next(self._lines, None)) is not None:
            parts.append(line)
            length += len(line)
        data = b"".join(parts)
        self._rest = data[size:]
        return data[:size]


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _copy_text(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPES)
    if isinstance(value, bool):
        return "t" if value else "f"
    return _plain_text(value).translate(_ESCAPES)


def _plain_text(value: Any) -> str:
    if isinstance(value, (int, Decimal)):
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Binary):  # what a BinaryField prepares
        value = value.adapted
    if isinstance(value, (bytes, memoryview)):
        return "\\x" + bytes(value).hex()
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(map(_array_element, value)) + "}"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Json):  # what a JSONField prepares
        return str(value.dumps(value.adapted))
    raise TypeError(f"copy_in cannot write {type(value).__name__}")


def _array_element(value: Any) -> str:
    if isinstance(value, str) and value.isalnum():  # nearly all: fragments of names, codes
        return f'"{value}"'
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = value if isinstance(value, str) else _plain_text(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
