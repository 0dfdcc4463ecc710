"""What can be reported to other platforms: nouns with the objects that are new or changed since a point.

The floors above add their own with :func:`offer`. Personal numbers never go out: their columns are masked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.exporting import AT_ONCE
from archives.models import Producer, RecordStatus
from archives.services.sheets import SHEETS, Sheet
from archives.services.sheets.columns import yes_no
from archives.services.sheets.entries import EntrySheet
from archives.services.sheets.facts import FactSheet

Values = Mapping[str, str]
STATE = yes_no("status", gettext_lazy("状态"), gettext_lazy("已撤销"), gettext_lazy("有效"))
"""Whether an entry or a fact was taken back: no column of its sheet, since files hold only what stands."""


@dataclass(frozen=True)
class Item:
    """One object: its number here, whose it is (a producer's key, "" for producers), its values.

    One taken back here goes out only to a platform that has it and has a field for its state.
    """

    ours: str
    producer: str
    values: Values
    taken_back: bool = False


@dataclass(frozen=True)
class Outgoing:
    """One noun. ``since(cursor, region, retry)`` yields pages of items with the cursor behind them.

    ``retry`` are numbers of objects that the platform refused before; they come first, with the cursor as it
    was. ``taken_back`` says which of these numbers no longer stand here.
    """

    name: str
    fields: Sequence[str]
    since: Callable[[str, str, Sequence[str]], Iterator[tuple[list[Item], str]]]
    taken_back: Callable[[Sequence[str]], set[str]] = lambda numbers: set()


LONGEST_TRANSACTION = timedelta(minutes=10)
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


def _a_little_before(cursor: str) -> str:
    if not cursor:
        return cursor
    when, _bar, _pk = cursor.rpartition("|")
    return f"{(datetime.fromisoformat(when) - LONGEST_TRANSACTION).isoformat()}|0"


def paged(
    queryset: Any, *, cursor: str, moment: str, items: Callable[[list[Any]], list[Item]]
) -> Iterator[tuple[list[Item], str]]:
    """Pages of a queryset in order of a moment and id, each with the cursor behind it.

    A row bears the moment at which its transaction began and may appear behind later ones: what came shortly
    before the cursor is looked through again. Whatever was sent of it is known by its hash.
    """
    cursor = _a_little_before(cursor)
    while page := list(queryset.filter(_after(cursor, moment)).order_by(moment, "pk")[:AT_ONCE]):
        cursor = _cursor_of(page[-1], moment)
        yield items(page), cursor


def twice_paged(
    standing: Any, taken_back: Any, *, cursor: str, moments: tuple[str, str],
    items: Callable[[list[Any]], list[Item]],
) -> Iterator[tuple[list[Item], str]]:  # fmt: skip
    """What came in since, then what was taken back since, each in order of its own moment."""
    came, _sign, went = cursor.partition(";")
    for page, reached in paged(standing, cursor=came, moment=moments[0], items=items):
        came = reached
        yield page, f"{came};{went}"
    for page, reached in paged(taken_back, cursor=went, moment=moments[1], items=items):
        yield page, f"{came};{reached}"


def _shown(sheet: Sheet) -> list[str]:
    """The fields that may go out: personal numbers never do."""
    return [column.field for column in sheet.columns if column.mask is None]


def _values(sheet: Sheet, cells: Sequence[str]) -> dict[str, str]:
    pairs = zip(sheet.columns, cells, strict=True)
    return {column.field: text for column, text in pairs if column.mask is None}


def _offer_producers() -> None:
    sheet = SHEETS["producers"]

    def items(page: list[Any]) -> list[Item]:
        rows = sheet.rows_of(Producer.objects.filter(pk__in=[row.pk for row in page]))
        return [Item(values["producer"], "", values) for values in (_values(sheet, cells) for cells in rows)]

    def since(cursor: str, region: str, retry: Sequence[str]) -> Iterator[tuple[list[Item], str]]:
        rows = Producer.objects.filter(region__code__startswith=region).exclude(status="merged")
        if retry:
            yield items(list(rows.filter(key__in=list(retry)))), cursor
        yield from paged(rows, cursor=cursor, moment="updated_at", items=items)

    offer(Outgoing("producers", _shown(sheet), since))


def _offer_entries(sheet: EntrySheet) -> None:
    """A ledger's entries; they never change, but may be reversed."""

    def item(entry: Any) -> Item:
        gone = entry.status == RecordStatus.REVERSED
        values = {**_values(sheet, sheet.cells_of(entry)), STATE.field: STATE.cell(gone)}
        return Item(str(entry.uid), entry.producer.key, values, gone)

    def since(cursor: str, region: str, retry: Sequence[str]) -> Iterator[tuple[list[Item], str]]:
        rows = sheet.related(sheet.model.objects.filter(producer__region__code__startswith=region))
        if retry:
            yield [item(entry) for entry in rows.filter(uid__in=list(retry))], cursor
        yield from twice_paged(
            rows.filter(status=RecordStatus.ACTIVE), rows.filter(reversed_at__isnull=False), cursor=cursor,
            moments=("entered_at", "reversed_at"), items=lambda page: [item(entry) for entry in page],
        )  # fmt: skip

    def taken_back(numbers: Sequence[str]) -> set[str]:
        rows = sheet.model.objects.filter(uid__in=list(numbers), status=RecordStatus.REVERSED)
        return {str(uid) for uid in rows.values_list("uid", flat=True)}

    offer(Outgoing(sheet.name, [*_shown(sheet), STATE.field], since, taken_back))


def _offer_facts(sheet: FactSheet) -> None:
    """Facts by their documents; those whose details were erased by law are nobody's to send."""

    def items(page: list[Any]) -> list[Item]:
        found = []
        for event, cells in sheet.documents(page):
            gone = event.taken_back_at is not None
            values = {**_values(sheet, cells), STATE.field: STATE.cell(gone)}
            found.append(Item(event.uid, event.producer.key, values, gone))
        return found

    def since(cursor: str, region: str, retry: Sequence[str]) -> Iterator[tuple[list[Item], str]]:
        rows = sheet.related(sheet.model.objects.filter(producer__region__code__startswith=region))
        rows = rows.annotate(taken_back_at=F("reversals__recorded_at"))
        if retry:
            yield items(list(rows.filter(uid__in=list(retry)))), cursor
        yield from twice_paged(
            rows.filter(taken_back_at__isnull=True), rows.filter(taken_back_at__isnull=False), cursor=cursor,
            moments=("recorded_at", "taken_back_at"), items=items,
        )  # fmt: skip

    def taken_back(numbers: Sequence[str]) -> set[str]:
        rows = sheet.model.objects.filter(uid__in=list(numbers), reversals__isnull=False)
        return set(rows.values_list("uid", flat=True))

    offer(Outgoing(sheet.name, [*_shown(sheet), STATE.field], since, taken_back))


_offer_producers()
for _sheet in SHEETS.values():
    if isinstance(_sheet, EntrySheet) and _sheet.name.startswith("record_"):
        _offer_entries(_sheet)
_offer_facts(cast(FactSheet, SHEETS["tests"]))
