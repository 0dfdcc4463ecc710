"""What-if: a draft over a whole past run, a county's preview, and the must-rate list, against the floor.

The floor is what no answer can leave out: reading the grades that stand, and counting a matrix of them.
The peer applies the same draft without held measures: it reads the ledger again, and must agree.
"""

from __future__ import annotations

import copy
import resource
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import polars as pl
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agricredit.benchmarks import rating
from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import Role
from rating.engine import parsing
from rating.engine.scheme import Scheme
from rating.models import RatingRun
from rating.services import must_rate, schemes, simulation, trials

ROUNDS = 5
#: One of the data's twenty: the smallest part that a preview is asked for.
TOWNSHIP = "440823105"
T = TypeVar("T")


def run(producers: int, years: int, scheme: str) -> dict[str, Any]:
    """Seconds of each, the best of some rounds; ``vs_floor`` and ``vs_ledger`` of the whole what-if."""
    made, rated = rating.rated_world(rating.Options(producers, years, scheme))
    base = schemes.parsed(rated.scheme)
    draft = parsing.parse(drafted(rated.scheme.document), schemes.kind_numbers())
    first, _ = _timed(lambda: _answer(rated, base, draft), 1)
    whole, found = _timed(lambda: _answer(rated, base, draft), ROUNDS)
    floor, _ = _timed(lambda: _floor(rated), ROUNDS)
    ledger, again = _timed(lambda: trials.run_trial(rated, draft, from_ledger=True), 1)
    held = trials.run_trial(rated, draft)
    if not held.held or not (
        np.array_equal(held.after, again.after) and np.array_equal(held.score_after, again.score_after)
    ):
        raise RuntimeError("held measures and the ledger do not give the same")
    township, _ = _timed(lambda: _answer(rated, base, draft, TOWNSHIP), ROUNDS)
    must, queries = _must_rate(rated)
    return {
        "benchmark": "whatif",
        "producers": producers,
        "years": years,
        "scheme": scheme,
        "changed_grades": found["changed"],
        "seconds": {
            "data": round(made, 1),
            "whatif_first": round(first, 3),
            "whatif": round(whole, 3),
            "floor": round(floor, 3),
            "from_ledger": round(ledger, 2),
            "preview_of_a_township": round(township, 3),
            "must_rate": round(must, 3),
        },
        "must_rate_queries": queries,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "ratios": {"vs_floor": round(whole / floor, 1), "vs_ledger": round(ledger / whole, 1)},
    }


def drafted(document: dict[str, Any]) -> dict[str, Any]:
    """The scheme as a desk would try it: one criterion harder, the best grade's line two points up."""
    draft = copy.deepcopy(document)
    draft["version"] = "benchmark"
    banded = next(row for row in draft["criteria"] if "bands" in row["rule"])
    hardest = banded["rule"]["bands"][0]
    compared = next(key for key in hardest if key != "points")
    hardest[compared] = f"{float(hardest[compared]) * (0.9 if compared == 'at_most' else 1.02):.2f}"
    best = draft["grades"][0]
    best["cut"] = f"{float(best['cut']) + 2:.2f}"
    return draft


def _answer(rated: RatingRun, base: Scheme, draft: Scheme, region: str = "") -> dict[str, Any]:
    return simulation.tables(base, draft, trials.run_trial(rated, draft, region))


def _floor(rated: RatingRun) -> Any:
    rows = pl.read_parquet(default_storage.path(rated.measures_path), columns=["grade", "score"])
    grades = rows["grade"].to_numpy().astype(np.int64) + 1
    return np.bincount(grades * 8 + grades, minlength=64)


def _must_rate(rated: RatingRun) -> tuple[float, int]:
    officer = User.objects.create_user(
        username="whatif", name="测速", role=Role.COUNTY_OFFICER, region_code="440823", is_staff=True
    )
    with CaptureQueriesContext(connection) as captured:
        must_rate.report(rated, officer)
    seconds, _ = _timed(lambda: must_rate.report(rated, officer), 2)
    return seconds, len(captured.captured_queries)


def _timed(work: Callable[[], T], rounds: int) -> tuple[float, T]:
    """The shortest of some rounds, and what the last of them found."""
    best = float("inf")
    for _round in range(rounds):
        begun = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - begun)
    return best, found
