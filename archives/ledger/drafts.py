"""What a writer hands to the ledger, and all that can be wrong with it before the database is asked."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from archives.ledger.kinds import KINDS, PAUSE, REPAIR, VALUE_LIMIT, EventKind
from archives.ledger.outcomes import OUTCOMES

# Control characters would tear the leaf's bytes or a CSV line apart; lone surrogates are no text at all.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")
TEXT_LENGTH = 200
NOTE_LENGTH = 10_000
FUTURE = timedelta(days=731)
"""How far ahead a date may lie: decisions are posted before they take effect, but a century off is a slip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """One event as its writer knows it; the columns are those of ``events.csv``.

    ``value`` in hundredths. ``recorded_at`` defaults to the moment of posting, ``region`` to the producer's
    region at that moment. ``reverses`` and ``repairs`` are uids. ``facts`` are for display only: kept
    beside the note, erased with it and no part of the event's content.
    """

    uid: str
    producer_id: int
    kind: str
    outcome: str = "none"
    value: int | None = None
    occurred_on: date
    valid_until: date | None = None
    recorded_at: datetime | None = None
    region: str = ""
    source: str = ""
    incident: str = ""
    note: str = ""
    reverses: str = ""
    repairs: str = ""
    facts: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class EventFault:
    """What is wrong with one draft: its position in what was handed over (from 0), the column, a sentence."""

    index: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"[{self.index}] {self.column}: {self.message}"


class LedgerRefusal(Exception):
    """Nothing was posted; ``faults`` holds every fault of every draft, in order."""

    def __init__(self, faults: list[EventFault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.index)
        super().__init__("\n".join(map(str, self.faults)))


def hundredths(value: int | None) -> str:
    """A value as it is written: two decimals, empty when there is none."""
    if value is None:
        return ""
    units, rest = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}{units}.{rest:02d}"


def days_of_year(year: int) -> int:
    """How many days the calendar year has."""
    return 366 if isleap(year) else 365


def faults_of(draft: EventDraft, index: int, now: datetime) -> list[EventFault]:
    """Every fault that the draft shows by itself; ``now`` is the moment of posting (aware)."""
    return [EventFault(index, column, message) for column, message in _faults(draft, now)]


def _faults(draft: EventDraft, now: datetime) -> Iterator[tuple[str, str]]:
    yield from _text_faults(draft)
    kind = KINDS.get(draft.kind)
    if kind is None:
        yield "kind", _("没有“%(kind)s”这种信用信息。") % {"kind": draft.kind}
    else:
        yield from _content_faults(draft, kind)
        yield from _reference_faults(draft, kind)
    yield from _time_faults(draft, now)


def _text_faults(draft: EventDraft) -> Iterator[tuple[str, str]]:
    if not draft.uid:
        yield "uid", _("信息编号不能为空。")
    for column in ("uid", "source", "incident"):
        text = getattr(draft, column)
        if len(text) > TEXT_LENGTH:
            yield column, _("超过 %(limit)d 个字符。") % {"limit": TEXT_LENGTH}
        if _CONTROLS.search(text):
            yield column, _("含有不可见的控制字符。")
    if len(draft.note) > NOTE_LENGTH:
        yield "note", _("超过 %(limit)d 个字符。") % {"limit": NOTE_LENGTH}
    if _UNKEEPABLE.search(draft.note):
        yield "note", _("含有不能保存的字符。")


def _content_faults(draft: EventDraft, kind: EventKind) -> Iterator[tuple[str, str]]:
    label = {"label": kind.label}
    if draft.outcome not in OUTCOMES:
        yield (
            "outcome",
            _("结果只能是 pass、fail 或 none，不能是“%(outcome)s”。") % {"outcome": draft.outcome},
        )
    elif kind.needs_outcome and draft.outcome == "none":
        yield "outcome", _("“%(label)s”必须写明结果（pass 或 fail）。") % label
    if draft.value is None:
        if kind.needs_value:
            yield "value", _("“%(label)s”必须填写数值。") % label
    elif draft.value < kind.minimum:
        least = {"least": hundredths(kind.minimum), "value": hundredths(draft.value)}
        yield "value", _("数值不能小于 %(least)s，给出的是 %(value)s。") % least
    elif draft.value > VALUE_LIMIT:
        yield "value", _("数值不能大于 %(most)s。") % {"most": hundredths(VALUE_LIMIT)}
    elif kind is PAUSE and draft.value > 100 * (days := days_of_year(draft.occurred_on.year)):
        yield "value", _("停产天数不能超过当年的 %(days)d 天。") % {"days": days}


def _reference_faults(draft: EventDraft, kind: EventKind) -> Iterator[tuple[str, str]]:
    if draft.reverses and draft.repairs:
        yield "repairs", _("冲销信息不能同时修复另一条信息。")
    elif draft.repairs and kind is not REPAIR:
        yield "repairs", _("只有“%(label)s”可以写明所修复的信息。") % {"label": REPAIR.label}
    elif kind is REPAIR and not draft.repairs and not draft.reverses:
        yield "repairs", _("“%(label)s”必须写明所修复的信息。") % {"label": REPAIR.label}
    if draft.reverses and draft.valid_until is not None:
        yield "valid_until", _("冲销信息没有有效期。")
    for column in ("reverses", "repairs"):
        if draft.uid and getattr(draft, column) == draft.uid:
            yield column, _("一条信息不能指向自己。")


def _time_faults(draft: EventDraft, now: datetime) -> Iterator[tuple[str, str]]:
    if draft.occurred_on > (now + FUTURE).date():
        yield "occurred_on", _("发生日期 %(day)s 在太远的将来。") % {"day": draft.occurred_on}
    if draft.valid_until is not None and draft.valid_until < draft.occurred_on:
        yield "valid_until", _("有效期至 %(day)s，早于发生日期。") % {"day": draft.valid_until}
    if draft.recorded_at is not None:
        if draft.recorded_at.tzinfo is None:
            yield "recorded_at", _("记录时间必须写明时区。")
        elif draft.recorded_at > now + FUTURE:
            yield "recorded_at", _("记录时间 %(moment)s 在太远的将来。") % {"moment": draft.recorded_at}
