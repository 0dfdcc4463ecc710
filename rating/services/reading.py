"""The one place that reads the ledger for rating: rows by binary COPY into the engine's columns.

Few bytes move: an event arrives as one packed integer (`engine.columns`), its day only where days are
measured, its incident only where incidents are. Which rows are read follows from the scheme (`engine.needs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from archives.ledger.excluded import excluded_event_ids_sql
from archives.ledger.kinds import OPEN_NUMBERS
from rating.engine.columns import (
    BIAS,
    KIND_SHIFT,
    MOST_PRODUCERS,
    NO_END,
    NO_VALUE,
    OUTCOME_SHIFT,
    ROLL_SHIFT,
    SPAN_SHIFT,
    VALUE_MASK,
    WIDE,
    Bools,
    Dated,
    Events,
    Incidents,
    Int64s,
    Tie,
    TieWinner,
    Window,
)
from rating.engine.days import TieBreak
from rating.engine.lines import Line
from rating.engine.needs import Needs, Wanted, needs_of
from rating.engine.scheme import Outcome, Scheme, Span
from rating.services.rolls import FrozenRoll
from rating.services.transport import fetch

#: So many producers are found one by one through the index; more are read by a scan of the period.
FEW = 5000
_DAYS_TO_2000 = 10957  # PostgreSQL counts days from 2000-01-01, the engine from 1970-01-01
_WHOLE_LEDGER = 2**63 - 1
_LINE = (
    "e.producer_id, e.id, e.uid, e.kind, e.outcome, e.value, e.occurred_on - DATE '1970-01-01',"
    " (extract(epoch FROM e.recorded_at) * 1000000)::bigint, e.valid_until - DATE '1970-01-01', e.incident"
)
_REST = (1 << ROLL_SHIFT) - 1
_KIND = 0xFF

Kinds = dict[int, frozenset[Outcome]]


def read(
    scheme: Scheme, frozen: FrozenRoll, window: Window, *, last_id: int | None = None
) -> tuple[Events, TieBreak]:
    """What the scheme needs of these producers' events, as of `last_id` (None: the whole ledger).

    Reversed and repaired events are left out; those of merged producers count at their chain's end. Reads in
    the caller's transaction. The second result settles ties among latest events, by a query of its own.
    """
    reader = _Reader(frozen, window, _WHOLE_LEDGER if last_id is None else last_id)
    return reader.events(needs_of(scheme)), reader.winners


def lines(frozen: FrozenRoll, window: Window, *, last_id: int | None = None) -> dict[int, list[Line]]:
    """Every counting event up to the window's end of (few) producers, by producer after merging.

    For explanations; `engine.lines.gather` makes columns of them.
    """
    return _Reader(frozen, window, _WHOLE_LEDGER if last_id is None else last_id).lines()


class _Reader:
    """One reading of the ledger for one roll and window."""

    def __init__(self, frozen: FrozenRoll, window: Window, last_id: int) -> None:
        self.window = window
        self.last_id = last_id
        rated = frozen.roll.producer
        order = np.argsort(np.concatenate((rated, frozen.aliases)), kind="stable")
        self.owners: Int64s = np.concatenate((rated, frozen.aliases))[order]
        own = np.searchsorted(rated, np.concatenate((rated, frozen.roots)))
        self.positions: Int64s = own[order]
        self.rated = rated
        self.few = len(self.owners) <= FEW

    @cached_property
    def _counting(self) -> str:
        """SQL: the event came by the seal and was neither taken back nor repaired."""
        among = self.owners.tolist() if self.few else None
        [excluded] = fetch(excluded_event_ids_sql(self.last_id, among), [8])
        came = f"e.id <= {self.last_id}"
        return f"{came} AND e.id <> ALL({_array(excluded.tolist())})" if len(excluded) else came

    @cached_property
    def _offsets(self) -> NDArray[np.int32] | None:
        """Positions by distance from the first id, where ids stand close enough to be read as a range."""
        width = int(self.owners[-1] - self.owners[0]) + 1
        if self.few or width > MOST_PRODUCERS or width > 16 * len(self.owners):
            return None
        table = np.full(width, -1, np.int32)
        table[self.owners - self.owners[0]] = self.positions
        return table

    @cached_property
    def _theirs(self) -> str:
        """SQL: the event is of one of these producers."""
        if self._offsets is None:
            return f"e.producer_id = ANY({_array(self.owners.tolist())})"
        return f"e.producer_id BETWEEN {self.owners[0]} AND {self.owners[-1]}"

    @cached_property
    def _wide(self) -> Int64s:
        """Every value too large for a packed event, in order. Asked only when one has been met."""
        [values] = fetch(
            f"SELECT DISTINCT e.value FROM archives_creditevent e WHERE e.value >= {WIDE - BIAS}"  # noqa: S608 - a whole number of this module
            f" AND e.id <= {self.last_id}",
            [8],
        )
        return np.sort(values)

    def events(self, needs: Needs) -> Events:
        """The engine's columns of everything that is needed."""
        if not len(self.owners):
            return Events()
        plain: list[Int64s] = []
        dated: list[tuple[Int64s, Int64s]] = []
        for span in Span:
            tally, days = _of(needs.tally, span), _of(needs.dated, span)
            # The year's rows are many: their days are asked for only where they matter.
            alone = tally.keys() - days.keys() if span is Span.year else set()
            with_day = _joined(days, {kind: tally[kind] for kind in tally.keys() - alone})
            [packed] = self._rows(span, {kind: tally[kind] for kind in alone})
            plain.append(packed)
            packed, day = self._rows(span, with_day, ("e.occurred_on", 4))
            plain.append(packed[_of_kinds(packed, tally)])
            kept = _of_kinds(packed, days)
            dated.append((packed[kept], day[kept] + _DAYS_TO_2000))
        return Events(
            plain=np.concatenate(plain),
            dated=Dated(*(np.concatenate(column) for column in zip(*dated, strict=True))),
            incidents=self._incidents(needs),
            wide=self._wide if "_wide" in self.__dict__ else np.empty(0, np.int64),
        )

    def _incidents(self, needs: Needs) -> Incidents:
        # 0 stands for "none"; a hash that happens to be 0 becomes 1.
        own = "coalesce(nullif(hashtextextended(e.incident, 0), 0), 1)"
        hashed = f"CASE WHEN e.incident = '' THEN 0 ELSE {own} END"
        parts = [self._rows(span, _of(needs.incidents, span), (hashed, 8), ("e.id", 8)) for span in Span]
        return Incidents(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _rows(self, span: Span, kinds: Kinds, *extras: tuple[str, int]) -> list[Int64s]:
        """Packed events of some kinds in a window, and further columns (SQL, bytes) of theirs."""
        if not kinds:
            return [np.empty(0, np.int64) for _ in range(1 + len(extras))]
        columns = self._fetched(self._condition(span, kinds), extras)
        if (columns[0] & VALUE_MASK == WIDE).any():
            columns = self._with_wide(columns, self._condition(span, kinds), extras)
        columns[0] |= int(span) << SPAN_SHIFT
        return columns

    def _condition(self, span: Span, kinds: Kinds) -> str:
        parts = [
            self._theirs,
            self._counting,
            f"e.occurred_on <= '{self.window.last_day}'",
            _kinds_sql(kinds),
        ]
        if span is Span.year:
            parts.append(f"e.occurred_on >= '{self.window.first_day}'")
        if span is Span.valid:
            parts.append(f"(e.valid_until IS NULL OR e.valid_until >= '{self.window.last_day}')")
        if all(kind in OPEN_NUMBERS for kind in kinds):  # so that the partial index can serve
            parts.append(f"e.kind >= {OPEN_NUMBERS.start} AND e.kind < {OPEN_NUMBERS.stop}")
        return " AND ".join(parts)

    def _fetched(self, condition: str, extras: Sequence[tuple[str, int]]) -> list[Int64s]:
        """Packed events without their window, by position in the roll."""
        rest = (
            f"(e.kind::bigint << {KIND_SHIFT}) | (e.outcome::bigint << {OUTCOME_SHIFT})"
            f" | least(coalesce(e.value + {BIAS}, 0), {WIDE})"
        )
        more, widths = [sql for sql, _ in extras], [width for _, width in extras]
        if self._offsets is None:
            sql = ", ".join(["e.producer_id", rest, *more])
            producer, packed, *others = fetch(_select(sql, condition), [8, 8, *widths])
            position = self.positions[np.searchsorted(self.owners, producer)]
            return [packed | position << ROLL_SHIFT, *others]
        sql = ", ".join([f"((e.producer_id - {self.owners[0]}) << {ROLL_SHIFT}) | {rest}", *more])
        packed, *others = fetch(_select(sql, condition), [8, *widths])
        found = self._offsets[packed >> ROLL_SHIFT]
        packed = packed & _REST | found.astype(np.int64) << ROLL_SHIFT
        if (found < 0).any():  # ids of producers that are not on the roll
            kept = found >= 0
            return [column[kept] for column in (packed, *others)]
        return [packed, *others]

    def _with_wide(
        self, columns: list[Int64s], condition: str, extras: Sequence[tuple[str, int]]
    ) -> list[Int64s]:
        """The same rows, those of large values read once more and given their true codes."""
        kept = columns[0] & VALUE_MASK != WIDE
        again = self._fetched(f"{condition} AND e.value >= {WIDE - BIAS}", [*extras, ("e.value", 8)])
        code = np.searchsorted(self._wide, again.pop())
        again[0] = again[0] + code
        return [np.concatenate((old[kept], new)) for old, new in zip(columns, again, strict=True)]

    def lines(self) -> dict[int, list[Line]]:
        """Events one by one, with what tells them apart."""
        owner = dict(zip(self.owners.tolist(), self.rated[self.positions].tolist(), strict=True))
        found: dict[int, list[Line]] = {}
        with connection.cursor() as cursor:
            counting = f"{self._theirs} AND {self._counting} AND e.occurred_on <= '{self.window.last_day}'"
            cursor.execute(_select(_LINE, counting))
            for producer, event, uid, kind, outcome, value, day, recorded, until, incident in cursor:
                line = Line(
                    event=event,
                    uid=uid,
                    kind=kind,
                    outcome=Outcome(outcome),
                    value=NO_VALUE if value is None else value,
                    occurred=day,
                    recorded=recorded,
                    valid_until=NO_END if until is None else until,
                    incident=incident,
                )
                found.setdefault(owner[producer], []).append(line)
        return found

    def winners(self, ties: Sequence[Tie]) -> list[TieWinner]:
        """The last of each set of tied events by (recorded_at, uid)."""
        numbers, producers, kinds, days, by_value, valid = self._tied(ties)
        statement = f"""
            SELECT DISTINCT ON (t.number) t.outcome, t.value FROM (
                SELECT tie.number, e.outcome, e.value, e.recorded_at, e.uid
                FROM unnest(%s::int[], %s::bigint[], %s::smallint[], %s::date[], %s::boolean[], %s::boolean[])
                     AS tie(number, producer, kind, day, by_value, valid)
                JOIN archives_creditevent e ON e.producer_id = tie.producer AND e.kind = tie.kind
                     AND e.occurred_on = tie.day
                WHERE {self._counting}
                  AND CASE WHEN tie.by_value THEN e.value IS NOT NULL ELSE e.outcome > 0 END
                  AND (NOT tie.valid OR e.valid_until IS NULL OR e.valid_until >= %s)
            ) t ORDER BY t.number, t.recorded_at DESC, t.uid COLLATE "C" DESC
        """  # noqa: S608 - whole numbers only
        with connection.cursor() as cursor:
            parameters = [numbers, producers, kinds, days, by_value, valid, self.window.last_day]
            cursor.execute(statement, parameters)
            found = cursor.fetchall()
        return [TieWinner(Outcome(outcome), NO_VALUE if value is None else value) for outcome, value in found]

    def _tied(self, ties: Sequence[Tie]) -> list[Any]:
        """Columns of the ties, one row for each producer whose events count for the tied one."""
        by_position = np.argsort(self.positions, kind="stable")
        own = np.searchsorted(self.rated, [tie.producer for tie in ties])
        first, last = (
            np.searchsorted(self.positions, own, side, sorter=by_position) for side in ("left", "right")
        )
        rows = [
            (number, owner, tie.kind, _day(tie.occurred), tie.needs_value, tie.span is Span.valid)
            for number, tie in enumerate(ties)
            for owner in self.owners[by_position[first[number] : last[number]]].tolist()
        ]
        return [list(column) for column in zip(*rows, strict=True)]


def _day(number: int) -> str:
    return str(np.datetime64(number, "D"))


def _of(wanted: Wanted, span: Span) -> Kinds:
    return {kind: outcomes for (where, kind), outcomes in wanted.items() if where is span}


def _joined(one: Kinds, other: Kinds) -> Kinds:
    return {
        kind: one.get(kind, frozenset()) | other.get(kind, frozenset()) for kind in one.keys() | other.keys()
    }


def _of_kinds(packed: Int64s, kinds: Iterable[int]) -> Bools:
    chosen = np.zeros(_KIND + 1, np.bool_)
    chosen[list(kinds)] = True
    found: Bools = chosen[packed >> KIND_SHIFT & _KIND]
    return found


def _kinds_sql(kinds: Kinds) -> str:
    """SQL: the event is of one of these kinds, and of the one outcome where only one is wanted."""
    alone: dict[Outcome | None, list[int]] = {}
    for kind, outcomes in sorted(kinds.items()):
        [outcome] = outcomes if len(outcomes) == 1 else [None]
        alone.setdefault(outcome, []).append(kind)
    parts = []
    for outcome, numbers in alone.items():
        part = f"e.kind = ANY('{{{','.join(map(str, numbers))}}}'::smallint[])"
        parts.append(part if outcome is None else f"({part} AND e.outcome = {int(outcome)})")
    return f"({' OR '.join(parts)})"


def _select(columns: str, condition: str) -> str:
    return f"SELECT {columns} FROM archives_creditevent e WHERE {condition}"  # noqa: S608 - whole numbers, days


def _array(numbers: Iterable[int]) -> str:
    return f"'{{{','.join(map(str, numbers))}}}'::bigint[]"
