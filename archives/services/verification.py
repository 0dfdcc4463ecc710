"""Recomputing the whole ledger from its rows and comparing with every seal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from archives.ledger import merkle
from archives.models import CreditEvent, LedgerTile, Seal
from archives.services.leaves import leaf_hashes
from archives.services.tiles import WIDTH, split_hashes

_CHANGED_NOTE = """
    SELECT e.uid FROM archives_creditevent e JOIN archives_eventnote n ON n.event_id = e.id
    WHERE n.erased_at IS NULL AND e.id <= %s AND e.note_hash IS DISTINCT FROM
        CASE WHEN n.note = '' AND e.note_hash IS NULL THEN NULL
             ELSE sha256(n.salt || convert_to(n.note, 'UTF8')) END
    ORDER BY e.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome: how many sealed events and seals were checked, and what is wrong (empty: nothing)."""

    events: int
    seals: int
    faults: list[str]


def verify() -> Verified:
    """Recompute every leaf, tile, root and chain value and every kept note; name the first that differs.

    Reads the sealed part of the ledger once, in constant memory but for 32 bytes per 256 events.
    """
    seals = list(Seal.objects.order_by("size"))
    if not seals:
        return Verified(0, 0, [])
    last = seals[-1]
    tiles: list[bytes] = []
    tail: list[bytes] = []
    for index, fault in enumerate(_compared(last, tiles, tail)):
        if fault:
            return Verified(index, 0, [fault])
    size = len(tiles) * WIDTH + len(tail)
    if size != last.size:
        short = {"size": last.size, "found": size}
        return Verified(size, 0, [_("封存 %(size)d 条，账本中只有 %(found)d 条。") % short])
    tree = _Rebuilt(tiles, tail)
    faults = _seal_faults(seals, tree) + _tile_faults(tree) + _note_faults(last)
    return Verified(size, len(seals), faults)


def _compared(last: Seal, tiles: list[bytes], tail: list[bytes]) -> Iterator[str]:
    """Each sealed event's fault, "" for none; fills the recomputed tiles and tail."""
    sealed = _sealed_leaves(last)
    for event_id, digest in leaf_hashes(0, last.last_id):
        index = len(tiles) * WIDTH + len(tail)
        if digest != next(sealed, None):
            said = {"leaf": index, "uid": _uid(event_id)}
            yield _("第 %(leaf)d 号叶（信息“%(uid)s”）与封存时不同，或其前有信息缺失。") % said
            return
        tail.append(digest)
        if len(tail) == WIDTH:
            tiles.append(merkle.complete_root(tail))
            tail.clear()
        yield ""


def _sealed_leaves(last: Seal) -> Iterator[bytes]:
    """Leaf hashes as they were stored when sealed."""
    complete = last.size // WIDTH
    rows = LedgerTile.objects.filter(level=1, number__lt=complete).order_by("number")
    for packed in rows.values_list("leaves", flat=True).iterator(chunk_size=1000):
        yield from split_hashes(packed)
    yield from split_hashes(last.tail)


class _Rebuilt:
    """The tree over what was just read from the rows."""

    def __init__(self, tiles: list[bytes], tail: list[bytes]) -> None:
        self.tiles = tiles
        self.tail = tail
        self._known: dict[tuple[int, int], bytes] = {}
        self._leaves: tuple[int, list[bytes]] = (-1, [])

    def subtree(self, start: int, end: int) -> bytes:
        """The hash over a complete subtree, each worked out once for all seals."""
        if end - start < WIDTH:
            return merkle.complete_root(self._edge(start // WIDTH)[start % WIDTH :][: end - start])
        if end - start == WIDTH:
            return self.tiles[start // WIDTH]
        key = (start, end)
        if key not in self._known:
            middle = (start + end) // 2
            self._known[key] = merkle.node_hash(self.subtree(start, middle), self.subtree(middle, end))
        return self._known[key]

    def _edge(self, number: int) -> list[bytes]:
        """Leaves of a tile; stored ones have just been compared with the rows."""
        if number >= len(self.tiles):
            return self.tail
        if self._leaves[0] != number:
            packed = LedgerTile.objects.values_list("leaves", flat=True).get(level=1, number=number)
            self._leaves = (number, split_hashes(packed))
        return self._leaves[1]


def _seal_faults(seals: list[Seal], tree: _Rebuilt) -> list[str]:
    faults = []
    previous = merkle.FIRST_PREVIOUS
    for seal in seals:
        said = {"size": seal.size}
        if merkle.tree_hash(tree.subtree, 0, seal.size) != bytes(seal.root):
            faults.append(_("封存 %(size)d 的根与账本不符。") % said)
        chained = merkle.chain(previous, seal.size, bytes(seal.root), seal.sealed_at)
        if bytes(seal.previous) != previous or bytes(seal.chained) != chained:
            faults.append(_("封存 %(size)d 的链值不符。") % said)
        previous = bytes(seal.chained)
    return faults


def _tile_faults(tree: _Rebuilt) -> list[str]:
    """Stored tiles from which later seals and proofs are made."""
    for level, number, stored in LedgerTile.objects.order_by("level", "number").values_list(
        "level", "number", "hash"
    ):
        width = WIDTH**level
        end = (number + 1) * width
        if end <= len(tree.tiles) * WIDTH and tree.subtree(number * width, end) != bytes(stored):
            return [_("分块 %(level)d/%(number)d 的哈希不符。") % {"level": level, "number": number}]
    return []


def _note_faults(last: Seal) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_NOTE, [last.last_id])
        row = cursor.fetchone()
    return [_("信息“%(uid)s”的备注与封存时不同。") % {"uid": row[0]}] if row else []


def _uid(event_id: int) -> str:
    return str(CreditEvent.objects.values_list("uid", flat=True).get(pk=event_id))
