"""The scheme documents that ship with the platform: data and defaults, never a quotation of a regulation."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

SHIPPED = ("gd-r1", "hz-r1")
#: Keys of a scheme document whose texts are words for readers, said in their language.
WORDS = frozenset({"name", "word", "meaning", "explanation", "note", "sources"})

_HERE = Path(__file__).parent


@cache
def _text(code: str) -> str:
    if code not in SHIPPED:
        raise KeyError(code)
    return (_HERE / f"{code}.yaml").read_text(encoding="utf-8")


def document(code: str) -> dict[str, Any]:
    """A fresh copy of a shipped scheme's document; KeyError for an unknown code."""
    loaded: dict[str, Any] = yaml.safe_load(_text(code))
    return loaded


def acts_document() -> dict[str, Any]:
    """What producers can do for their score (``acts/default.yaml``), a fresh copy."""
    loaded: dict[str, Any] = yaml.safe_load((_HERE / "acts" / "default.yaml").read_text(encoding="utf-8"))
    return loaded
