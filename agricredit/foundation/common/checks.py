"""System checks: every sentence that :mod:`agricredit.environment` has against the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

HINT = "docs/operations.md 列出每个配置项；*_FILE 可指向保存取值的文件。"

# A sentence gets the number of the first word that it contains, so that a number keeps its meaning.
_NUMBERS = (
    ("cannot be read", 2),
    ("both given", 3),
    ("not usable", 4),
    ("is the debug secret", 5),
    ("shorter than", 6),
    ("must be", 7),
    ("begins with http://", 8),
    ("Give both", 9),
    ("missing", 1),
)


def number_of(sentence: str) -> str:
    """The check's id for a sentence: ``agricredit.E001`` to ``E010`` (E010: any other)."""
    number = next((number for word, number in _NUMBERS if word in sentence), 10)
    return f"agricredit.E{number:03d}"


@register()
def environment_is_usable(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """One error for each missing, unusable or contradictory key of the environment."""
    return [Error(sentence, hint=HINT, id=number_of(sentence)) for sentence in settings.ENVIRONMENT_PROBLEMS]
