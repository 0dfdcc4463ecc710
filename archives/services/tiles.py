"""The ledger's Merkle tree over stored tiles: complete runs of 256, 256², … leaves."""

from __future__ import annotations

from django.db import connection

from agricredit.foundation.common.db import copy_in
from archives.ledger.merkle import complete_root
from archives.models import LedgerTile, Seal
from archives.services.leaves import leaf_hashes

WIDTH = 256
HASH_SIZE = 32
LEVELS = 3
_COLUMNS = ["level", "number", "last_id", "hash", "leaves"]
_POSITIONS = """
    SELECT e.id, coalesce((t.number + 1) * %s, 0)
        + (SELECT count(*) FROM archives_creditevent x WHERE x.id > coalesce(t.last_id, 0) AND x.id < e.id)
    FROM archives_creditevent e LEFT JOIN LATERAL (
        SELECT number, last_id FROM archives_ledgertile
        WHERE level = 1 AND last_id < e.id ORDER BY last_id DESC LIMIT 1
    ) t ON true
    WHERE e.id = ANY(%s)
"""


def split_hashes(packed: bytes | memoryview[int]) -> list[bytes]:
    """Hashes written one after the other."""
    whole = bytes(packed)
    return [whole[i : i + HASH_SIZE] for i in range(0, len(whole), HASH_SIZE)]


def positions_of(event_ids: list[int]) -> dict[int, int]:
    """Each event's position in the ledger, from 0 (the ``leaf`` of ``events.csv``).

    A position is final once a seal covers the event; before, an id drawn earlier may still arrive under it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_POSITIONS, [WIDTH, event_ids])
        return dict(cursor.fetchall())


def complete_tiles() -> tuple[int, int]:
    """How many complete 256-leaf tiles are stored, and the id of the last leaf in them."""
    row = LedgerTile.objects.filter(level=1).order_by("-number").values_list("number", "last_id").first()
    return (0, 0) if row is None else (row[0] + 1, row[1])


def grow(last_id: int) -> tuple[int, list[bytes]]:
    """Store the tiles that events with id ≤ ``last_id`` complete; return the size and the tail's hashes."""
    number, after = complete_tiles()
    tail: list[bytes] = []
    rows: list[tuple[int, int, int, bytes, bytes]] = []
    for event_id, digest in leaf_hashes(after, last_id):
        tail.append(digest)
        if len(tail) == WIDTH:
            rows.append((1, number, event_id, complete_root(tail), b"".join(tail)))
            number += 1
            tail = []
    _store(rows)
    for level in range(2, LEVELS + 1):
        rows = _store(_above(level, rows))
    return number * WIDTH + len(tail), tail


def _store(rows: list[tuple[int, int, int, bytes, bytes]]) -> list[tuple[int, int, int, bytes, bytes]]:
    if rows:
        with connection.cursor() as cursor:
            copy_in(cursor, "archives_ledgertile", _COLUMNS, rows)
    return rows


def _above(
    level: int, below: list[tuple[int, int, int, bytes, bytes]]
) -> list[tuple[int, int, int, bytes, bytes]]:
    """The tiles of ``level`` that newly stored tiles of the level below complete."""
    rows = []
    for _level, number, last_id, _hash, _leaves in below:
        if (number + 1) % WIDTH == 0:
            parts = tile_hashes(level - 1, number + 1 - WIDTH, number + 1)
            rows.append((level, number // WIDTH, last_id, complete_root(parts), b""))
    return rows


def tile_hashes(level: int, start: int, end: int) -> list[bytes]:
    """The stored hashes of the tiles start ≤ number < end."""
    tiles = LedgerTile.objects.filter(level=level, number__gte=start, number__lt=end).order_by("number")
    return [bytes(value) for value in tiles.values_list("hash", flat=True)]


class TileTree:
    """The tree of one seal: answers ``merkle.Subtree`` from tiles and, at the right edge, the seal's tail."""

    def __init__(self, size: int, tail: list[bytes]) -> None:
        self.size = size
        self.edge = size - len(tail)
        self.tail = tail
        self._tile: tuple[int, list[bytes]] = (-1, [])

    @classmethod
    def of(cls, seal: Seal) -> TileTree:
        """The tree that the seal was made over."""
        return cls(seal.size, split_hashes(seal.tail))

    def subtree(self, start: int, end: int) -> bytes:
        """The hash over a complete subtree of leaves start ≤ i < end."""
        width = end - start
        if width < WIDTH:
            return complete_root(self._leaves(start, end))
        level = 1
        while level < LEVELS and width >= WIDTH ** (level + 1):
            level += 1
        step = WIDTH**level
        return complete_root(tile_hashes(level, start // step, end // step))

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf as it was sealed."""
        return self._leaves(index, index + 1)[0]

    def _leaves(self, start: int, end: int) -> list[bytes]:
        if start >= self.edge:
            return self.tail[start - self.edge : end - self.edge]
        number = start // WIDTH
        if self._tile[0] != number:
            packed = LedgerTile.objects.values_list("leaves", flat=True).get(level=1, number=number)
            self._tile = (number, split_hashes(packed))
        return self._tile[1][start % WIDTH : start % WIDTH + end - start]
