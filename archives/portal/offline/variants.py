"""How a question changes with earlier answers, as a small tree that the phone walks.

A question is asked with answers that note which of them it reads. Where it reads an earlier choice, it is
asked once more for every value of it. So nothing has to be declared:
``{"on": "product", "of": {"12": …}, "else": …}``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from archives.portal.asking import Ask, Question
from archives.portal.offline.describing import conditions, describe

MOST = 60
"""Most ways in which one question is described; beyond them the phone asks the general one."""
Asked = Callable[[Mapping[str, str]], Ask]


class Watched(Mapping[str, str]):
    """Answers that note what is read of them."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = answers
        self.read: dict[str, None] = {}

    def __getitem__(self, key: str) -> str:
        self.read[key] = None
        return self.answers[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)


class Variants:
    """The tree of one question, given the choices of the questions before it."""

    def __init__(self, kind: type[Question], asked: Asked, earlier: Mapping[str, list[str]]) -> None:
        self.kind = kind
        self.asked = asked
        self.earlier = earlier
        self.left = MOST

    def tree(self, given: Mapping[str, str]) -> dict[str, Any]:
        """The question under these answers, and below it what further answers change."""
        self.left -= 1
        watched = Watched(given)
        ask = self.asked(watched)
        leaf = self._leaf(ask, given) if self.kind.needed(ask) else {"q": None}
        key = next((key for key in watched.read if key in self.earlier and key not in given), None)
        if key is None or self.left <= 0:
            return leaf
        cases = {value: self.tree({**given, key: value}) for value in self.earlier[key]}
        differing = {value: case for value, case in cases.items() if case != leaf}
        return {"on": key, "of": differing, "else": leaf} if differing else leaf

    def _leaf(self, ask: Ask, given: Mapping[str, str]) -> dict[str, Any]:
        plain = self.kind(ask)
        said = describe(plain)
        needs = conditions(plain, lambda data: self.asked({**given, **data}))
        return {"q": {**said, "needs": needs} if needs else said}


def leaves(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every way in which the question may be asked."""
    if "q" in tree:
        if tree["q"]:
            yield tree["q"]
        return
    for case in (*tree["of"].values(), tree["else"]):
        yield from leaves(case)
