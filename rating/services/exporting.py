"""``ratings.csv`` of the ledger contract, written row by row however big the run."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, TextIO

import numpy as np
from django.db.models.functions import Collate

from rating.engine.columns import NO_READING, NOT_APPLICABLE
from rating.engine.scheme import Scheme
from rating.models import Rating, RatingRun
from rating.services import schemes

CHUNK = 5_000
HEAD = ["producer", "year", "scheme", "score", "grade", "status", "base", "bonus", "deductions", "vetoes"]


def header(scheme: Scheme) -> list[str]:
    """The columns: the fixed ones, then code and code.reading of every listed criterion in table order."""
    listed = [column.code for column in scheme.columns if column.listed]
    return HEAD + [name for code in listed for name in (code, f"{code}.reading")]


def export_csv(run: RatingRun, file: TextIO) -> int:
    """Write a run's newest results ordered by producer key (code points); return how many rows."""
    writer = csv.writer(file, lineterminator="\n")
    scheme = schemes.parsed(run.scheme)
    writer.writerow(header(scheme))
    count = 0
    for row in rows(run, scheme):
        writer.writerow(row)
        count += 1
    return count


def rows(run: RatingRun, scheme: Scheme) -> Iterator[list[str]]:
    """The rows under :func:`header`."""
    listed = [index for index, column in enumerate(scheme.columns) if column.listed]
    points, readings = _Texts(2, NOT_APPLICABLE), _Texts(6, NO_READING)
    year, held = str(run.year), _Vetoes(scheme)
    for key, score, grade, status, base, bonus, deductions, vetoes, packed, read in _ratings(run):
        own_points, own_readings = point_values(packed), reading_values(read)
        row = [key, year, scheme.code, points[score], grade, status]
        row += (points[base], points[bonus], points[deductions], held[vetoes])
        for index in listed:
            row += (points[own_points[index]], readings[own_readings[index]])
        yield row


def point_values(stored: Any) -> list[int]:
    """Hundredths in column order, NOT_APPLICABLE where a criterion does not apply."""
    values: list[int] = np.frombuffer(stored, "<i4").tolist()
    return values


def reading_values(stored: Any) -> list[int]:
    """Millionths in column order, NO_READING where there is none."""
    values: list[int] = np.frombuffer(stored, "<i8").tolist()
    return values


def decimal_text(value: int, places: int) -> str:
    """An integer of 10^-places as text with exactly that many decimals."""
    digits = f"{abs(value):0{places + 1}d}"
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _ratings(run: RatingRun) -> Iterator[tuple[Any, ...]]:
    newest = Rating.objects.current().filter(run=run).order_by(Collate("producer__key", "C"))
    columns = ("score", "grade", "status", "base", "bonus", "deductions", "vetoes", "points", "readings")
    return newest.values_list("producer__key", *columns).iterator(CHUNK)


class _Vetoes(dict[int, str]):
    """The codes of each mask, joined once."""

    def __init__(self, scheme: Scheme) -> None:
        super().__init__()
        self.scheme = scheme

    def __missing__(self, mask: int) -> str:
        text = self[mask] = ";".join(self.scheme.veto_codes(mask))
        return text


class _Texts(dict[int, str]):
    """Decimal texts made once each: a hundred columns of a million rows hold few different values."""

    LIMIT = 200_000

    def __init__(self, places: int, nothing: int) -> None:
        super().__init__({nothing: ""})
        self.places = places

    def __missing__(self, value: int) -> str:
        text = decimal_text(value, self.places)
        if len(self) < self.LIMIT:
            self[value] = text
        return text
