"""Merkle hashing against the published vectors, and every proof against the stand-alone verifier."""

from __future__ import annotations

import hashlib

import pytest

from archives.ledger import merkle, verify_log

# The test tree of RFC 6962 implementations (certificate-transparency's merkletree tests).
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def definition(hashes: list[bytes]) -> bytes:
    """MTH, word for word from RFC 9162 §2.1.1."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    left, right = definition(hashes[:k]), definition(hashes[k:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def over(hashes: list[bytes]):
    return lambda start, end: merkle.complete_root(hashes[start:end])


def numbered(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(n).encode()) for n in range(count)]


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size):
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]
    assert merkle.tree_hash(over(hashes), 0, size).hex() == ROOTS[size]


def test_published_inclusion_proofs():
    subtree = over([merkle.leaf_hash(leaf) for leaf in LEAVES])
    assert [value.hex() for value in merkle.inclusion_proof(subtree, 5, 8)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [value.hex() for value in merkle.inclusion_proof(subtree, 2, 3)] == [ROOTS[2]]


def test_published_consistency_proofs():
    subtree = over([merkle.leaf_hash(leaf) for leaf in LEAVES])
    assert [value.hex() for value in merkle.consistency_proof(subtree, 6, 8)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_roots_follow_the_definition():
    hashes = numbered(130)
    for size in range(131):
        assert merkle.tree_hash(over(hashes), 0, size) == definition(hashes[:size])


def test_every_inclusion_proof_up_to_64_leads_to_the_root():
    hashes = numbered(64)
    for size in range(1, 65):
        root = merkle.tree_hash(over(hashes), 0, size)
        for index in range(size):
            path = merkle.inclusion_proof(over(hashes), index, size)
            assert verify_log.root_from_inclusion(hashes[index], index, size, path) == root
            wrong = hashes[(index + 1) % size]
            if size > 1:
                assert verify_log.root_from_inclusion(wrong, index, size, path) != root


def test_every_consistency_proof_up_to_64_leads_to_both_roots():
    hashes = numbered(64)
    roots = [merkle.tree_hash(over(hashes), 0, size) for size in range(65)]
    for second in range(1, 65):
        for first in range(1, second + 1):
            path = merkle.consistency_proof(over(hashes), first, second)
            proved = verify_log.roots_from_consistency(first, second, roots[first], path)
            assert proved == (roots[first], roots[second])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index, size):
    with pytest.raises(ValueError, match="not in a tree"):
        merkle.inclusion_proof(over(numbered(3)), index, size)
    with pytest.raises(verify_log.NotProved):
        verify_log.root_from_inclusion(b"", index, size, [])


@pytest.mark.parametrize(("first", "second"), [(0, 3), (4, 3)])
def test_trees_in_the_wrong_order_have_no_proof(first, second):
    with pytest.raises(ValueError, match="no consistency proof"):
        merkle.consistency_proof(over(numbered(3)), first, second)
    with pytest.raises(verify_log.NotProved):
        verify_log.roots_from_consistency(first, second, b"", [])


def test_paths_of_a_wrong_length_prove_nothing():
    hashes = numbered(7)
    path = merkle.inclusion_proof(over(hashes), 3, 7)
    for wrong in (path[:-1], [*path, path[0]]):
        with pytest.raises(verify_log.NotProved):
            verify_log.root_from_inclusion(hashes[3], 3, 7, wrong)
    old = merkle.tree_hash(over(hashes), 0, 3)
    path = merkle.consistency_proof(over(hashes), 3, 7)
    for wrong in ([], path[:-1], [*path, path[0]]):
        with pytest.raises(verify_log.NotProved):
            verify_log.roots_from_consistency(3, 7, old, wrong)
