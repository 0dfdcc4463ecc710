"""The duplicate finder over a whole register in which one in a hundred producers has a second file."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from agricredit.benchmarks import dataset, search
from archives.models import DuplicatePair
from archives.services import duplicates

_EVERY = 100
#: Names are compared within a township. One with fifty thousand producers, every name in it borne by dozens,
#: is like none in life.
_A_TOWNSHIP = 1200
# A second file: the neighbour's township and phone, the first one's name but for its last character.
_PLANT = """
    UPDATE archives_producer s SET region_id = f.region_id, phone_hash = 'twin' || f.id,
        name = left(f.name, -1),
        name_folded = left(f.name_folded, -1),
        name_grams = array(SELECT g FROM unnest(f.name_grams) g WHERE length(g) < 2
            OR g <> right(f.name, 2))
    FROM archives_producer f WHERE s.id %% %(every)s = 0 AND f.id = s.id - 1
"""
_FIRSTS = """
    UPDATE archives_producer SET phone_hash = 'twin' || id WHERE (id + 1) %% %(every)s = 0
"""


def run(producers: int) -> dict[str, Any]:
    """Seconds of the first search and of one that finds everything known; how many planted pairs it found."""
    townships = min(dataset.MOST_TOWNSHIPS, max(dataset.TOWNSHIPS, producers // _A_TOWNSHIP))
    made = search.named_producers(producers, townships)
    with connection.cursor() as cursor:
        cursor.execute(_PLANT, {"every": _EVERY})
        cursor.execute(_FIRSTS, {"every": _EVERY})
    dataset.settle()
    first, second = _search(), _search()
    return {
        "benchmark": "duplicates",
        "producers": producers,
        "seconds": {"data": round(made, 1), "first": round(first, 1), "again": round(second, 1)},
        "planted": producers // _EVERY,
        "found_planted": DuplicatePair.objects.filter(reasons__contains=["name", "phone"]).count(),
        "pairs": DuplicatePair.objects.count(),
    }


def _search() -> float:
    begun = time.perf_counter()
    duplicates.find()
    return time.perf_counter() - begun
