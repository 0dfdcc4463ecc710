"""Rows of the scheme desk's forms: those that stand, one spare, and more by a button, without script."""

from __future__ import annotations

import re
from typing import Any

#: What one form sends at the most, lest a crafted one make millions of fields.
MOST = 60
MORE = "more-"


def rows(given: Any, field: str, stands: int, key: str) -> int:
    """How many rows to show of a list of which ``stands`` are in the document.

    ``field`` names a row's first field with ``#`` for its number. What was sent (``given``) says how many
    there were on the page; the button of the part's ``key`` adds one. Nothing sent: those that stand and a
    spare one.
    """
    if not given:
        return stands + 1
    pattern = re.compile(re.escape(field).replace(r"\#", "#").replace("#", "([0-9]{1,4})") + "$")
    numbers = [int(found[1]) for name in given if (found := pattern.match(name))]
    sent = 1 + max(numbers, default=-1)
    if given.get("act") == f"{MORE}{key}":
        sent += 1
    return max(1, min(sent, max(MOST, stands + 1)))
