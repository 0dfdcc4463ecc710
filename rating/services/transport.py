"""Binary COPY in both directions: fixed-width rows become numpy columns, without an object per row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

_SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER = _SIGNATURE + bytes(8)
TRAILER = b"\xff\xff"
_CHUNK = 1 << 20


class BrokenStream(RuntimeError):
    """The server's rows are not of the width that was asked for."""


def row_type(widths: list[int]) -> np.dtype[np.void]:
    """The layout of one row of big-endian integers `c0`, `c1`… of so many bytes each, none of them null."""
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for number, width in enumerate(widths):
        fields += [(f"n{number}", ">i4"), (f"c{number}", f">i{width}")]
    return np.dtype(fields)


def fetch(statement: str, widths: list[int]) -> list[NDArray[Any]]:
    """The columns of a query whose columns are integers (or dates) of `widths` bytes and never null.

    `statement` is complete SQL without parameters. BrokenStream when a row is of another width or holds
    a null.
    """
    stream = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT binary)", stream)
    layout = row_type(widths)
    content = stream.getbuffer()
    size = len(content) - len(HEADER) - len(TRAILER)
    if size < 0 or size % layout.itemsize or content[: len(HEADER)] != HEADER:
        raise BrokenStream(f"{size} bytes are no whole number of rows of {layout.itemsize}")
    rows = np.frombuffer(content, layout, size // layout.itemsize, len(HEADER))
    for number, width in enumerate(widths):
        if (rows[f"n{number}"] != width).any():
            raise BrokenStream(f"column {number} is not of {width} bytes throughout")
    return [rows[f"c{number}"].astype(f"=i{width}") for number, width in enumerate(widths)]


class _Source(io.RawIOBase):
    """Blocks of bytes as the file that COPY reads from, so that only one block is in memory."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._rest = memoryview(block)
        part, self._rest = self._rest[:size], self._rest[size:]
        return bytes(part)


def send(target: str, blocks: Iterator[bytes]) -> None:
    """COPY rows in binary form into `target` (a table with its columns, already quoted)."""

    def whole() -> Iterator[bytes]:
        yield HEADER
        yield from blocks
        yield TRAILER

    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {target} FROM STDIN (FORMAT binary)", _Source(whole()), _CHUNK)
