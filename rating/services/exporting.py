"""``ratings.csv`` of the ledger contract, written row by row however big the run.

``score`` and ``grade`` are the computed ones, ``status`` is rated, pending or not_rated: whoever recomputes a
run from the ledger must come to the same file. What a decision laid over a result during the year (a grade
lowered or suspended) is not in it, except that what was decided waits for nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, TextIO

import numpy as np
from django.db.models.functions import Collate

from archives.models import Seal
from rating.engine.columns import NO_READING, NOT_APPLICABLE
from rating.engine.scheme import Scheme
from rating.models import Decision, Rating, RatingRun
from rating.services import reissue, rolls, schemes

CHUNK = 5_000
_LAID_OVER = (Rating.Status.RATED, Rating.Status.SUSPENDED)
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
    year, held, laid_over = str(run.year), _Vetoes(scheme), _computed_under_measures(run, scheme)
    for producer, key, score, grade, status, base, bonus, deductions, vetoes, packed, read in _ratings(run):
        if producer in laid_over and status in _LAID_OVER:
            grade, status = laid_over[producer], Rating.Status.RATED.value
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
    return newest.values_list("producer_id", "producer__key", *columns).iterator(CHUNK)


def _computed_under_measures(run: RatingRun, scheme: Scheme) -> dict[int, str]:
    """The computed grade of each producer whose result stands under a decision of the year (few have one)."""
    ids = list(Decision.objects.in_force().filter(run=run).values_list("producer_id", flat=True))
    if not ids:
        return {}
    roll = rolls.read(run)
    newest = Rating.objects.current().filter(run=run, producer_id__in=ids)
    seals = {
        producer: seal or run.seal_size for producer, seal in newest.values_list("producer_id", "seal_size")
    }
    last_ids = Seal.objects.in_bulk(set(seals.values()))
    grades = {
        producer: int(reissue.computed(run, producer, last_ids[seal].last_id, roll).grade[0])
        for producer, seal in seals.items()
    }
    return {producer: scheme.grades[grade].code for producer, grade in grades.items() if grade >= 0}


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
