"""Reading a scheme document without trusting it: every fault is noted as a sentence, and reading goes on.

The sentences are Chinese because officers who draft schemes read them; they name the criterion and what was
expected.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

_DECIMAL = re.compile(r"-?\d{1,9}(\.\d{1,2})?")


class SchemeError(ValueError):
    """A document that is no scheme. `faults` are whole sentences, each "where：what was expected"."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("；".join(faults))
        self.faults = faults


def hundredths(value: object) -> int | None:
    """An exact number of hundredths from "0.95", "8" or 8; None for anything else (no float is exact)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value * 100
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        return None
    whole, _, part = value.partition(".")
    cents = abs(int(whole)) * 100 + int((part + "00")[:2])
    return -cents if value.startswith("-") else cents


def shown(cents: int) -> str:
    """Hundredths as people write them: 800 → "8", 95 → "0.95"."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}{whole}" if part == 0 else f"{sign}{whole}.{part:02d}".rstrip("0")


class Node:
    """One mapping of the document. Keys that nobody asked for are a fault when it is closed."""

    def __init__(self, value: object, where: str, faults: list[str]) -> None:
        self.where = where
        self.faults = faults
        self._asked: set[str] = set()
        self._items: dict[str, Any] = {}
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            self._items = value
        else:
            self.fault("应为键值对象")

    def fault(self, sentence: str) -> None:
        """Note one fault of this place."""
        self.faults.append(f"{self.where}：{sentence}")

    def has(self, key: str) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def raw(self, key: str) -> Any:
        """The value as it stands, None where it is missing."""
        self._asked.add(key)
        return self._items.get(key)

    def text(self, key: str, *, needed: bool = True, default: str = "") -> str:
        value = self.raw(key)
        if value is None and not needed:
            return default
        if isinstance(value, str) and value.strip():
            return value
        self.fault(f"缺少“{key}”，应为一段文字")
        return default

    def number(self, key: str, *, least: int = 0, most: int | None = None, default: int = 0) -> int:
        """Exact hundredths within bounds (bounds in hundredths too)."""
        value = self.raw(key)
        cents = hundredths(value)
        if cents is None:
            self.fault(f'“{key}”应为至多两位小数的数（小数须加引号，如 "0.95"），现为 {value!r}')
            return default
        if cents < least or (most is not None and cents > most):
            upper = "" if most is None else f"、不大于 {shown(most)}"
            self.fault(f"“{key}”应不小于 {shown(least)}{upper}，现为 {shown(cents)}")
            return default
        return cents

    def whole(self, key: str, *, least: int = 0) -> int:
        value = self.raw(key)
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self.fault(f"“{key}”应为不小于 {least} 的整数，现为 {value!r}")
        return least

    def truth(self, key: str, *, default: bool = False) -> bool:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(f"“{key}”应为 true 或 false，现为 {value!r}")
            return default
        return value

    def choice(self, key: str, options: Collection[str], *, default: str | None = None) -> str:
        """One word of a closed list; without a default the word must be given."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value in options:
            return value
        self.fault(f"“{key}”应为 {'、'.join(options)} 之一，现为 {value!r}")
        return default if default is not None else next(iter(options))

    def node(self, key: str) -> Node:
        return Node(self.raw(key), f"{self.where} 的 {key}", self.faults)

    def nodes(self, key: str, *, needed: bool = True) -> list[Node]:
        """A list of mappings, each known by its own code when it has one."""
        value = self.raw(key)
        if value is None and not needed:
            return []
        if not isinstance(value, list) or (needed and not value):
            self.fault(f"“{key}”应为非空列表")
            return []
        return [Node(item, self._place(item, key, index), self.faults) for index, item in enumerate(value, 1)]

    def _place(self, item: object, key: str, index: int) -> str:
        code = item.get("code") if isinstance(item, dict) else None
        return code if isinstance(code, str) else f"{self.where} 的 {key} 第 {index} 项"

    def words(self, key: str, *, needed: bool = True) -> tuple[str, ...]:
        """One text or a list of texts."""
        value = self.raw(key)
        if value is None and not needed:
            return ()
        values = [value] if isinstance(value, str) else value
        if isinstance(values, list) and values and all(isinstance(word, str) and word for word in values):
            return tuple(values)
        self.fault(f"“{key}”应为一项或多项文字")
        return ()

    def close(self) -> None:
        """Refuse what this place does not know."""
        for key in self._items:
            if key not in self._asked:
                self.fault(f"不认识的键“{key}”")
