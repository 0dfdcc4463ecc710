"""Another scheme over a past run: who would have which grade, and what the grades would cost.

Fast where the run's measures hold all that the scheme reads; else the ledger is read as of the run's seal.
Both ways give the same to the hundredth. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from archives.models import Seal
from rating.engine import score as engine
from rating.engine.columns import NO_SCORE, NOT_APPLICABLE, Int8s, Int32s, Int64s, Roll, Window
from rating.engine.exact import Reading
from rating.engine.held import HeldBlock, Trial
from rating.engine.measures import Shard
from rating.engine.retrial import Change, Retrial, Totals, charged
from rating.engine.scheme import Measure, Scheme
from rating.models import RatingRun
from rating.services import measures, reading, rolls, schemes
from rating.services.rolls import FrozenRoll
from rating.services.runs import SHARD_PRODUCERS
from rating.services.transport import fetch

#: Producers scored at a time: the columns of so many stay in the cache.
BLOCK = 65536
#: Numpy lets go of the interpreter, so two threads halve the time on the two cores that are asked for.
THREADS = 2


@dataclass(frozen=True)
class Trialled:
    """A trial's result, by position: grades are indices in their scheme (−1: not rated), scores hundredths.

    ``held`` says whether the run's measures sufficed. ``region`` is the producers' division.
    """

    producer: Int64s
    region: pl.Series
    kind: Int8s
    before: Int8s
    score_before: Int32s
    after: Int8s
    score_after: Int32s
    held: bool


def run_trial(run: RatingRun, draft: Scheme, region: str = "", *, from_ledger: bool = False) -> Trialled:
    """Apply ``draft`` to the facts of ``run``, of one division below the run's if ``region`` is given.

    Vetoes and lowest grades are computed ones, as nobody has decided on them. RollChanged when the frozen
    roll is not the run's.
    """
    rows = rolls.rows(run)
    mine, chosen = _rated(rows, run, region)
    roll = _roll(mine, draft.code == run.scheme.code)
    held = None if from_ledger else _Held.open(run, draft)
    if held is not None:
        after, score_after = held.judge(draft, roll, chosen)
        before, score_before = held.stored(chosen)
    else:
        after, score_after = _from_ledger(run, draft, rolls.frozen(rows), roll)
        before, score_before = _stored(run, roll)
    return Trialled(
        roll.producer, mine["region"], roll.kind, before, score_before, after, score_after, held is not None
    )


@dataclass(frozen=True)
class Lost:
    """A block of a run's producers and what each lost at each of the scheme's columns, in hundredths.

    ``lost`` has a row for each column (NOT_APPLICABLE where it does not apply), a column for each producer.
    """

    producer: Int64s
    region: pl.Series
    kind: Int8s
    lost: Int64s


def lost_points(run: RatingRun, region: str = "") -> Iterator[Lost]:
    """What the run's producers (of one division) lost by its own scheme, out of the measures that it kept.

    ValidationError where the run has kept none.
    """
    scheme = schemes.parsed(run.scheme)
    held = _Held.open(run, scheme)
    if held is None:
        raise ValidationError(_("该次评价没有留存各项度量，不能分析失分。"), code="not_held")
    rated, chosen = _rated(rolls.rows(run), run, region)
    roll = _roll(rated, True)
    most = np.array([column.points for column in scheme.columns], np.int64)[:, None]
    charged = len(scheme.columns) - len(scheme.deductions)
    for first, points in held.points(scheme, roll, chosen):
        lost = np.where(points == NOT_APPLICABLE, NOT_APPLICABLE, most - points)
        lost[charged:] = points[charged:]
        block = slice(first, first + points.shape[1])
        yield Lost(roll.producer[block], rated["region"][block], roll.kind[block], lost)


def _rated(rows: pl.DataFrame, run: RatingRun, region: str) -> tuple[pl.DataFrame, pl.Series | None]:
    """The rated producers of a division, and which of all rated ones they are (None: all)."""
    rated = rows.filter(pl.col("producer") == pl.col("root")).sort("producer")
    if len(region) <= len(run.region_code):
        return rated, None
    chosen = rated["region"].str.starts_with(region)
    return rated.filter(chosen), chosen


def _roll(rated: pl.DataFrame, same_scheme: bool) -> Roll:
    """The roll without building texts; last year's score counts only for the scheme that gave it."""
    last = rated["last_score"].to_numpy()
    return Roll(
        rated["producer"].to_numpy(),
        rated["kind"].to_numpy(),
        rated["nature"].to_numpy(),
        rated["registered"].to_numpy(),
        last if same_scheme else np.full(len(last), NO_SCORE, np.int32),
    )


class _Held:
    """The Parquet file of a run's measures, where it holds all that a draft reads."""

    def __init__(self, run: RatingRun, draft: Scheme) -> None:
        self.window = Window.year(run.year)
        base = schemes.parsed(run.scheme)
        self.known = measures.names(base)
        self.wanted = list(measures.names(draft))
        self.costs = [f"{column.code}.cost" for column in base.deductions] if draft.deductions else []
        self.rows = pl.scan_parquet(default_storage.path(run.measures_path))
        self.there = set(self.rows.collect_schema().names())
        with_totals = set(measures.TOTALS.values()) <= self.there
        self.change = Change.between(base, draft) if with_totals else None

    @classmethod
    def open(cls, run: RatingRun, draft: Scheme) -> _Held | None:
        """None where the draft reads what the run did not measure, or the file is from before it held all."""
        base = schemes.parsed(run.scheme)
        known = measures.names(base)
        if draft.deductions and charged(draft) != charged(base):
            return None
        if not run.measures_path or not all(measure in known for measure in measures.names(draft)):
            return None
        held = cls(run, draft)
        needed = {*held._columns(held.wanted), *held.costs, "score", "grade"}
        return held if needed <= held.there else None

    def _columns(self, wanted: Iterable[Measure]) -> list[str]:
        codes = dict.fromkeys(self.known[measure] for measure in wanted)
        return [f"{code}.{part}" for code in codes for part in ("num", "den")]

    def stored(self, chosen: pl.Series | None) -> tuple[Int8s, Int32s]:
        """Grades and scores as the run computed them."""
        rows = _only(self.rows.select("grade", "score").collect(), chosen)
        return rows["grade"].to_numpy(), rows["score"].to_numpy()

    def judge(self, draft: Scheme, roll: Roll, chosen: pl.Series | None) -> tuple[Int8s, Int32s]:
        """Grades and scores by the draft: out of the run's totals where it changes little of the scheme."""
        change = self.change
        wanted = self.wanted if change is None else list(dict.fromkeys(change.measures()))
        costs = self.costs if change is None else []
        totals = [] if change is None else measures.TOTALS.values()
        rows = _only(self.rows.select([*self._columns(wanted), *costs, *totals]).collect(), chosen)

        def part(first: int) -> tuple[Int8s, Int64s]:
            mine, own = roll.part(first, first + BLOCK), rows.slice(first, BLOCK)
            block = self._block(own, wanted, costs)
            if change is None:
                judged = Trial(draft, block, mine, self.window).judged()
            else:
                judged = Retrial(change, block, _totals(own), mine, self.window).judged()
            return judged.grade, judged.score

        with ThreadPoolExecutor(THREADS) as pool:
            parts = list(pool.map(part, range(0, len(roll), BLOCK)))
        return _joined(parts)

    def points(
        self, draft: Scheme, roll: Roll, chosen: pl.Series | None
    ) -> Iterator[tuple[int, NDArray[np.int32]]]:
        """Points by the draft, a block at a time: where it begins, and a row for each column."""
        rows = _only(self.rows.select([*self._columns(self.wanted), *self.costs]).collect(), chosen)
        for first in range(0, len(roll), BLOCK):
            mine = roll.part(first, first + BLOCK)
            trial = Trial(
                draft, self._block(rows.slice(first, BLOCK), self.wanted, self.costs), mine, self.window
            )
            trial.judged()
            yield first, trial.points

    def _block(self, rows: pl.DataFrame, wanted: Iterable[Measure], costs: Iterable[str]) -> HeldBlock:
        readings = {measure: _reading(rows, self.known[measure]) for measure in wanted}
        return HeldBlock(readings, tuple(_whole(rows[name]) for name in costs))


def _totals(rows: pl.DataFrame) -> Totals:
    names = measures.TOTALS
    return Totals(
        got=_whole(rows[names["got"]]),
        able=_whole(rows[names["able"]]),
        bonus=_whole(rows[names["bonus"]]),
        deductions=_whole(rows[names["deductions"]]),
        vetoes=_whole(rows[names["vetoes"]]),
        records=rows[names["records"]].to_numpy(),
        checks=rows[names["checks"]].to_numpy(),
    )


def _only(rows: pl.DataFrame, chosen: pl.Series | None) -> pl.DataFrame:
    """Measures stand in the order of the roll, so a choice on the roll is one on them."""
    return rows if chosen is None else rows.filter(chosen)


def _whole(values: pl.Series) -> Int64s:
    return values.to_numpy().astype(np.int64)


def _reading(rows: pl.DataFrame, code: str) -> Reading:
    num, den = rows[f"{code}.num"], rows[f"{code}.den"]
    exists = num.is_not_null().to_numpy() if num.null_count() else None
    least, most = den.min(), den.max()
    below: Int64s | int = _whole(den.fill_null(1))
    if least == most:  # the same for all: dividing by a number is quicker
        below = 1 if least is None else int(least)  # type: ignore[arg-type]  # an integer column
    return Reading(_whole(num.fill_null(0)), below, exists)


def _joined(parts: list[tuple[Int8s, Int64s]]) -> tuple[Int8s, Int32s]:
    if not parts:
        return np.empty(0, np.int8), np.empty(0, np.int32)
    return (
        np.concatenate([grade for grade, _score in parts]),
        np.concatenate([score for _grade, score in parts]).astype(np.int32),
    )


def _from_ledger(run: RatingRun, draft: Scheme, frozen: FrozenRoll, roll: Roll) -> tuple[Int8s, Int32s]:
    last_id = Seal.objects.get(pk=run.seal_size).last_id
    return _joined(list(_ledger_parts(draft, frozen, roll, Window.year(run.year), last_id)))


def _ledger_parts(
    draft: Scheme, frozen: FrozenRoll, roll: Roll, window: Window, last_id: int
) -> Iterator[tuple[Int8s, Int64s]]:
    """So many producers at a time as a shard has, for the same memory."""
    for first in range(0, len(roll), SHARD_PRODUCERS):
        mine = roll.part(first, first + SHARD_PRODUCERS)
        own = np.isin(frozen.roots, mine.producer)
        part = FrozenRoll(mine, np.empty(0, np.object_), frozen.aliases[own], frozen.roots[own])
        events, tie_break = reading.read(draft, part, window, last_id=last_id)
        shard = Shard(draft, events, mine, window, tie_break)
        for block in shard.blocks(engine.BLOCK):
            theirs = mine.part(block.first, block.first + block.size)
            judged = Trial(draft, block, theirs, window).judged()
            yield judged.grade, judged.score


def _stored(run: RatingRun, roll: Roll) -> tuple[Int8s, Int32s]:
    """Grades and scores as the run computed them, from its results."""
    grades = ",".join(f"'{grade.code}'" for grade in schemes.parsed(run.scheme).grades)
    producer, grade, score = fetch(
        f"SELECT producer_id, coalesce(array_position(ARRAY[{grades}]::varchar[], grade), 0) - 1, score"  # noqa: S608 - codes of a checked scheme
        f" FROM rating_rating WHERE run_id = {int(run.pk)} AND version = 1 ORDER BY producer_id",
        [8, 4, 4],
    )
    mine: NDArray[Any] = np.searchsorted(producer, roll.producer)
    return grade[mine].astype(np.int8), score[mine].astype(np.int32)
