"""What can be reported to other platforms: nouns with the objects that are new or changed since a point.

The floors above add their own with :func:`offer`. Personal numbers never go out: their columns are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from agricredit.foundation.common.exporting import AT_ONCE
from archives.models import Producer
from archives.services.sheets import SHEETS, out_sheet

Values = Mapping[str, str]


@dataclass(frozen=True)
class Item:
    """One object: its number here, whose it is (a producer's key, "" for producers), its values."""

    ours: str
    producer: str
    values: Values


@dataclass(frozen=True)
class Outgoing:
    """One noun. ``since(cursor, region, retry)`` yields pages of items with the cursor behind them.

    ``retry`` are numbers of objects that the platform refused before; they come first, with the cursor as it
    was.
    """

    name: str
    fields: Sequence[str]
    since: Callable[[str, str, Sequence[str]], Iterator[tuple[list[Item], str]]]


OUTGOING: dict[str, Outgoing] = {}


def offer(noun: Outgoing) -> None:
    """Make a noun known."""
    OUTGOING[noun.name] = noun


def _cursor_of(row: Any, moment: str) -> str:
    return f"{getattr(row, moment).isoformat()}|{row.pk}"


def _after(cursor: str, moment: str) -> Q:
    if not cursor:
        return Q()
    when, _bar, pk = cursor.rpartition("|")
    return Q(**{f"{moment}__gt": when}) | Q(**{moment: when, "pk__gt": int(pk)})


def paged(
    queryset: Any, *, cursor: str, moment: str, items: Callable[[list[Any]], list[Item]]
) -> Iterator[tuple[list[Item], str]]:
    """Pages of a queryset in order of a moment and id, each with the cursor behind it."""
    while page := list(queryset.filter(_after(cursor, moment)).order_by(moment, "pk")[:AT_ONCE]):
        cursor = _cursor_of(page[-1], moment)
        yield items(page), cursor


def _offer_sheet(name: str, moment: str, number: str) -> None:
    sheet = out_sheet(name)
    shown = [column for column in sheet.columns if column.mask is None]
    prefix = "" if sheet.model is Producer else "producer__"
    lookup = {"producer": "key__in", "uid": "uid__in"}[number]

    def items(page: list[Any]) -> list[Item]:
        rows = sheet.rows_of(sheet.model.objects.filter(pk__in=[row.pk for row in page]))
        found = []
        for cells in rows:
            values = dict(zip((column.field for column in sheet.columns), cells, strict=True))
            owner = "" if prefix == "" else values["producer"]
            given = {column.field: values[column.field] for column in shown}
            found.append(Item(values[number], owner, given))
        return found

    def since(cursor: str, region: str, retry: Sequence[str]) -> Iterator[tuple[list[Item], str]]:
        rows = sheet.model.objects.filter(**{f"{prefix}region__code__startswith": region})
        rows = rows.exclude(status="merged") if prefix == "" else rows.filter(status="active")
        if retry:
            yield items(list(rows.filter(**{lookup: list(retry)}))), cursor
        yield from paged(rows, cursor=cursor, moment=moment, items=items)

    offer(Outgoing(name, [column.field for column in shown], since))


_offer_sheet("producers", "updated_at", "producer")
for _sheet in SHEETS.values():
    if _sheet.name.startswith("record_"):
        _offer_sheet(_sheet.name, "entered_at", "uid")
