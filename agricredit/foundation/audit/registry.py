"""The verbs of the audit and the sentence each is read as; every app registers its own (``verbs.py``)."""

import re
import string
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise

from agricredit.foundation.common.templatetags.formats import full_date

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_sentences: dict[str, str | Promise] = {}


class UnknownVerb(KeyError):
    """Raised when something is recorded under a verb that no app registered."""


def register(sentences: Mapping[str, "str | Promise"]) -> None:
    """Add verbs, each with its (translatable) sentence; ``{target}`` and ``{fact}`` names are filled in."""
    for verb, sentence in sentences.items():
        if verb in _sentences and str(_sentences[verb]) != str(sentence):
            raise ValueError(f"The audit verb {verb} is registered twice with different sentences.")
        _sentences[verb] = sentence


def verbs() -> dict[str, str]:
    """All registered verbs with their sentences in the current language."""
    return {verb: str(sentence) for verb, sentence in sorted(_sentences.items())}


def check(verb: str) -> None:
    """Refuse an unknown verb."""
    if verb not in _sentences:
        raise UnknownVerb(verb)


class _Forgiving(string.Formatter):
    """Old lines may lack a fact that a newer sentence names; they stay readable."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        value = kwargs.get(str(key), "—")
        # Facts are JSON: a day is kept as 2026-01-31 and said as everywhere else.
        return full_date(date.fromisoformat(value)) if _is_day(value) else value


def _is_day(value: Any) -> bool:
    """Whether a fact is a day that there is."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def sentence(verb: str, facts: Mapping[str, Any]) -> str:
    """The sentence of ``verb`` with ``facts`` filled in; a retired verb reads as its own name."""
    template = _sentences.get(verb)
    if template is None:
        return verb
    return _Forgiving().vformat(str(template), (), facts)
