"""Which inputs must not be used, on what, from when (policy.md §3.3–3.4); the list is data beside the code.

A name is looked for inside what was written ("3%克百威颗粒剂"), longest first, so that 乙酰甲胺磷 is never
taken for 甲胺磷.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from agricredit.foundation.common.grams import fold


@dataclass(frozen=True)
class Rule:
    """One forbidden input: everywhere when ``on`` is empty, else on these categories or products."""

    name: str
    begins: datetime.date
    basis: str
    on: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _List:
    names: tuple[str, ...]  # all that may be recognised, longest first
    rules: dict[str, tuple[Rule, ...]]


def banned_on(name: str, date: datetime.date, kind: str = "pesticide") -> Rule | None:
    """The rule by which an input of the ``kind`` must not be used at all on the date, None when it may."""
    return next((rule for rule in _matching(name, date, kind) if not rule.on), None)


def restricted_on(
    name: str, date: datetime.date, *, category: str, product: str, kind: str = "pesticide"
) -> Rule | None:
    """The rule by which it must not be used on the product or its category on the date, None when it may."""
    return next((rule for rule in _matching(name, date, kind) if rule.on & {category, product}), None)


def recognised(kind: str) -> tuple[str, ...]:
    """All names of a kind that the list knows, permitted look-alikes among them, longest first."""
    known = _lists().get(kind)
    return known.names if known is not None else ()


def _matching(name: str, date: datetime.date, kind: str) -> list[Rule]:
    return [rule for rule in _named(name, kind) if rule.begins <= date]


@lru_cache(maxsize=4096)  # a load names the same few inputs thousands of times
def _named(name: str, kind: str) -> tuple[Rule, ...]:
    known = _lists().get(kind)
    if known is None:
        return ()
    found: list[Rule] = []
    rest = fold(name)
    for candidate in known.names:
        folded = fold(candidate)
        if folded in rest:
            found += known.rules.get(candidate, ())
            rest = rest.replace(folded, " ")
    return tuple(found)


@lru_cache(maxsize=1)
def _lists() -> dict[str, _List]:
    text = (resources.files("archives") / "data" / "banned_inputs.yaml").read_text(encoding="utf-8")
    return {kind: _read(entry) for kind, entry in yaml.safe_load(text).items()}


def _read(entry: dict[str, Any]) -> _List:
    rules: dict[str, tuple[Rule, ...]] = {}
    for group in [*entry["banned"], *entry["restricted"]]:
        begins = group.get("from", datetime.date.min)
        for name in group["names"]:
            rule = Rule(name, begins, group["basis"], frozenset(group.get("where", ())))
            rules[name] = (*rules.get(name, ()), rule)
    names = sorted({*rules, *entry["permitted"]}, key=lambda name: (-len(fold(name)), name))
    return _List(tuple(names), rules)
