"""What makes a record worth an officer's look at its entry: each flag with what was seen, in one set.

A noun adds its own through ``Noun.flags``. A flagged record counts like any other; it is only put up for
verification (``RecordReview``).
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.models import Doubt, EntryWay, Record, RecordReview, RecordStatus, ReviewFlag, ReviewState
from archives.services.records.context import Context

LATE_DAYS = 7
"""Entered more than so many days after the act: worth a look (the rating's own bands go to 3, 7 and 15)."""
BURST = 20
"""More entries of one noun by one producer in a day than a person keeps up with while working."""
OF_QUANTITY = {Doubt.OVER_BOUGHT, Doubt.OVER_HARVEST, Doubt.OVER_YIELD}
CORRECTED_WITHIN = datetime.timedelta(days=30)
WATCHED = datetime.timedelta(days=90)
"""Loads of older records put nothing up: nobody can verify them on the spot any more."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to look at in one row, with a sentence for the officer."""

    row: Any
    code: str
    note: str = ""


Flags = Callable[[list[Any], Context], Iterator[Flag]]


def unflagged(rows: list[Any], context: Context) -> Iterator[Flag]:
    """The nouns that have nothing of their own to look at."""
    return iter(())


def put_up(noun: str, rows: list[Any], own: Flags, context: Context) -> int:
    """Put the flagged ones of rows just entered up for verification; return how many there are."""
    watched = [row for row in rows if row.entered_at >= context.now - WATCHED]
    if not watched:
        return 0
    found: dict[Any, dict[str, str]] = defaultdict(dict)
    for flag in (
        *_late(watched),
        *_beside(watched, context),
        *_burst(watched, context),
        *_doubtful(watched),
        *own(watched, context),
    ):
        found[flag.row].setdefault(str(flag.code), flag.note)
    reviews = [_review(noun, row, notes, context.now) for row, notes in found.items()]
    RecordReview.objects.bulk_create(reviews, batch_size=2000, ignore_conflicts=True)
    return len(reviews)


def close(row: Record) -> None:
    """A reversed record needs no verification any more; who reversed it and why is said beside it."""
    waiting = RecordReview.objects.filter(uid=row.uid, producer_id=row.producer_id)
    waiting.exclude(state=ReviewState.REVERSED).update(
        state=ReviewState.REVERSED,
        reason=row.reverse_reason,
        decided_by=row.reversed_by,
        decided_at=row.reversed_at,
        act=None,
    )


def _review(noun: str, row: Any, notes: dict[str, str], now: datetime.datetime) -> RecordReview:
    return RecordReview(
        noun=noun, uid=row.uid, producer_id=row.producer_id, occurred_on=row.occurred_on,
        entered_at=row.entered_at, recorded_by_id=row.recorded_by_id, flags=sorted(notes), notes=notes,
        put_up_at=now,
    )  # fmt: skip


def _late(rows: list[Any]) -> Iterator[Flag]:
    for row in rows:
        days = (clock.shanghai_date(row.entered_at) - row.occurred_on).days
        if days > LATE_DAYS:
            yield Flag(row, ReviewFlag.LATE, _("发生后%(days)d天才录入") % {"days": days})


def _doubtful(rows: list[Any]) -> Iterator[Flag]:
    """Figures and intervals that did not fit, taken with the reason given."""
    for row in rows:
        for doubt in row.doubts:
            note = str(Doubt(doubt).label)
            if row.reason:
                note = _("%(what)s；说明：%(reason)s") % {"what": note, "reason": row.reason}
            yield Flag(row, ReviewFlag.QUANTITY if doubt in OF_QUANTITY else ReviewFlag.UNUSUAL, note)


def _beside(rows: list[Any], context: Context) -> Iterator[Flag]:
    """The same content on the same day again, and entries that follow a reversal of the same day."""
    ours = {row.uid for row in rows}
    days = [row.occurred_on for row in rows]
    others = (
        type(rows[0])
        .objects.filter(producer_id__in={row.producer_id for row in rows})
        .filter(occurred_on__range=(min(days), max(days)))
        .values_list("uid", "producer_id", "occurred_on", "fingerprint", "status", "reversed_at")
    )
    same: Counter[tuple[int, bytes]] = Counter((row.producer_id, bytes(row.fingerprint)) for row in rows)
    corrected: set[tuple[int, datetime.date]] = set()
    for uid, producer, day, fingerprint, status, reversed_at in others.iterator():
        if uid in ours:
            continue
        if status == RecordStatus.ACTIVE:
            same[(producer, bytes(fingerprint))] += 1
        elif reversed_at >= context.now - CORRECTED_WITHIN:
            corrected.add((producer, day))
    for row in rows:
        if same[(row.producer_id, bytes(row.fingerprint))] > 1:
            yield Flag(row, ReviewFlag.DUPLICATE, _("同一天有内容完全相同的另一条记录"))
        if (row.producer_id, row.occurred_on) in corrected:
            yield Flag(row, ReviewFlag.CORRECTION, _("同一天的同类记录撤销后重新录入"))


def _burst(rows: list[Any], context: Context) -> Iterator[Flag]:
    """By hand, more in one day than anybody does; those counted are the day's so far, these included."""
    typed = [
        row
        for row in rows
        if row.entry == EntryWay.FORM and clock.shanghai_date(row.entered_at) == context.today
    ]
    if not typed:
        return
    midnight = datetime.datetime.combine(context.today, datetime.time.min, clock.SHANGHAI)
    today = (
        type(rows[0])
        .objects.filter(producer_id__in={row.producer_id for row in typed}, entry=EntryWay.FORM)
        .filter(entered_at__gte=midnight)
        .values_list("producer_id", flat=True)
    )
    counts = Counter(today)
    for row in typed:
        if counts[row.producer_id] > BURST:
            yield Flag(
                row, ReviewFlag.BURST, _("当天录入同类记录%(count)d条") % {"count": counts[row.producer_id]}
            )
