#!/usr/bin/env python3
"""Check published proofs of the AgriCredit ledger. Needs Python 3.9 or later and nothing else.

    python verify_log.py PROOF.json [PROOF.json …] [--events events.csv]

A proof is one of three documents: "inclusion" (an event stands in a sealed ledger), "consistency" (a later
seal continues an earlier one) and "seals" (the chain of seals). With --events, an inclusion proof's event is
read from that file by its uid instead of from the proof. Prints one line a proof; exit status 0 only when all
hold.

Hashing is that of RFC 9162 (2.1): leaf SHA-256(0x00 ‖ bytes), node SHA-256(0x01 ‖ left ‖ right). A leaf's
bytes are the columns of events.csv up to "repairs", joined by U+001F, with the note replaced by the hex of
SHA-256(16-byte salt ‖ note); without a note, salt and note are 16 zero bytes and nothing.
A seal's chain value is SHA-256(previous ‖ size as 8 bytes ‖ root ‖ sealed_at).
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from typing import Any

COLUMNS = (
    "uid", "producer", "kind", "outcome", "value", "occurred_on", "valid_until", "recorded_at",
    "region", "source", "incident", "note", "reverses", "repairs",
)  # fmt: skip
NO_NOTE = hashlib.sha256(bytes(16)).hexdigest()


class NotProved(Exception):
    """The proof does not hold; the message says where."""


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 ‖ leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root that the path leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise NotProved(f"the index {index} lies outside a ledger of {size} events")
    node, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise NotProved("the path is too long")
        if node % 2 or node == last:
            value = node_hash(sibling, value)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            value = node_hash(value, sibling)
        node, last = node // 2, last // 2
    if last:
        raise NotProved("the path is too short")
    return value


def roots_from_consistency(first: int, second: int, old: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """The two roots that the path leads to (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        raise NotProved(f"no ledger of {first} events can begin one of {second}")
    if first == second:
        if path:
            raise NotProved("the path is too long")
        return old, old
    steps = list(path)
    if first & (first - 1) == 0:
        steps.insert(0, old)
    if not steps:
        raise NotProved("the path is too short")
    node, last = first - 1, second - 1
    while node % 2:
        node, last = node // 2, last // 2
    before = after = steps[0]
    for value in steps[1:]:
        if last == 0:
            raise NotProved("the path is too long")
        if node % 2 or node == last:
            before, after = node_hash(value, before), node_hash(value, after)
            while node % 2 == 0 and node:
                node, last = node // 2, last // 2
        else:
            after = node_hash(after, value)
        node, last = node // 2, last // 2
    if last:
        raise NotProved("the path is too short")
    return before, after


def event_leaf(event: dict[str, str], note_hash: str) -> bytes:
    """The bytes of an event's leaf."""
    fields = [note_hash if column == "note" else event[column] for column in COLUMNS]
    return "\x1f".join(fields).encode("utf-8")


def check_seal(seal: dict[str, Any]) -> None:
    """That the seal's chain value follows from its other parts."""
    parts = bytes.fromhex(seal["previous"]) + int(seal["size"]).to_bytes(8, "big")
    parts += bytes.fromhex(seal["root"]) + seal["sealed_at"].encode("utf-8")
    if hashlib.sha256(parts).hexdigest() != seal["chained"]:
        raise NotProved("seal {}: the chain value is wrong".format(seal["size"]))


def check_seals(document: dict[str, Any], events: dict[str, dict[str, str]] | None) -> str:
    """That every seal is chained to the one before."""
    before = None
    for seal in document["seals"]:
        check_seal(seal)
        if before is not None and (seal["previous"] != before["chained"] or seal["size"] <= before["size"]):
            raise NotProved("seal {} does not follow seal {}".format(seal["size"], before["size"]))
        before = seal
    return f"{len(document['seals'])} seals are chained"


def check_inclusion(document: dict[str, Any], events: dict[str, dict[str, str]] | None) -> str:
    """That the event, as the proof or the file has it, is the sealed leaf."""
    event, index = document["event"], int(document["index"])
    if events is not None:
        if event["uid"] not in events:
            raise NotProved("event {} is not in the file".format(event["uid"]))
        event = events[event["uid"]]
        if event.get("leaf") and int(event["leaf"]) != index:
            raise NotProved(f"event {event['uid']} stands at {event['leaf']} in the file, not at {index}")
    note_hash = _note_hash(document, event)
    leaf = leaf_hash(event_leaf(event, note_hash))
    path = [bytes.fromhex(value) for value in document["path"]]
    root = root_from_inclusion(leaf, index, int(document["seal"]["size"]), path)
    check_seal(document["seal"])
    if root.hex() != document["seal"]["root"]:
        raise NotProved(f"event {event['uid']} is not leaf {index} of seal {document['seal']['size']}")
    return f"event {event['uid']} is leaf {index} of seal {document['seal']['size']}"


def _note_hash(document: dict[str, Any], event: dict[str, str]) -> str:
    """The note's hash, checked against the note where one is shown."""
    note_hash = str(document["note_hash"])
    note = document.get("note") or event["note"]
    if "note_salt" in document:
        salted = bytes.fromhex(document["note_salt"]) + note.encode("utf-8")
        if hashlib.sha256(salted).hexdigest() != note_hash:
            raise NotProved("event {}: the note is not the one that was sealed".format(event["uid"]))
    elif note and note_hash == NO_NOTE:
        raise NotProved("event {} was sealed without a note".format(event["uid"]))
    return note_hash


def check_consistency(document: dict[str, Any], events: dict[str, dict[str, str]] | None) -> str:
    """That the second seal's ledger begins with the first one's."""
    first, second = document["first"], document["second"]
    check_seal(first)
    check_seal(second)
    old = bytes.fromhex(first["root"])
    path = [bytes.fromhex(value) for value in document["path"]]
    before, after = roots_from_consistency(int(first["size"]), int(second["size"]), old, path)
    if before != old or after.hex() != second["root"]:
        raise NotProved("seal {} does not continue seal {}".format(second["size"], first["size"]))
    return "seal {} continues seal {}".format(second["size"], first["size"])


CHECKS = {"inclusion": check_inclusion, "consistency": check_consistency, "seals": check_seals}


def read_events(path: str) -> dict[str, dict[str, str]]:
    """The rows of an events.csv by uid."""
    with open(path, encoding="utf-8", newline="") as file:
        return {row["uid"]: row for row in csv.DictReader(file)}


def main(arguments: list[str]) -> int:
    """Check each proof named; 0 when all hold."""
    parser = argparse.ArgumentParser(description="Check published proofs of the AgriCredit ledger.")
    parser.add_argument("proofs", nargs="+", metavar="PROOF.json")
    parser.add_argument("--events", metavar="events.csv", help="read the events from this file")
    options = parser.parse_args(arguments)
    failed = 0
    try:
        events = read_events(options.events) if options.events else None
    except (OSError, KeyError, UnicodeDecodeError) as error:
        sys.stderr.write(f"{options.events}: {error}\n")
        return 1
    for path in options.proofs:
        try:
            with open(path, encoding="utf-8") as file:
                document = json.load(file)
            sys.stdout.write("{}: ok, {}\n".format(path, CHECKS[document["type"]](document, events)))
        except NotProved as error:
            failed += 1
            sys.stderr.write(f"{path}: NOT PROVED, {error}\n")
        except (OSError, KeyError, TypeError, ValueError) as error:
            failed += 1
            sys.stderr.write(f"{path}: cannot be read as a proof ({type(error).__name__}: {error})\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
