"""The measures of a run, kept as one Parquet file that what-if reads: exact numerators and denominators.

Columns: ``producer``, then for every criterion, bonus and deduction ``CODE.num`` and ``CODE.den`` (null when
there was nothing to measure), the same of what only vetoes, gates and the pause read (``@1``, ``@2``…, in
scheme order), for every deduction ``CODE.cost`` (hundredths), the run's own ``score`` (hundredths) and
``grade`` (index, −1: not rated), and what its points came to (:data:`TOTALS`), so that a draft that changes
one criterion is answered out of that one. A denominator that is the same for all compresses to nothing.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl
from django.core.files import File
from django.core.files.storage import default_storage

from rating.engine.columns import NO_READING, NOT_APPLICABLE, Bools, Int64s, Results
from rating.engine.measures import Block
from rating.engine.retrial import Totals
from rating.engine.scheme import Measure, Scheme

#: Columns of `engine.retrial.Totals`, by its fields.
TOTALS = {name: f"@{name}" for name in Totals.__dataclass_fields__}


def shard_path(run_id: int, number: int, claim: uuid.UUID) -> str:
    """One attempt's own file: a worker believed dead cannot overwrite another's."""
    return f"rating/runs/{run_id}/measures-{number}-{claim}.parquet"


def names(scheme: Scheme) -> dict[Measure, str]:
    """Under which name a run of the scheme keeps each measure it takes."""
    found: dict[Measure, str] = {}
    for column in scheme.columns:
        found.setdefault(column.measure, column.code)
    conditions = [condition for veto in scheme.vetoes for condition in veto.conditions]
    conditions += [gate.condition for grade in scheme.grades for gate in grade.gates if gate.condition]
    conditions += [scheme.pause] if scheme.pause else []
    others = dict.fromkeys(one.measure for one in conditions if one.measure not in found)
    return found | {measure: f"@{number}" for number, measure in enumerate(others, 1)}


class Recorder:
    """Collects the readings of each block and writes the shard's file at the end, before the commit."""

    def __init__(self, scheme: Scheme, path: str) -> None:
        """Nothing is written until the block ends without an error."""
        self.scheme = scheme
        self.path = path
        self.names = names(scheme)
        self.frames: list[pl.DataFrame] = []

    def __enter__(self) -> Self:
        """Start collecting."""
        return self

    def take(self, results: Results, block: Block) -> None:
        """Keep one block's readings and what they came to."""
        columns: dict[str, pl.Series] = {"producer": pl.Series(results.producer)}
        taken = {column.code: column.measure for column in self.scheme.columns}
        taken |= {name: measure for measure, name in self.names.items()}
        for code, measure in taken.items():
            reading = block.reading(measure)
            den = np.broadcast_to(np.asarray(reading.den), reading.num.shape)
            for name, values in (("num", reading.num), ("den", den)):
                columns[f"{code}.{name}"] = _series(values, reading.exists)
        for number, column in enumerate(self.scheme.deductions):
            columns[f"{column.code}.cost"] = _series(block.cost(number), None)
        columns["score"], columns["grade"] = pl.Series(results.score), pl.Series(results.grade)
        totals = _totals(self.scheme, results)
        for name, code in TOTALS.items():
            found = getattr(totals, name)
            columns[code] = pl.Series(found) if found.dtype == np.bool_ else _series(found, None)
        self.frames.append(pl.DataFrame(columns))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the file, unless the computation failed."""
        if error is None:
            _save(pl.concat(self.frames, how="vertical_relaxed").lazy(), self.path)


def _totals(scheme: Scheme, results: Results) -> Totals:
    """What the points of a block of results came to."""
    first_bonus = len(scheme.criteria)
    first_deduction = first_bonus + len(scheme.bonus)
    applies = results.points != NOT_APPLICABLE
    points = np.where(applies, results.points, 0)
    records, checks = (
        [scheme.column_index(code) for code in group]
        for group in (scheme.evidence.record_group, scheme.evidence.check_group)
    )
    return Totals(
        got=points[:, :first_bonus].sum(axis=1, dtype=np.int64),
        able=results.able.astype(np.int64),
        bonus=points[:, first_bonus:first_deduction].sum(axis=1, dtype=np.int64),
        deductions=results.deductions.astype(np.int64),
        vetoes=results.vetoes,
        records=~applies[:, records].any(axis=1) if records else np.zeros(len(results), np.bool_),
        checks=(results.readings[:, checks] == NO_READING).all(axis=1)
        if checks
        else np.zeros(len(results), np.bool_),
    )


def _series(values: Int64s, exists: Bools | None) -> pl.Series:
    """As int32 where that holds it: half the memory until the shard is written."""
    small = not len(values) or -(2**31) < values.min() <= values.max() < 2**31
    series = pl.Series(values.astype(np.int32 if small else np.int64))
    return series if exists is None else series.set(pl.Series(~exists), None)


def join(run_id: int, parts: Sequence[str]) -> str:
    """Put the shards' files together, in order, without holding them in memory; return the run's file."""
    path = f"rating/runs/{run_id}/measures.parquet"
    default_storage.delete(path)  # of an earlier attempt to close, which did not commit
    _save(
        pl.concat([pl.scan_parquet(default_storage.path(part)) for part in parts], how="vertical_relaxed"),
        path,
    )
    return path


def _save(rows: pl.LazyFrame, path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "measures.parquet"
        rows.sink_parquet(file, compression="zstd", compression_level=1, statistics=False)
        with file.open("rb") as stream:
            default_storage.save(path, File(stream))
