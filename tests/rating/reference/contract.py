"""The schemes' tables, read out of the contract's own Markdown, and the arithmetic of a table's rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

CONTRACT = Path(__file__).resolve().parents[3] / "docs" / "ledger-contract.md"


@dataclass(frozen=True)
class Row:
    """One row of a scheme's table, as printed."""

    code: str
    max: str
    reads: str
    window: str
    rule: str
    none: str
    applies: str


@cache
def tables() -> dict[str, list[Row]]:
    """The rows of the two schemes, from the contract's own Markdown."""
    found: dict[str, list[Row]] = {"gd-r1": [], "hz-r1": []}
    scheme = ""
    for line in CONTRACT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            scheme = line[3:].strip()
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if scheme in found and len(cells) == 7 and re.match(r"(GD|HZ)", cells[0]):
            found[scheme].append(Row(*cells))
    return found


def half_up(number: Fraction, places: int = 2) -> Fraction:
    """Round half up (towards +∞) to so many decimals."""
    factor = 10**places
    return Fraction((number * factor * 2 + 1) // 2, factor)


def points(rule: str, reading: Fraction) -> Fraction:
    """Points of one criterion, rounded half up to hundredths."""
    rule = rule.split(";")[0].strip()
    if match := re.fullmatch(r"scale ([\d.]+)(?:, zero below ([\d.]+))?", rule):
        top, floor = Fraction(match[1]), Fraction(match[2] or 0)
        return Fraction(0) if reading < floor else half_up(top * min(Fraction(1), reading))
    if match := re.fullmatch(r"flag ([\d.]+)", rule):
        return Fraction(match[1]) if reading >= 1 else Fraction(0)
    if match := re.fullmatch(r"lose ([\d.]+) − ([\d.]+)n", rule):
        return max(Fraction(0), Fraction(match[1]) - Fraction(match[2]) * reading)
    if match := re.fullmatch(r"per ([\d.]+)(?:, cap ([\d.]+))?", rule):
        earned = half_up(Fraction(match[1]) * reading)
        return min(earned, Fraction(match[2])) if match[2] else earned
    assert rule.startswith("bands "), rule
    for band in rule[6:].split(", "):
        if otherwise := re.fullmatch(r"else ([\d.]+)", band):
            return Fraction(otherwise[1])
        sign, line, worth = re.fullmatch(r"([≥≤>])([\d.]+):([\d.]+)", band).groups()
        held = {"≥": reading >= Fraction(line), "≤": reading <= Fraction(line), ">": reading > Fraction(line)}
        if held[sign]:
            return Fraction(worth)
    raise AssertionError(f"no band of {rule!r} holds")
