"""A scheme's words in the reader's language.

The documents are Chinese. What the shipped schemes say is in the catalogue like any other message; a scheme
of a bureau's own reads as it was written. Clauses are quotations and stay.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext

from rating.schemes import WORDS

SOURCE = "zh"


def is_source() -> bool:
    """Whether the reader's language is the documents' own."""
    return (get_language() or SOURCE).startswith(SOURCE)


def in_words(document: Any, key: str = "") -> Any:
    """The document, or a part of it, in the reader's words; the given one is not changed."""
    if is_source():
        return document
    if isinstance(document, dict):
        return {name: in_words(part, name) for name, part in document.items()}
    if isinstance(document, list):
        return [in_words(part, key) for part in document]
    return gettext(document) if isinstance(document, str) and document and key in WORDS else document
