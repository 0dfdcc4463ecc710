"""Merkle trees as in RFC 9162 §2.1 (the hashes are those of RFC 6962), over any source of subtree hashes.

A tree is asked for the hash of ranges of leaves; proofs are lists of such hashes. ``verify_log.py`` checks
the same proofs on its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

from archives.ledger.leaf import recorded_text

EMPTY = hashlib.sha256(b"").digest()
FIRST_PREVIOUS = bytes(32)
Subtree = Callable[[int, int], bytes]
"""``subtree(start, end)``: the hash over leaves start ≤ i < end, a complete subtree (2^k of them)."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def chain(previous: bytes, size: int, root: bytes, sealed_at: datetime) -> bytes:
    """A seal's chain value: SHA-256(previous ‖ size, 8 bytes big-endian ‖ root ‖ the moment as text)."""
    moment = recorded_text(sealed_at).encode()
    return hashlib.sha256(previous + size.to_bytes(8, "big") + root + moment).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The hash over a complete subtree given the hashes of its equal parts (a power of two of them)."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level), 2)]
    return level[0]


def tree_hash(subtree: Subtree, start: int, end: int) -> bytes:
    """MTH over leaves start ≤ i < end, a range that is a subtree of the whole tree."""
    size = end - start
    if size == 0:
        return EMPTY
    split = _split(size)
    if split == size:
        return subtree(start, end)
    return node_hash(subtree(start, start + split), tree_hash(subtree, start + split, end))


def inclusion_proof(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]) of RFC 9162 §2.1.3.1, from the leaf's sibling up. ``index`` counts from 0."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            path.append(tree_hash(subtree, middle, end))
            end = middle
        else:
            path.append(tree_hash(subtree, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(subtree: Subtree, first: int, second: int) -> list[bytes]:
    """PROOF(first, D[second]) of RFC 9162 §2.1.4.1; empty when the two are equal."""
    if not 0 < first <= second:
        raise ValueError(f"no consistency proof from {first} to {second}")
    path: list[bytes] = []
    start, end = 0, second
    known = True
    while first - start < end - start:
        middle = start + _half(end - start)
        if first <= middle:
            path.append(tree_hash(subtree, middle, end))
            end = middle
        else:
            path.append(tree_hash(subtree, start, middle))
            start = middle
            known = False
    if not known:
        path.append(tree_hash(subtree, start, end))
    return path[::-1]


def _split(size: int) -> int:
    """The largest power of two that is not more than size."""
    return 1 << (size.bit_length() - 1)


def _half(size: int) -> int:
    """The largest power of two that is less than size: where RFC 9162 splits a tree."""
    return 1 << ((size - 1).bit_length() - 1)
