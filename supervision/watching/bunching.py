"""Whether more producers stand just above a grade line than the run of scores around it explains.

Around the line scores are counted in narrow strips. What a smooth density does to the difference between a
strip above and its mirror image below is odd in the distance, so an odd curve through nought is fitted to the
differences further out and carried to the line; the excess over it is compared with its own error, widened
where the outer strips scatter more than counts do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chances import upper_tail

#: Width of a strip, in hundredths of a point; strips a side; how many next to the line are tested.
STRIP, STRIPS, NEAR = 50, 10, 2
#: With fewer around the line, or next to it, nothing is said.
AROUND, NEXT_TO = 200, 40


@dataclass(frozen=True)
class Line:
    """One line of one group: counts next to it, what was expected above in excess of below, the chance."""

    above: int
    below: int
    expected: float
    chance: float

    @property
    def excess(self) -> float:
        """How many more stand above than expected, at least about."""
        return self.above - self.below - self.expected


def at_line(scores: NDArray[np.integer], cut: int) -> Line | None:
    """Test one line (hundredths) over final scores (hundredths); None where too few stand around it."""
    away = scores.astype(np.int64) - cut
    reach = STRIP * STRIPS
    near = away[(away >= -reach) & (away < reach)]
    strips = np.bincount((near + reach) // STRIP, minlength=2 * STRIPS)[: 2 * STRIPS]
    above, below = strips[STRIPS:].astype(float), strips[:STRIPS][::-1].astype(float)
    beside = int(above[:NEAR].sum() + below[:NEAR].sum())
    if len(near) < AROUND or beside < NEXT_TO:
        return None
    distance = (np.arange(STRIPS) + 0.5) / STRIPS
    curve = np.column_stack((distance, distance**3))
    difference, variance = above - below, np.maximum(above + below, 1.0)
    outer = slice(NEAR, None)
    weights = 1 / variance[outer]
    covariance = np.linalg.inv(curve[outer].T @ (curve[outer] * weights[:, None]))
    fit = covariance @ (curve[outer].T @ (difference[outer] * weights))
    left = difference[outer] - curve[outer] @ fit
    scatter = max(1.0, float((left**2 * weights).sum() / (STRIPS - NEAR - 2)))
    to_line = curve[:NEAR].sum(axis=0)
    expected = float(to_line @ fit)
    error = math.sqrt(scatter * (float(variance[:NEAR].sum()) + float(to_line @ covariance @ to_line)))
    z = (float(difference[:NEAR].sum()) - expected) / error
    return Line(int(above[:NEAR].sum()), int(below[:NEAR].sum()), expected, upper_tail(z))
