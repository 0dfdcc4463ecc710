"""The whole yearly rating against its floor and against two naive ways of writing it."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from agricredit.benchmarks import dataset, peers, workers
from rating.models import RatingRun, Scheme
from rating.services import runs, schemes
from rating.services.writing import COLUMNS

_FLOOR = """
    COPY (SELECT producer_id, count(*), sum(value) FROM archives_creditevent
          WHERE occurred_on BETWEEN '{}' AND '{}' GROUP BY producer_id) TO STDOUT (FORMAT binary)
"""


@dataclass(frozen=True)
class Options:
    """How many producers, years of ledger, producers a shard; on how many the two peers are timed."""

    producers: int
    years: int = 3
    scheme: str = "gd-r1"
    shard: int = runs.SHARD_PRODUCERS
    chunked_sample: int = 20_000
    loop_sample: int = 300


def run(options: Options) -> dict[str, Any]:
    """Seconds, peak memory in MB and ratios.

    Ours is two workers, as the floor's GROUP BY has its parallel workers; one worker is given beside it. The
    peers' seconds are extrapolated from their samples.
    """
    made = _world(options)
    _group_by()  # whoever reads first pays for the cold cache
    one, last = _ours(options, region="44", size=1)
    # Twice and in turn, the better of each: what else the machine does then weighs on all alike.
    first, _ = _ours(options, region="4408", size=2)
    floors = [_floor(last)]
    second, _ = _ours(options, region="440823", size=2)
    floors.append(_floor(last))
    two = min(first, second, key=lambda timed: timed.seconds)
    floor = (min(grouped for grouped, _ in floors), min(copied for _, copied in floors))
    chunked = peers.chunked(last, min(options.chunked_sample, options.producers))
    loop = peers.loop(last, min(options.loop_sample, options.producers))
    return _report(options, made, one, two, floor, chunked, loop)


def rated_world(options: Options) -> tuple[float, RatingRun]:
    """A ledger and one computed run over it, for what is measured upon a run; the seconds of the data."""
    made = _world(options)
    _, rated = _ours(options, region="44", size=1)
    return made, rated


def _world(options: Options) -> float:
    _say(f"data: {options.producers} producers, {options.years} years")
    made = dataset.rating_world(options.producers, options.years)
    schemes.load_shipped()
    for row in Scheme.objects.filter(code=options.scheme):
        if row.state != row.State.IN_FORCE:
            schemes.bring_into_force(scheme=row, valid_from=date(2020, 1, 1))
    return made


def _report(
    options: Options,
    made: float,
    one: _Timed,
    two: _Timed,
    floor: tuple[float, float],
    chunked: peers.Peer,
    loop: peers.Peer,
) -> dict[str, Any]:
    bottom = sum(floor)
    return {
        "benchmark": "rating",
        "producers": options.producers,
        "events_of_the_year": options.producers * dataset.EVENTS_A_YEAR,
        "years": options.years,
        "scheme": options.scheme,
        "seconds": {
            "data": round(made, 1),
            "ours": round(two.seconds, 2),
            "ours_one_process": round(one.seconds, 2),
            "of_which_roll": round(one.roll, 2),
            "floor": round(bottom, 2),
            "floor_group_by": round(floor[0], 2),
            "floor_copy": round(floor[1], 2),
            "chunked_orm_extrapolated": round(chunked.seconds_for(options.producers), 1),
            "orm_loop_extrapolated": round(loop.seconds_for(options.producers), 1),
        },
        "samples": {"chunked_orm": chunked.producers, "orm_loop": loop.producers},
        "peak_mb": {"each_worker": two.peak >> 20, "one_process": one.peak >> 20},
        "ratios": {
            "vs_floor": round(two.seconds / bottom, 2),
            "vs_floor_one_process": round(one.seconds / bottom, 2),
            "vs_chunked_orm": round(chunked.seconds_for(options.producers) / two.seconds, 1),
            "vs_orm_loop": round(loop.seconds_for(options.producers) / two.seconds, 1),
        },
    }


@dataclass(frozen=True)
class _Timed:
    """Seconds of a whole run (of these, freezing the roll) and peak memory of a worker in bytes."""

    seconds: float
    roll: float
    peak: int


def _ours(options: Options, *, region: str, size: int) -> tuple[_Timed, RatingRun]:
    """A run as its services make it: roll frozen, shards computed, partition keyed and attached."""
    with workers.pool(size) as pipes:
        begun = time.perf_counter()
        run_row = runs.start(
            scheme=options.scheme,
            region=region,
            year=dataset.rated_year(),
            actor=None,
            seal=options.producers * dataset.EVENTS_A_YEAR * options.years,
            shard_producers=min(options.shard, -(-options.producers // size)),
        )
        roll = time.perf_counter() - begun
        shard_ids = list(run_row.shards.order_by("number").values_list("pk", flat=True))
        computed = workers.compute(pipes, shard_ids)
    run_row.refresh_from_db()
    if run_row.state != RatingRun.State.COMPUTED:
        raise RuntimeError(f"the run is {run_row.state}: {run_row.error}")
    _say(f"ours, {size} process(es): {roll + computed.seconds:.2f} s")
    return _Timed(roll + computed.seconds, roll, computed.peak), run_row


def _group_by() -> float:
    year = dataset.rated_year()
    begun = time.perf_counter()
    with connection.cursor() as cursor, Path(os.devnull).open("wb") as nowhere:
        cursor.cursor.copy_expert(_FLOOR.format(date(year, 1, 1), date(year, 12, 31)), nowhere)
    return time.perf_counter() - begun


def _floor(last: RatingRun) -> tuple[float, float]:
    """The least that any rating must do: group the year's events once, and COPY results of this size in."""
    grouped = _group_by()
    columns = ", ".join(COLUMNS)
    with tempfile.TemporaryFile() as file:
        copied = _copied(last, columns, file)
    _say(f"floor: {grouped:.2f} s + {copied:.2f} s")
    return grouped, copied


def _copied(last: RatingRun, columns: str, file: IO[bytes]) -> float:
    rows = f"SELECT {columns} FROM rating_rating WHERE run_id = {last.pk}"  # noqa: S608 - our own names
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({rows}) TO STDOUT (FORMAT binary)", file)
        file.seek(0)
        cursor.execute("CREATE TABLE benchmark_floor (LIKE rating_rating INCLUDING DEFAULTS)")
        begun = time.perf_counter()
        cursor.cursor.copy_expert(
            f"COPY benchmark_floor ({columns}) FROM STDIN (FORMAT binary)", file, 1 << 20
        )
        seconds = time.perf_counter() - begun
        cursor.execute("DROP TABLE benchmark_floor")
    return seconds


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
