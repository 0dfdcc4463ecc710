"""From readings to points in hundredths, each criterion rounded half up by itself."""

from __future__ import annotations

import numpy as np

from .columns import Int64s
from .exact import Reading, compare, scaled
from .scheme import Bands, Comparison, Flag, Lose, Per, Rule, Scale


def points(rule: Rule, reading: Reading) -> Int64s:
    """Points of every producer; where there is no reading the result means nothing."""
    if isinstance(rule, Scale):
        return _scale(rule, reading)
    if isinstance(rule, Bands):
        return _bands(rule, reading)
    if isinstance(rule, Flag):
        return np.where(reading.num >= reading.den, rule.points, 0)
    if isinstance(rule, Lose):
        return _lose(rule, reading)
    return _per(rule, reading)


def _scale(rule: Scale, reading: Reading) -> Int64s:
    part = scaled(rule.points, np.clip(reading.num, 0, reading.den), reading.den)
    if rule.zero_below is None:
        return part
    return np.where(compare(reading, Comparison.at_least, rule.zero_below), part, 0)


def _bands(rule: Bands, reading: Reading) -> Int64s:
    found = np.full(len(reading.num), rule.otherwise, np.int64)
    for band in reversed(rule.bands):
        found[compare(reading, band.comparison, band.threshold)] = band.points
    return found


def _lose(rule: Lose, reading: Reading) -> Int64s:
    enough = -(-rule.points // rule.each)  # so many take everything
    found: Int64s = np.maximum(rule.points - rule.each * np.minimum(reading.num, enough), 0)
    return found


def _per(rule: Per, reading: Reading) -> Int64s:
    found = scaled(rule.each, reading.num, reading.den)
    return found if rule.cap is None else np.minimum(found, rule.cap)
