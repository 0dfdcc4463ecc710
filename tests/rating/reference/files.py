"""The rows of ratings.csv."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from tests.rating.reference.contract import half_up, tables
from tests.rating.reference.rating import Result


def ratings_csv(scheme: str, year: int, results: Iterable[Result]) -> list[list[str]]:
    """Rows of ratings.csv, the header first, sorted by producer key."""
    codes = [row.code for row in tables()[scheme] if row.max != "veto"]
    header = [
        "producer",
        "year",
        "scheme",
        "score",
        "grade",
        "status",
        "base",
        "bonus",
        "deductions",
        "vetoes",
    ]
    for code in codes:
        header += [code, f"{code}.reading"]
    lines = [header]
    for result in sorted(results, key=lambda result: result.producer):
        line = [result.producer, str(year), scheme, _decimal(result.score, 2), result.grade, result.status]
        line += [_decimal(number, 2) for number in (result.base, result.bonus, result.deductions)]
        line.append(";".join(result.vetoes))
        for code in codes:
            line += [_decimal(result.points[code], 2), _decimal(result.readings[code], 6)]
        lines.append(line)
    return lines


def _decimal(number: Fraction | None, places: int) -> str:
    if number is None:
        return ""
    rounded = half_up(number, places)
    sign, units = ("-" if rounded < 0 else ""), int(abs(rounded) * 10**places)
    return f"{sign}{units // 10**places}.{units % 10**places:0{places}d}"
