"""The roll: the few producer attributes a run needs, frozen in one Parquet file when the run starts.

One row a rated producer (``root`` is itself) and one a merged producer whose chain ends at a rated one
(``root`` is that end): its events count for the root. The run keeps the file's sha256.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from numpy.typing import NDArray

from rating.engine.columns import NO_SCORE, Int64s, Roll
from rating.engine.scheme import ProducerKind, ProducerNature
from rating.models import RatingRun

_RATED = """
    SELECT p.id AS producer, p.kind, p.nature, p.region_id AS region, p.status,
           p.registered_on - DATE '1970-01-01' AS registered, last.score AS last_score, p.id AS root
    FROM archives_producer p
    LEFT JOIN ({last}) last ON last.producer_id = p.id AND last.status = 'rated'
    WHERE {who} AND p.status IN ('active', 'paused') AND p.registered_on <= {day}
        AND 'production' = ANY (p.activities)
    ORDER BY p.id
"""
# Last year's score counts (year weight) only where the same scheme rated it and no decision was pending.
_LAST = """
    SELECT DISTINCT ON (p.producer_id) p.producer_id, p.score, p.status
    FROM rating_rating p
    WHERE {last_who} AND p.run_id = ANY(ARRAY(
        SELECT run.id FROM rating_ratingrun run JOIN rating_scheme s ON s.id = run.scheme_id
        WHERE s.code = {scheme} AND run.year = {year} AND run.state IN ('effective', 'superseded')))
    ORDER BY p.producer_id, p.run_id DESC, p.version DESC
"""
_ALIASES = """
    WITH RECURSIVE chain AS (
        SELECT p.id AS alias, p.merged_into_id AS root FROM archives_producer p
        WHERE p.merged_into_id IS NOT NULL
        UNION
        SELECT chain.alias, p.merged_into_id FROM chain JOIN archives_producer p ON p.id = chain.root
        WHERE p.merged_into_id IS NOT NULL
    )
    SELECT chain.alias, chain.root FROM chain JOIN archives_producer p ON p.id = chain.root
    WHERE p.merged_into_id IS NULL ORDER BY chain.alias
"""
_ALIASES_OF = """
    WITH RECURSIVE chain AS (
        SELECT p.id AS alias, p.id AS root FROM archives_producer p WHERE p.id = ANY({ids})
        UNION
        SELECT p.id, chain.root FROM chain JOIN archives_producer p ON p.merged_into_id = chain.alias
    )
    SELECT alias, root FROM chain WHERE alias <> root ORDER BY alias
"""


@dataclass(frozen=True)
class FrozenRoll:
    """A roll as read: the engine's columns, regions beside them, and the merged producers of those rated."""

    roll: Roll
    region: NDArray[np.object_]
    aliases: Int64s
    roots: Int64s

    def part(self, low: int, high: int) -> FrozenRoll:
        """The rated producers with low ≤ id ≤ high, and their aliases wherever these stand."""
        first, last = np.searchsorted(self.roll.producer, [low, high + 1])
        mine = (self.roots >= low) & (self.roots <= high)
        return FrozenRoll(
            self.roll.part(int(first), int(last)),
            self.region[first:last],
            self.aliases[mine],
            self.roots[mine],
        )


def select(*, region: str, scheme_code: str, year: int, day: date) -> pl.DataFrame:
    """Today's attributes of whom a run over ``region`` rates (contract "Who is rated"), merged ones last."""
    inside = _quoted("p.region_id LIKE %s", f"{region}%")
    return _rows(_rated_sql(inside, "true", scheme_code, year, day), _ALIASES)


def frozen_of(*, producer_ids: Sequence[int], scheme_code: str, year: int, day: date) -> FrozenRoll:
    """The same of the producers named (not merged ones), for a live score on ``day``.

    Rows one by one: data frames are for many, and a live score waits for a few.
    """
    ids = list(producer_ids)
    who, last_who = _quoted("p.id = ANY(%s)", ids), _quoted("p.producer_id = ANY(%s)", ids)
    with connection.cursor() as cursor:
        cursor.execute(_rated_sql(who, last_who, scheme_code, year, day))
        rated = cursor.fetchall()
        cursor.execute(_ALIASES_OF.format(ids=_quoted("%s::bigint[]", ids)))
        there = {row[0] for row in rated}
        merged = [row for row in cursor.fetchall() if row[1] in there]
    columns = list(zip(*rated, strict=True)) or [()] * len(_TYPES)
    producer, kind, nature, region, _status, registered, last, _root = columns
    return FrozenRoll(
        Roll(
            np.array(producer, np.int64),
            np.array([ProducerKind[name] for name in kind], np.int8),
            np.array([ProducerNature[name] for name in nature], np.int8),
            np.array(registered, np.int32),
            np.array([NO_SCORE if score is None else score for score in last], np.int32),
        ),
        np.array(region, np.object_),
        np.array([alias for alias, _root in merged], np.int64),
        np.array([root for _alias, root in merged], np.int64),
    )


def _rows(rated_sql: str, aliases_sql: str) -> pl.DataFrame:
    rated = _query(rated_sql, _TYPES)
    aliases = _query(aliases_sql, {"alias": pl.Int64, "root": pl.Int64})
    merged = aliases.join(rated.drop("producer"), on="root", how="inner").rename({"alias": "producer"})
    rows = pl.concat([rated, merged.select(rated.columns)])
    kinds = {kind.name: int(kind) for kind in ProducerKind}
    natures = {nature.name: int(nature) for nature in ProducerNature}
    return rows.with_columns(
        pl.col("kind").replace_strict(kinds, return_dtype=pl.Int8),
        pl.col("nature").replace_strict(natures, return_dtype=pl.Int8),
        pl.col("last_score").fill_null(NO_SCORE),
    )


_TYPES: dict[str, Any] = {
    "producer": pl.Int64,
    "kind": pl.String,
    "nature": pl.String,
    "region": pl.String,
    "status": pl.String,
    "registered": pl.Int32,
    "last_score": pl.Int32,
    "root": pl.Int64,
}


def _quoted(text: str, *values: Any) -> str:
    """COPY takes no parameters, so the driver quotes them into the text."""
    with connection.cursor() as cursor:
        return str(cursor.mogrify(text, values).decode())


def _rated_sql(who: str, last_who: str, scheme_code: str, year: int, day: date) -> str:
    last = _LAST.format(scheme=_quoted("%s", scheme_code), year=int(year) - 1, last_who=last_who)
    return _RATED.format(who=who, last=last, day=_quoted("%s::date", day))


def _query(statement: str, types: dict[str, Any]) -> pl.DataFrame:
    stream = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({statement}) TO STDOUT (FORMAT csv)", stream)
    stream.seek(0)
    if not stream.getbuffer().nbytes:
        return pl.DataFrame(schema=types)
    return pl.read_csv(stream, has_header=False, new_columns=list(types), schema=types)


def store(run_id: int, rows: pl.DataFrame) -> tuple[str, str]:
    """Write the frozen roll to the private store; return its path and sha256."""
    stream = io.BytesIO()
    rows.write_parquet(stream, compression="zstd")
    content = stream.getvalue()
    path = default_storage.save(f"rating/runs/{run_id}/roll.parquet", ContentFile(content))
    return path, hashlib.sha256(content).hexdigest()


class RollChanged(RuntimeError):
    """The frozen roll in the store is not the one that the run names."""


def read(run: RatingRun) -> FrozenRoll:
    """The run's frozen roll, refused (RollChanged) when its bytes are not those that were frozen."""
    return frozen(rows(run))


def rows(run: RatingRun) -> pl.DataFrame:
    """The frozen roll as it was stored; refused as by :func:`read`."""
    with default_storage.open(run.roll_path) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != run.roll_sha256:
        raise RollChanged(f"{run.roll_path}: the file's sha256 is not {run.roll_sha256}")
    return pl.read_parquet(io.BytesIO(content))


def frozen(rows: pl.DataFrame) -> FrozenRoll:
    """The engine's columns of the rows that :func:`select` gives."""
    rated = rows.filter(pl.col("producer") == pl.col("root")).sort("producer")
    merged = rows.filter(pl.col("producer") != pl.col("root")).sort("producer")
    return FrozenRoll(
        Roll(
            rated["producer"].to_numpy(),
            rated["kind"].to_numpy(),
            rated["nature"].to_numpy(),
            rated["registered"].to_numpy(),
            rated["last_score"].to_numpy(),
        ),
        rated["region"].to_numpy(),
        merged["producer"].to_numpy(),
        merged["root"].to_numpy(),
    )
