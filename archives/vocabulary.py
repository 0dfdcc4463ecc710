"""The register's vocabularies (``data/register.yaml``): codes that rows hold, their words, what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from django.utils.functional import lazystr
from django.utils.translation import get_language


@dataclass(frozen=True)
class Term:
    """One code of a vocabulary; ``more`` is what the file says besides the words."""

    code: str
    zh: str
    en: str
    more: Mapping[str, Any]

    def __str__(self) -> str:
        """The word in the reader's language; Chinese unless English is asked for."""
        return self.en if (get_language() or "").startswith("en") else self.zh


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The file as it is."""
    text = (resources.files("archives") / "data" / "register.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


@lru_cache
def terms(name: str) -> dict[str, Term]:
    """A vocabulary by code, in the file's order."""
    return {
        code: Term(code, entry["zh"], entry["en"], {k: v for k, v in entry.items() if k not in ("zh", "en")})
        for code, entry in document()[name].items()
    }


def codes_with(name: str, mark: str) -> list[str]:
    """The codes of a vocabulary that bear a mark ("quality", "must_rate")."""
    return [code for code, term in terms(name).items() if term.more.get(mark)]


def _choices(name: str) -> list[tuple[str, Any]]:
    return [(code, lazystr(term)) for code, term in terms(name).items()]


def identities() -> list[tuple[str, Any]]:
    """Kinds of identity."""
    return _choices("identities")


def licences() -> list[tuple[str, Any]]:
    """Kinds of licence."""
    return _choices("licences")


def duties() -> list[tuple[str, Any]]:
    """What staff is there for."""
    return _choices("duties")


def honours() -> list[tuple[str, Any]]:
    """Kinds of honour."""
    return _choices("honours")


def filings() -> list[tuple[str, Any]]:
    """Systems and plans that are filed."""
    return _choices("filings")


def measures() -> list[tuple[str, Any]]:
    """Green-control measures."""
    return _choices("measures")


Choices = Callable[[], list[tuple[str, Any]]]
