"""Exact arithmetic on whole columns: int64 while that suffices, Python's integers where it might not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .columns import Bools, Int64s
from .scheme import Comparison

_SAFE = 2**62
_MOST = 2**63 - 1


@dataclass(frozen=True)
class Reading:
    """A measure of every producer as num ÷ den (den > 0); `exists` is None where every producer has one."""

    num: Int64s
    den: Int64s | int
    exists: Bools | None = None


def _largest(values: Int64s | int) -> int:
    if isinstance(values, int):
        return abs(values)
    return max(abs(int(values.max(initial=0))), abs(int(values.min(initial=0))))


def _exactly(values: Int64s | int) -> Any:
    return values if isinstance(values, int) else values.astype(object)


def scaled(factor: int, num: Int64s, den: Int64s | int) -> Int64s:
    """round_half_up(factor × num ÷ den); beyond 64 bits the result stays at the largest number."""
    found: Int64s
    if isinstance(den, int) and factor % den == 0 and _largest(num) * factor < _SAFE:
        found = np.multiply(num, factor // den)
    elif _largest(num) * factor * 2 + _largest(den) < _SAFE and _largest(den) < _SAFE // 2:
        found = (num * (2 * factor) + den) // np.multiply(den, 2)
    else:
        exact: NDArray[Any] = (_exactly(num) * (2 * factor) + _exactly(den)) // (_exactly(den) * 2)
        found = np.minimum(exact, _MOST).astype(np.int64)
    return found


def compare(reading: Reading, comparison: Comparison, threshold: int) -> Bools:
    """num ÷ den against a threshold in hundredths; where there is no reading the answer means nothing."""
    num, den = reading.num, reading.den
    if max(_largest(num) * 100, _largest(den) * abs(threshold)) < _SAFE:
        left: Any = num * 100
        right: Any = np.multiply(den, threshold)
    else:
        left, right = _exactly(num) * 100, _exactly(den) * threshold
    if comparison is Comparison.at_least:
        return np.asarray(left >= right, dtype=np.bool_)
    if comparison is Comparison.above:
        return np.asarray(left > right, dtype=np.bool_)
    if comparison is Comparison.at_most:
        return np.asarray(left <= right, dtype=np.bool_)
    return np.asarray(left < right, dtype=np.bool_)


def holds(reading: Reading, comparison: Comparison, threshold: int) -> Bools:
    """As :func:`compare`, and false where there is no reading."""
    found = compare(reading, comparison, threshold)
    return found if reading.exists is None else found & reading.exists
