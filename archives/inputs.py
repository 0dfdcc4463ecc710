"""Which inputs must not be used, on what, from when (policy.md §3.3–3.4).

A name is looked for inside what was written ("3%克百威颗粒剂"), longest first, so that 乙酰甲胺磷 is never
taken for 甲胺磷. The rules stand in the database (officers keep them); a database without any is answered
from the list that ships, so that no door stands open before the first load.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from agricredit.foundation.common.grams import fold
from archives.models import RuleSort, SubstanceRule

BANNED, RESTRICTED = RuleSort.BANNED.value, RuleSort.RESTRICTED.value
PERMITTED = RuleSort.PERMITTED.value


@dataclass(frozen=True)
class Rule:
    """One rule on a substance; a restriction holds on what ``on`` names, or on all but ``excepted``."""

    sort: str
    kind: str
    name: str
    basis: str
    begins: datetime.date = datetime.date.min
    ends: datetime.date | None = None
    on: frozenset[str] = frozenset()
    excepted: frozenset[str] = frozenset()
    confirmed: bool = True

    def holds(self, date: datetime.date) -> bool:
        """Whether it is in force on the day; the day on which it ends is already free."""
        return self.begins <= date and (self.ends is None or date < self.ends)

    def concerns(self, crops: set[str]) -> bool:
        """Whether it forbids the use on a product of these names (its own and its category's)."""
        return bool(self.on & crops) if self.on else not self.excepted & crops


@dataclass
class Rulebook:
    """All rules, looked up by name; what a name stands for is remembered (a load names few inputs often)."""

    rules: Iterable[Rule]
    _by_kind: dict[str, dict[str, list[Rule]]] = field(default_factory=dict, repr=False)
    _named: dict[tuple[str, str], list[Rule]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Sort the rules by kind and name, the longest names first."""
        for rule in sorted(self.rules, key=lambda rule: (-len(fold(rule.name)), rule.name)):
            self._by_kind.setdefault(rule.kind, {}).setdefault(fold(rule.name), []).append(rule)

    def banned_on(self, name: str, date: datetime.date, kind: str = "pesticide") -> Rule | None:
        """The rule by which an input of the ``kind`` must not be used at all on the date; None: it may."""
        return next((rule for rule in self._in_force(name, date, kind, BANNED)), None)

    def restricted_on(
        self, name: str, date: datetime.date, *, category: str, product: str, kind: str = "pesticide"
    ) -> Rule | None:
        """The rule by which it must not be used on the product or its category, None when it may."""
        crops = {category, product}
        rules = self._in_force(name, date, kind, RESTRICTED)
        return next((rule for rule in rules if rule.concerns(crops)), None)

    def names(self, kind: str) -> tuple[str, ...]:
        """All names of a kind that the rules know, permitted look-alikes among them, longest first."""
        return tuple(rules[0].name for rules in self._by_kind.get(kind, {}).values())

    def _in_force(self, name: str, date: datetime.date, kind: str, sort: str) -> Iterator[Rule]:
        key = name, kind
        if key not in self._named:
            self._named[key] = self._matching(name, kind)
        return (rule for rule in self._named[key] if rule.sort == sort and rule.holds(date))

    def _matching(self, name: str, kind: str) -> list[Rule]:
        found: list[Rule] = []
        rest = fold(name)
        for folded, rules in self._by_kind.get(kind, {}).items():
            if folded in rest:
                found += rules
                rest = rest.replace(folded, " ")
        return found


def rulebook() -> Rulebook:
    """The rules as they stand: one query."""
    rows = [
        Rule(
            row.sort,
            row.kind,
            row.name,
            row.basis,
            row.begins or datetime.date.min,
            row.ends,
            frozenset(row.covers),
            frozenset(row.excepted),
            row.confirmed,
        )
        for row in SubstanceRule.objects.order_by("pk")
    ]
    return Rulebook(rows or shipped_rules())


@lru_cache(maxsize=1)
def shipped_rules() -> tuple[Rule, ...]:
    """The rules that ship with the project."""
    text = (resources.files("archives") / "data" / "banned_inputs.yaml").read_text(encoding="utf-8")
    return tuple(rule for kind, entry in yaml.safe_load(text).items() for rule in _read(kind, entry))


def _read(kind: str, entry: dict[str, Any]) -> Iterator[Rule]:
    for sort in (BANNED, RESTRICTED):
        for group in entry.get(sort, ()):
            for name in group["names"]:
                yield Rule(
                    sort,
                    kind,
                    name,
                    group["basis"],
                    group.get("from", datetime.date.min),
                    group.get("until"),
                    frozenset(group.get("where", ())),
                    frozenset(group.get("but", ())),
                    group.get("confidence") != "open",
                )
    for name in entry["permitted"]:
        yield Rule(PERMITTED, kind, name, "名称相近")


def banned_on(name: str, date: datetime.date, kind: str = "pesticide") -> Rule | None:
    """:meth:`Rulebook.banned_on` of the rules as they stand."""
    return rulebook().banned_on(name, date, kind)


def restricted_on(
    name: str, date: datetime.date, *, category: str, product: str, kind: str = "pesticide"
) -> Rule | None:
    """:meth:`Rulebook.restricted_on` of the rules as they stand."""
    return rulebook().restricted_on(name, date, category=category, product=product, kind=kind)
