"""Recomputing a past run from what it names, and finding it identical or naming the first difference.

What a run names: the ledger as of its seal, the frozen roll (by its sha256) and the scheme's document (by
its sha256). Facts that arrived later stand behind the seal and change nothing (DESIGN §1). Later versions are
verified one by one: by decision against the version before them, issued anew against the ledger as of their
own seal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _

from archives.models import Producer, Seal
from rating.engine import parsing
from rating.engine import score as engine
from rating.engine.columns import NO_READING, NOT_APPLICABLE, Window
from rating.engine.scheme import Scheme as EngineScheme
from rating.models import Decision, Rating, RatingRun
from rating.services import reading, reissue, rolls, schemes, writing
from rating.services.exporting import decimal_text
from rating.services.rolls import FrozenRoll
from rating.services.runs import SHARD_PRODUCERS

#: States in which a run has results to verify.
VERIFIABLE = (
    RatingRun.State.COMPUTED,
    RatingRun.State.IN_REVIEW,
    RatingRun.State.PUBLIC_NOTICE,
    RatingRun.State.EFFECTIVE,
    RatingRun.State.SUPERSEDED,
)

#: What a later version rests on.
BY_DECISION, BY_REISSUE = "decision", "reissue"

_TABLE = "rating_verification"
_COMPARED = tuple(name for name in writing.COLUMNS if name not in ("run_id", "producer_id", "version"))
_FIRST_DIFFERENCE = """
    SELECT coalesce(stored.producer_id, again.producer_id),
           stored.id IS NOT NULL, again.producer_id IS NOT NULL,
           {stored}, {again}
    FROM (SELECT * FROM rating_rating
          WHERE run_id = %(run)s AND version = 1 AND producer_id BETWEEN %(low)s AND %(high)s) stored
    FULL JOIN {table} again ON again.producer_id = stored.producer_id
    WHERE ({stored}) IS DISTINCT FROM ({again})
    ORDER BY 1 LIMIT 1
"""
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Difference:
    """Where a run is not what its basis gives: producer's key, what differs, both values."""

    producer: str
    item: str
    stored: str
    recomputed: str

    def __str__(self) -> str:
        return _("%(producer)s %(item)s：存为%(stored)s，重算为%(recomputed)s") % vars(self)


@dataclass(frozen=True)
class Verdict:
    """What verifying a run found. ``later`` counts the later versions, by what they rest on."""

    run: RatingRun
    producers: int
    later: dict[str, int]
    difference: Difference | None

    @property
    def identical(self) -> bool:
        """Whether everything came out as it is stored."""
        return self.difference is None


class NotVerifiable(ValueError):
    """The run has no results."""


def verify(run: RatingRun, *, step: int = SHARD_PRODUCERS) -> Verdict:
    """Recompute ``run``, ``step`` producers at a time; stops at the first difference.

    NotVerifiable for a run without results. Writes nothing but a temporary table.
    """
    if run.state not in VERIFIABLE:
        raise NotVerifiable(
            _("%(run)s评价为“%(state)s”，没有可以核验的结果。")
            % {"run": run, "state": run.get_state_display()}
        )
    difference = _basis(run)
    frozen = None
    if difference is None:
        try:
            frozen = rolls.read(run)
        except (rolls.RollChanged, FileNotFoundError) as error:
            difference = Difference("—", _("冻结名册"), run.roll_sha256, str(error))
    if frozen is None:
        return Verdict(run, 0, {}, difference)
    for low, high in _ranges(frozen, step):
        difference = _compare(run, frozen.part(low, high), low, high)
        if difference is not None:
            return Verdict(run, len(frozen.roll), {}, difference)
    later, difference = _later(run, frozen)
    return Verdict(run, len(frozen.roll), later, difference)


def _basis(run: RatingRun) -> Difference | None:
    """What the run stands on is still what it names: the scheme's document and the seal's root."""
    digest = parsing.digest(run.scheme.document)
    if digest != run.scheme.sha256:
        return Difference("—", _("方案内容"), run.scheme.sha256, digest)
    seal = Seal.objects.filter(pk=run.seal_size).first()
    root = bytes(seal.root).hex() if seal else _("没有这次封存")
    return None if root == run.seal_root else Difference("—", _("账本封存根"), run.seal_root, root)


def _ranges(frozen: FrozenRoll, step: int) -> Iterator[tuple[int, int]]:
    """Id ranges of ``step`` producers that together leave no id out, so that no stored row is overlooked."""
    starts = frozen.roll.producer[::step].tolist() or [0]
    starts[0] = _LOWEST
    for number, low in enumerate(starts):
        yield low, starts[number + 1] - 1 if number + 1 < len(starts) else _HIGHEST


def _compare(run: RatingRun, frozen: FrozenRoll, low: int, high: int) -> Difference | None:
    scheme, window = schemes.parsed(run.scheme), Window.year(run.year)
    last_id = Seal.objects.get(pk=run.seal_size).last_id
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {_TABLE}")
        cursor.execute(f"CREATE TEMP TABLE {_TABLE} (LIKE rating_rating INCLUDING DEFAULTS) ON COMMIT DROP")
        events, tie_break = reading.read(scheme, frozen, window, last_id=last_id)
        with writing.Writer(run.pk, scheme, frozen, table=_TABLE) as writer:
            for results in engine.score_blocks(scheme, events, frozen.roll, window, tie_break):
                writer.add(results)
        statement = _FIRST_DIFFERENCE.format(
            table=_TABLE,
            stored=", ".join(f"stored.{name}" for name in _COMPARED),
            again=", ".join(f"again.{name}" for name in _COMPARED),
        )
        cursor.execute(statement, {"run": run.pk, "low": low, "high": high})
        row = cursor.fetchone()
    return None if row is None else _named(scheme, row)


def _named(scheme: EngineScheme, row: tuple[Any, ...]) -> Difference:
    producer_id, is_stored, is_again, *values = row
    key = Producer.objects.values_list("key", flat=True).get(pk=producer_id)
    if not (is_stored and is_again):
        there, missing = _("有"), _("无")
        return Difference(key, _("结果"), there if is_stored else missing, there if is_again else missing)
    stored = dict(zip(_COMPARED, values[: len(_COMPARED)], strict=True))
    again = dict(zip(_COMPARED, values[len(_COMPARED) :], strict=True))
    return Difference(key, *_first_item(scheme, stored, again))


def _first_item(scheme: EngineScheme, stored: dict[str, Any], again: dict[str, Any]) -> tuple[str, str, str]:
    """The first criterion, else column, in which two results of a producer differ; both values."""
    for name, kind, text in (("points", "<i4", _points), ("readings", "<i8", _reading)):
        one, other = (np.frombuffer(bytes(values[name]), kind) for values in (stored, again))
        if len(one) != len(other):
            return name, str(len(one)), str(len(other))
        for place in np.flatnonzero(one != other)[:1].tolist():
            label = _("得分") if name == "points" else _("读数")
            item = f"{scheme.columns[place].code} {label}"
            return item, text(int(one[place])), text(int(other[place]))
    name = next(name for name in _COMPARED if _plain(stored[name]) != _plain(again[name]))
    return name, str(stored[name]), str(again[name])


def _points(hundredths: int) -> str:
    return _("不适用") if hundredths == NOT_APPLICABLE else decimal_text(hundredths, 2)


def _reading(millionths: int) -> str:
    return _("无") if millionths == NO_READING else decimal_text(millionths, 6)


def _later(run: RatingRun, frozen: FrozenRoll) -> tuple[dict[str, int], Difference | None]:
    """Every later version, against what it rests on; the first that differs ends it."""
    counts: dict[str, int] = {}
    scheme = schemes.parsed(run.scheme)
    later = Rating.objects.filter(run=run, version__gt=1).select_related("producer")
    written = {(row.producer_id, row.written_version): row for row in run.decisions.all()}
    before: Rating | None = None
    for rating in later.order_by("producer_id", "version"):
        if before is None or (before.producer_id, before.version) != (rating.producer_id, rating.version - 1):
            before = Rating.objects.filter(
                run=run, producer_id=rating.producer_id, version=rating.version - 1
            ).first()
        if before is None:
            missing = _("第%(version)s版") % {"version": rating.version - 1}
            return counts, Difference(rating.producer.key, missing, _("无"), _("有"))
        decision = written.get((rating.producer_id, rating.version))
        if decision is not None:
            basis, expected = BY_DECISION, _by_decision(before, decision)
        else:
            seal = Seal.objects.filter(pk=rating.seal_size or run.seal_size).first()
            if seal is None:
                return counts, Difference(
                    rating.producer.key,
                    _at(rating, _("账本封存根")),
                    str(rating.seal_size),
                    _("没有这次封存"),
                )
            basis, expected = BY_REISSUE, _by_reissue(run, before, rating, seal, frozen)
        difference = _against(scheme, rating, expected)
        if difference is not None:
            return counts, difference
        counts[basis] = counts.get(basis, 0) + 1
        before = rating
    return counts, None


def _by_decision(before: Rating, decision: Decision) -> dict[str, Any]:
    """A decision turns pending into rated, or lowers or suspends the grade, and changes nothing else."""
    values = {name: getattr(before, name) for name in _COMPARED}
    if decision.ground == Decision.Ground.SUSPENDED:
        return values | {"status": Rating.Status.SUSPENDED.value, "grade": ""}
    return values | {"status": Rating.Status.RATED.value, "grade": decision.grade}


def _by_reissue(
    run: RatingRun, before: Rating, rating: Rating, seal: Seal, frozen: FrozenRoll
) -> dict[str, Any]:
    """The engine's result as of the version's own seal, under the measures that were in force then."""
    results = reissue.computed(run, rating.producer_id, seal.last_id, frozen)
    held = Decision.objects.held_at(run.pk, rating.producer_id, rating.version)
    return reissue.values_of(before, run, results, list(held))


def _against(scheme: EngineScheme, rating: Rating, expected: dict[str, Any]) -> Difference | None:
    stored = {name: getattr(rating, name) for name in _COMPARED}
    if all(_plain(stored[name]) == _plain(expected[name]) for name in _COMPARED):
        return None
    item, was, should = _first_item(scheme, stored, expected)
    return Difference(rating.producer.key, _at(rating, item), was, should)


def _at(rating: Rating, item: str) -> str:
    return _("第%(version)s版 %(item)s") % {"version": rating.version, "item": item}


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
