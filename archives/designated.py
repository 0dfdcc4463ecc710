"""Which pesticides only designated dealers may sell, by real name (限制使用农药定点经营; policy.md §3.3)."""

from __future__ import annotations

import datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from agricredit.foundation.common.grams import fold


def designated_on(day: datetime.date, *names: str) -> str:
    """The listed name found in what was written (name, ingredient), "" when there is none on the day."""
    listed = _list()
    if day < listed["from"]:
        return ""
    for text in names:
        rest = fold(text)
        for name, counts in listed["names"]:
            if fold(name) in rest:
                if counts:
                    return str(name)
                rest = rest.replace(fold(name), " ")
    return ""


@lru_cache(maxsize=1)
def _list() -> dict[str, Any]:
    text = (resources.files("archives") / "data" / "designated_inputs.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    names = [(name, True) for name in document["names"]] + [(name, False) for name in document["permitted"]]
    # The longest first, so that a name inside another is never taken for it.
    return {**document, "names": sorted(names, key=lambda pair: -len(fold(pair[0])))}
