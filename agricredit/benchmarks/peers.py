"""The rating as most would write it: with the ORM, producer by producer or in chunks, and rules in Python.

Both take the same scheme, agree with ours on every base score of their sample (that is checked), and leave
out what costs ours time too: reversals, repairs, mergers, incidents, gates.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from statistics import median
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet, Sum

from archives.models import CreditEvent, Producer
from rating.engine.scheme import (
    LAST_ORGANISED,
    Bands,
    Comparison,
    Criterion,
    Flag,
    Lose,
    Measure,
    Measuring,
    Outcome,
    Per,
    ProducerKind,
    Rule,
    Scale,
    Scheme,
    Selection,
    Span,
    WhenNone,
)
from rating.models import Rating, RatingRun
from rating.services import schemes

CHUNK = 2000
_PEER_RUN = 2**31

Reader = Callable[[Measure], Fraction | None]


@dataclass(frozen=True)
class Peer:
    """So many producers took so many seconds."""

    producers: int
    seconds: float

    def seconds_for(self, producers: int) -> float:
        """Extrapolated, in proportion."""
        return self.seconds * producers / self.producers


def loop(run: RatingRun, sample: int) -> Peer:
    """One query a measure and producer, one INSERT a producer."""

    def rate(scheme: Scheme) -> None:
        for producer in _sampled(sample):
            reader = _one_by_one(run, producer.pk)
            _rated(scheme, producer, reader).save()

    return _timed(run, sample, rate)


def chunked(run: RatingRun, sample: int) -> Peer:
    """A few aggregates for 2,000 producers at a time, one bulk INSERT."""

    def rate(scheme: Scheme) -> None:
        everyone = list(_sampled(sample))
        for first in range(0, len(everyone), CHUNK):
            chunk = everyone[first : first + CHUNK]
            facts = _Chunk(run, [producer.pk for producer in chunk])
            Rating.objects.bulk_create(
                [_rated(scheme, producer, facts.reader(producer.pk)) for producer in chunk]
            )

    return _timed(run, sample, rate)


def _timed(run: RatingRun, sample: int, rate: Callable[[Scheme], None]) -> Peer:
    scheme = schemes.parsed(run.scheme)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE benchmark_peer PARTITION OF rating_rating FOR VALUES IN ({_PEER_RUN})"
            )
        begun = time.perf_counter()
        rate(scheme)
        seconds = time.perf_counter() - begun
        theirs = dict(Rating.objects.filter(run_id=_PEER_RUN).values_list("producer_id", "base"))
        ours = Rating.objects.filter(run_id=run.pk, producer_id__in=theirs)
        different = [pk for pk, base in ours.values_list("producer_id", "base") if theirs[pk] != base]
        transaction.set_rollback(True)
    if different:
        raise RuntimeError(f"a peer rates {len(different)} producers otherwise, {different[0]} the first")
    return Peer(sample, seconds)


def _sampled(sample: int) -> QuerySet[Producer]:
    return Producer.objects.order_by("pk")[:sample]


def _within(selection: Selection, end: date) -> Q:
    found = Q(kind__in=selection.kinds, occurred_on__lte=end)
    if selection.outcome is not None:
        found &= Q(outcome=int(selection.outcome))
    if selection.span is Span.year:
        found &= Q(occurred_on__gte=date(end.year, 1, 1))
    elif selection.span is Span.valid:
        found &= Q(valid_until__isnull=True) | Q(valid_until__gte=end)
    return found


def _one_by_one(run: RatingRun, producer_id: int) -> Reader:
    """A reader that asks the database for each measure."""

    def read(measure: Measure) -> Fraction | None:
        if measure.op is Measuring.ratio:
            return _ratio(*(read(part) for part in measure.parts))
        events = CreditEvent.objects.filter(_within(measure.selected, run.window_end), producer=producer_id)
        return _asked(measure.op, events, run.window_end)

    return read


def _asked(op: Measuring, events: QuerySet[CreditEvent], end: date) -> Fraction | None:
    if op is Measuring.share:
        decided = events.aggregate(p=Count("pk", filter=Q(outcome=1)), f=Count("pk", filter=Q(outcome=2)))
        return _share(decided["p"], decided["f"])
    if op is Measuring.count:
        return Fraction(events.count())
    if op in (Measuring.sum, Measuring.best):
        total = events.aggregate(total=(Sum if op is Measuring.sum else Max)("value"))["total"]
        return None if total is None and op is Measuring.best else Fraction(total or 0, 100)
    if op in (Measuring.mean, Measuring.median):
        values = events.exclude(value=None).values_list("value", flat=True)
        return _middle(op, [value for value in values if value is not None])
    if op is Measuring.latest:
        events = events.exclude(value=None)
    if op is Measuring.latest_outcome:
        events = events.exclude(outcome=0)
    return _read_last(op, events.order_by("-occurred_on", "-recorded_at", "-uid").first(), end)


def _read_last(op: Measuring, last: CreditEvent | None, end: date) -> Fraction | None:
    if last is None:
        return None
    if op is Measuring.age:
        return Fraction((end - last.occurred_on).days)
    return Fraction(last.value or 0, 100) if op is Measuring.latest else Fraction(last.outcome == 1)


def _share(passed: int, failed: int) -> Fraction | None:
    return Fraction(passed, passed + failed) if passed + failed else None


def _middle(op: Measuring, values: Sequence[int]) -> Fraction | None:
    if not values:
        return None
    exact = [Fraction(value, 100) for value in values]
    return median(exact) if op is Measuring.median else sum(exact, Fraction(0)) / len(exact)


def _ratio(above: Fraction | None, below: Fraction | None) -> Fraction | None:
    if not below:
        return Fraction(1) if above else None
    return (above or Fraction(0)) / below


class _Chunk:
    """Aggregates and last events of some producers, by producer."""

    def __init__(self, run: RatingRun, producer_ids: list[int]) -> None:
        self.end = run.window_end
        self.sums: dict[tuple[int, Span], dict[tuple[int, int], Any]] = defaultdict(dict)
        self.values: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.last: dict[tuple[int, int, Span, Measuring], CreditEvent] = {}
        scheme = schemes.parsed(run.scheme)
        leaves = [leaf for column in _columns(scheme) for leaf in column.measure.leaves()]
        for span in Span:
            mine = [leaf for leaf in leaves if leaf.selected.span is span]
            self._aggregate(producer_ids, span, _kinds(mine, _TALLIES))
            self._lasts(producer_ids, span, mine)
        for pk, kind, value in (
            CreditEvent.objects.filter(
                _within(_all_of(_kinds(leaves, (Measuring.median,)), Span.year), self.end),
                producer__in=producer_ids,
            )
            .exclude(value=None)
            .values_list("producer_id", "kind", "value")
        ):
            self.values[pk, kind].append(value)

    def _aggregate(self, producer_ids: list[int], span: Span, kinds: list[int]) -> None:
        rows = (
            CreditEvent.objects.filter(_within(_all_of(kinds, span), self.end), producer__in=producer_ids)
            .values("producer_id", "kind", "outcome")
            .annotate(n=Count("pk"), v=Count("value"), total=Sum("value"), most=Max("value"))
        )
        for row in rows:
            self.sums[row["producer_id"], span][row["kind"], row["outcome"]] = row

    def _lasts(self, producer_ids: list[int], span: Span, leaves: list[Measure]) -> None:
        events = CreditEvent.objects.filter(
            _within(_all_of(_kinds(leaves, _LASTS), span), self.end), producer__in=producer_ids
        ).order_by("occurred_on", "recorded_at", "uid")
        wanted = [(leaf.op, leaf.selected.kinds[0]) for leaf in leaves if leaf.op in _LASTS]
        for event in events:
            for op, kind in wanted:
                counts = {
                    Measuring.latest: event.value is not None,
                    Measuring.latest_outcome: event.outcome > 0,
                }
                if kind == event.kind and counts.get(op, True):
                    self.last[event.producer_id, kind, span, op] = event

    def reader(self, producer_id: int) -> Reader:
        """A reader of one of the producers."""

        def read(measure: Measure) -> Fraction | None:
            if measure.op is Measuring.ratio:
                return _ratio(*(read(part) for part in measure.parts))
            selection = measure.selected
            if measure.op in _LASTS:
                last = self.last.get((producer_id, selection.kinds[0], selection.span, measure.op))
                return _read_last(measure.op, last, self.end)
            if measure.op is Measuring.median:
                own = [value for kind in selection.kinds for value in self.values[producer_id, kind]]
                return _middle(measure.op, own)
            return _added(measure, self.sums[producer_id, selection.span])

        return read


_LASTS = (Measuring.latest, Measuring.latest_outcome, Measuring.age)
_TALLIES = (Measuring.count, Measuring.sum, Measuring.share, Measuring.mean, Measuring.best)


def _added(measure: Measure, sums: dict[tuple[int, int], Any]) -> Fraction | None:
    selection = measure.selected
    outcomes = tuple(Outcome) if selection.outcome is None else (selection.outcome,)
    rows = [sums[key] for kind in selection.kinds for o in outcomes if (key := (kind, int(o))) in sums]
    if measure.op is Measuring.share:
        by_outcome = {o: sum(row["n"] for row in rows if row["outcome"] == o) for o in (1, 2)}
        return _share(by_outcome[1], by_outcome[2])
    if measure.op is Measuring.count:
        return Fraction(sum(row["n"] for row in rows))
    if measure.op is Measuring.best:
        most = [row["most"] for row in rows if row["most"] is not None]
        return Fraction(max(most), 100) if most else None
    total = Fraction(sum(row["total"] or 0 for row in rows), 100)
    if measure.op is Measuring.sum:
        return total
    number = sum(row["v"] for row in rows)
    return total / number if number else None


def _kinds(leaves: Sequence[Measure], ops: tuple[Measuring, ...]) -> list[int]:
    return sorted({kind for leaf in leaves if leaf.op in ops for kind in leaf.selected.kinds})


def _all_of(kinds: list[int], span: Span) -> Selection:
    return Selection(tuple(kinds), (), None, span)


def _columns(scheme: Scheme) -> list[Criterion]:
    return [*scheme.criteria, *scheme.bonus]


def _rated(scheme: Scheme, producer: Producer, read: Reader) -> Rating:
    organised = ProducerKind[producer.kind] <= LAST_ORGANISED
    paused = scheme.pause is not None and (read(scheme.pause.measure) or 0) * 100 >= scheme.pause.threshold
    got = able = 0
    breakdown: list[str] = []
    for number, column in enumerate(_columns(scheme)):
        points = _points(column, read, organised=organised, excused=paused or not organised)
        breakdown.append("" if points is None else str(points))
        if points is not None and number < len(scheme.criteria):
            got, able = got + points, able + column.points
    base = (20000 * got + able) // (2 * able) if able else 0
    return Rating(
        run_id=_PEER_RUN,
        producer=producer,
        kind=1,
        nature=1,
        region_id=producer.region_id,
        registered_on=producer.registered_on,
        base=base,
        bonus=0,
        deductions=0,
        score=base,
        able=able,
        grade=next(grade.code for grade in scheme.grades if base >= grade.cut),
        status=Rating.Status.RATED,
        points=",".join(breakdown).encode(),
        readings=b"",
    )


def _points(column: Criterion, read: Reader, *, organised: bool, excused: bool) -> int | None:
    if column.organised_only and not organised:
        return None
    reading = read(column.measure)
    if reading is not None:
        return _rule(column.rule, reading)
    if column.when_none is WhenNone.skip or (column.when_none is WhenNone.duty and excused):
        return None
    return column.points if column.when_none is WhenNone.full else 0


def _rule(rule: Rule, reading: Fraction) -> int:
    if isinstance(rule, Scale):
        low = rule.zero_below is not None and reading * 100 < rule.zero_below
        return 0 if low else _half_up(rule.points * min(reading, Fraction(1)))
    if isinstance(rule, Flag):
        return rule.points if reading >= 1 else 0
    if isinstance(rule, Lose):
        return max(0, rule.points - rule.each * int(reading))
    if isinstance(rule, Per):
        points = _half_up(rule.each * reading)
        return points if rule.cap is None else min(points, rule.cap)
    return _band(rule, reading * 100)


def _band(rule: Bands, cents: Fraction) -> int:
    for band in rule.bands:
        if band.comparison is Comparison.at_least and cents >= band.threshold:
            return band.points
        if band.comparison is Comparison.above and cents > band.threshold:
            return band.points
        if band.comparison is Comparison.at_most and cents <= band.threshold:
            return band.points
    return rule.otherwise


def _half_up(number: Fraction) -> int:
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)
