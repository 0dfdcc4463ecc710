"""The exact bytes of a sealed leaf (``ledger-contract.md``, Files).

The reference for the SQL of ``archives.services.leaves``, which hashes the same bytes inside PostgreSQL.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

SEPARATOR = "\x1f"
NO_SALT = bytes(16)
COLUMNS = (
    "uid",
    "producer",
    "kind",
    "outcome",
    "value",
    "occurred_on",
    "valid_until",
    "recorded_at",
    "region",
    "source",
    "incident",
    "note",
    "reverses",
    "repairs",
)
NOTE_COLUMN = COLUMNS.index("note")


def recorded_text(moment: datetime) -> str:
    """An aware moment as ``events.csv`` writes it: UTC with six places and a Z."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y}".zfill(4) + f"{utc:-%m-%dT%H:%M:%S.%f}Z"


def note_digest(salt: bytes, note: str) -> bytes:
    """SHA-256(salt ‖ note); an event without a note has :data:`NO_SALT` and the empty note."""
    return hashlib.sha256(salt + note.encode()).digest()


def leaf_bytes(fields: list[str], note_hash: bytes) -> bytes:
    """The leaf of one row: its fields as written (before any CSV quoting), the note by its hash."""
    written = list(fields)
    written[NOTE_COLUMN] = note_hash.hex()
    return SEPARATOR.join(written).encode()
