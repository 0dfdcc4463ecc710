"""Why a producer has its grade: the engine's explanation over the very events that its run read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from archives.models import CreditEvent, Producer, Seal
from rating.engine import explain as engine
from rating.engine.columns import NO_END, NO_SCORE, NO_VALUE, Int32s, Roll, Window, day_number
from rating.engine.lines import Line
from rating.engine.scheme import LAST_ORGANISED, Outcome
from rating.engine.scheme import Scheme as EngineScheme
from rating.models import Rating, RatingRun, Scheme
from rating.services import rolls, schemes

#: Runs without results, or whose results are gone.
WITHOUT = (RatingRun.State.COMPUTING, RatingRun.State.FAILED, RatingRun.State.CANCELLED)


@dataclass(frozen=True)
class ProducerExplanation:
    """An explanation with what it is about; ``rating`` is None for a live estimate."""

    producer: Producer
    scheme: EngineScheme
    window: Window
    explanation: engine.Explanation
    rating: Rating | None = None
    organised: bool = False
    last_score: int | None = None


def explain(producer: Producer, year: int, scheme: str = "") -> ProducerExplanation:
    """Explain the producer's result of a year (by a scheme), the one in effect if there is one.

    ValidationError when the producer has no result of that year.
    """
    results = Rating.objects.filter(run__scheme__code=scheme) if scheme else None
    rating = latest_rating(producer, year, results)
    if rating is None:
        raise ValidationError(
            _("%(producer)s没有%(year)s年度的评价结果。") % {"producer": producer, "year": year},
            code="no_result",
        )
    return explain_rating(rating)


def latest_rating(producer: Producer, year: int, results: QuerySet[Rating] | None = None) -> Rating | None:
    """The newest version of a year's result: of the run in effect, else of the newest that has results.

    Of several runs alike the one by the scheme that the producer's region rates by comes first. ``results``
    narrows it to what the asker may see; a merged producer's is that of the end of its chain.
    """
    rows, rated = Rating.objects.all() if results is None else results, producer.resolved
    own = schemes.scheme_for(rated.region_id, date(year, 12, 31))
    found = (
        rows.filter(producer_id=rated.pk, run__year=year)
        .exclude(run__state__in=WITHOUT)
        .annotate(
            rank=Case(
                When(run__state=RatingRun.State.EFFECTIVE, then=Value(0)),
                When(run__state=RatingRun.State.SUPERSEDED, then=Value(1)),
                When(run__trial=True, then=Value(3)),
                default=Value(2),
                output_field=IntegerField(),
            ),
            foreign=Case(
                When(run__scheme__code=own.code if own else "", then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            ),
        )
        .select_related("run__scheme", "producer")
    )
    return found.order_by("rank", "foreign", "-run_id", "-version").first()


def explain_rating(rating: Rating) -> ProducerExplanation:
    """Explain one result from the frozen roll and the ledger as of its seal: the run's, or its own.

    ValidationError when the frozen roll is gone from the private store or is not the one that was frozen.
    """
    return replace(facts_of(rating).explained(), rating=rating)


def facts_of(rating: Rating) -> Facts:
    """What one result was computed from: the frozen roll and the ledger as of its seal."""
    run = rating.run
    window = Window.year(run.year)
    scheme = schemes.parsed(run.scheme)
    aliases = _frozen(run).part(rating.producer_id, rating.producer_id).aliases.tolist()
    roll = _roll_of_one(
        rating.producer_id, rating.kind, rating.nature, rating.registered_on, rating.last_score
    )
    seal = Seal.objects.get(pk=rating.seal_size or run.seal_size)
    lines = lines_of([rating.producer_id, *aliases], window, seal)
    return Facts(rating.producer, scheme, window, roll, lines)


def _frozen(run: RatingRun) -> rolls.FrozenRoll:
    try:
        return rolls.read(run)
    except (rolls.RollChanged, FileNotFoundError):
        raise ValidationError(
            _(
                "%(run)s评价的冻结名册文件缺失或已改变，无法展示计算过程；等级和得分不受影响。请系统管理员从备份恢复文件。"
            )
            % {"run": run},
            code="roll",
        ) from None


@dataclass(frozen=True)
class Facts:
    """What a result is made of: the scheme, the window, one producer's roll row and counting lines."""

    producer: Producer
    scheme: EngineScheme
    window: Window
    roll: Roll
    lines: list[Line]

    def explained(self) -> ProducerExplanation:
        """The estimate with its reasons."""
        found = engine.explain(self.scheme, self.lines, self.roll, self.window)
        last = int(self.roll.last_score[0])
        return ProducerExplanation(
            self.producer,
            self.scheme,
            self.window,
            found,
            organised=int(self.roll.kind[0]) <= int(LAST_ORGANISED),
            last_score=None if last == NO_SCORE else last,
        )


def explain_live(producer: Producer, day: date | None = None) -> ProducerExplanation:
    """Explain today's live estimate. ValidationError when the producer is not rated where it is."""
    return live_facts(producer, day).explained()


def live_facts(producer: Producer, day: date | None = None, scheme: Scheme | None = None) -> Facts:
    """What today's estimate reads, by the scheme of the producer's region or another one (for comparison).

    ValidationError when the producer is not rated where it is.
    """
    day = day or today()
    row = scheme or schemes.scheme_for(producer.region_id, day)
    frozen = None
    if row is not None:
        frozen = rolls.frozen_of(producer_ids=[producer.pk], scheme_code=row.code, year=day.year, day=day)
    if row is None or frozen is None or not len(frozen.roll):
        raise ValidationError(
            _("%(producer)s目前不参加评价。") % {"producer": producer}, code="not_rated_here"
        )
    window = Window.rolling(day)
    lines = lines_of([producer.pk, *frozen.aliases.tolist()], window)
    return Facts(producer, schemes.parsed(row), window, frozen.roll, lines)


def lines_of(producer_ids: Iterable[int], window: Window, seal: Seal | None = None) -> list[Line]:
    """The producers' events that count as of the seal (None: now) and happened by the window's end."""
    ids = list(producer_ids)
    events = CreditEvent.objects.counting(seal, of=ids).filter(occurred_on__lte=window.last_day)
    return [_line(event) for event in events.order_by("pk")]


def _line(event: CreditEvent) -> Line:
    return Line(
        event=event.pk,
        uid=event.uid,
        kind=event.kind,
        outcome=Outcome(event.outcome),
        value=NO_VALUE if event.value is None else event.value,
        occurred=day_number(event.occurred_on),
        recorded=_microseconds(event),
        valid_until=NO_END if event.valid_until is None else day_number(event.valid_until),
        incident=event.incident,
    )


def _microseconds(event: CreditEvent) -> int:
    moment = event.recorded_at
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def no_last_score() -> Int32s:
    """The last year's score of one producer that has none."""
    return np.array([NO_SCORE], np.int32)


def _roll_of_one(
    producer_id: int, kind: int, nature: int, registered_on: date, last_score: int | None
) -> Roll:
    return Roll(
        np.array([producer_id], np.int64),
        np.array([kind], np.int8),
        np.array([nature], np.int8),
        np.array([day_number(registered_on)], np.int32),
        np.array([NO_SCORE if last_score is None else last_score], np.int32),
    )
