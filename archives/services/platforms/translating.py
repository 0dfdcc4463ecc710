"""Between their fields and words and ours, both ways; and the hash by which sameness is known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from archives.models import ExternalId
from archives.services.platforms.config import NounMapping, Platform
from archives.services.platforms.outgoing import Item
from archives.services.sheets import SHEETS

PRODUCERS = "producers"


def cells_of(
    platform: Platform, mapping: NounMapping, item: Mapping[str, Any], known: ExternalId | None,
    owners: Mapping[str, str],
) -> dict[str, str]:  # fmt: skip
    """An item of theirs as cells of our sheet."""
    cells = {}
    for theirs, ours in mapping.fields.items():
        value = item.get(theirs)
        parts = [str(part) for part in value] if isinstance(value, list) else [_text(value)]
        words = mapping.words.get(ours, {})
        cells[ours] = ";".join(words.get(part, part) for part in parts)
    id_ = str(item.get(mapping.id, ""))
    if mapping.noun == PRODUCERS:
        if known is not None:
            cells["producer"] = known.ours
        elif not cells.get("producer") and not cells.get("credit_code"):
            cells["producer"] = f"{platform.name}-{id_}"
        return cells
    if mapping.subject:
        cells["producer"] = owners.get(str(item.get(mapping.subject, "")), "")
    if SHEETS[mapping.noun].column("platform") is not None:
        cells["platform"] = platform.title
    if SHEETS[mapping.noun].column("uid") is not None:
        # A record that came from here carries its own number back.
        cells["uid"] = known.ours if known is not None else f"{platform.name}:{id_}"[:64]
    return cells


def untold(mapping: NounMapping, item: Mapping[str, Any]) -> list[str]:
    """Our fields for which they give neither text nor a number nor a list of these: an object, say."""
    plain = (str, int, float, type(None))
    return [
        ours
        for theirs, ours in mapping.fields.items()
        for value in [item.get(theirs)]
        if not all(isinstance(part, plain) for part in (value if isinstance(value, list) else [value]))
    ]


def body_of(mapping: NounMapping, item: Item, owners: Mapping[str, str]) -> dict[str, Any]:
    """An object of ours as an item of theirs; masked columns stay here."""
    body: dict[str, Any] = {}
    for theirs, ours in mapping.fields.items():
        if ours in item.values:
            words = {word: their for their, word in mapping.words.get(ours, {}).items()}
            body[theirs] = ";".join(words.get(part, part) for part in str(item.values[ours]).split(";"))
    if mapping.subject:
        body[mapping.subject] = owners.get(item.producer, "")
    return body


def digest(item: Mapping[str, Any]) -> str:
    """SHA-256 of an item, whatever the order of its fields."""
    text = json.dumps(item, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
