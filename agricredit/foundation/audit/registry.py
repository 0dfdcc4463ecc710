"""The verbs of the audit and the sentence each is read as; every app registers its own (``verbs.py``)."""

import string
from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise

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
        return kwargs.get(str(key), "—")


def sentence(verb: str, facts: Mapping[str, Any]) -> str:
    """The sentence of ``verb`` with ``facts`` filled in; a retired verb reads as its own name."""
    template = _sentences.get(verb)
    if template is None:
        return verb
    return _Forgiving().vformat(str(template), (), facts)
