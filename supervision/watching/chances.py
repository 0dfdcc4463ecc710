"""Chances used by the tests: normal tails, and sums of unequal yes-or-no events."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def upper_tail(z: float) -> float:
    """Chance that a standard normal is at least z."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def number_of(chances: Floats) -> Floats:
    """Distribution of how many of independent events happen, each with its own chance (Poisson binomial)."""
    found = np.ones(1)
    for chance in chances:
        found = np.append(found * (1 - chance), 0.0) + np.append(0.0, found * chance)
    return found
