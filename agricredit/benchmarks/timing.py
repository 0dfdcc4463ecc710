"""Many small times as the figures people compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def each(act: Callable[[T], object], arguments: Iterable[T]) -> list[float]:
    """Milliseconds of each call."""
    found = []
    for argument in arguments:
        begun = time.perf_counter()
        act(argument)
        found.append((time.perf_counter() - begun) * 1000)
    return found


def percentiles(milliseconds: list[float]) -> dict[str, float]:
    """p50, p99 and the worst, in milliseconds."""
    ordered = sorted(milliseconds)
    last = len(ordered) - 1
    return {
        "p50_ms": round(ordered[last // 2], 2),
        "p99_ms": round(ordered[min(last, round(last * 0.99))], 2),
        "worst_ms": round(ordered[-1], 2),
    }
