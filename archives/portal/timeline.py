"""All kinds of records of one producer in one list, newest first, paged by keyset."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import Q

from archives.models import Producer, Record
from archives.services.records import NOUNS

SALT = "archives.portal.timeline"
ORDER = list(NOUNS)
_RELATED = {"use": ("product", "plot"), "pest": ("product", "plot"), "harvest": ("product", "plot"),
            "self_test": ("product",), "sale": ("product",), "batch": ("product",), "packing": ("product",),
            "immunisation": ("product", "plot"), "harmless": ("product", "plot")}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One record with its noun's name."""

    noun: str
    row: Any

    @property
    def key(self) -> tuple[datetime.date, int, int]:
        """The list's order, descending."""
        return self.row.occurred_on, -ORDER.index(self.noun), self.row.pk


@dataclass(frozen=True)
class Page:
    """One page and the cursor of the next ("" at the end)."""

    entries: list[Entry]
    next_cursor: str


def page(
    producer: Producer, user: Any, *, noun: str = "", cursor: str = "", size: int = 20, active: bool = False
) -> Page:
    """The records after the cursor, one query a noun; signing.BadSignature for a cursor that is not ours."""
    after = signing.loads(cursor, salt=SALT) if cursor else None
    found: list[Entry] = []
    for name in [noun] if noun else ORDER:
        rows = _rows(name, producer, user).filter(_older(name, after))
        if active:
            rows = rows.active()
        found += [Entry(name, row) for row in rows.order_by("-occurred_on", "-id")[: size + 1]]
    found.sort(key=lambda entry: entry.key, reverse=True)
    entries = found[:size]
    if len(found) <= size:
        return Page(entries, "")
    day, order, pk = entries[-1].key
    return Page(entries, signing.dumps([day.isoformat(), order, pk], salt=SALT))


def find(producer: Producer, user: Any, noun: str, uid: Any) -> Record | None:
    """One record of the producer by its uid, None when the person may not see it or it is not there."""
    row: Record | None = _rows(noun, producer, user).filter(uid=uid).first()
    return row


def whereabouts(producer: Producer, uids: Iterable[Any]) -> dict[str, str]:
    """The noun of each uid that is a record of the producer; one query a noun."""
    wanted = list(uids)
    if not wanted:
        return {}
    return {
        str(uid): name
        for name in ORDER
        for uid in NOUNS[name]
        .model.objects.filter(producer=producer, uid__in=wanted)
        .values_list("uid", flat=True)
    }


def _rows(noun: str, producer: Producer, user: Any) -> Any:
    rows = NOUNS[noun].model.objects.visible_to(user).filter(producer=producer)
    return rows.select_related(*_RELATED[noun]) if noun in _RELATED else rows


def _older(noun: str, after: Any) -> Q:
    if after is None:
        return Q()
    day, order, pk = after
    own = -ORDER.index(noun)
    same_day = Q(occurred_on=day)
    if own == order:
        return Q(occurred_on__lt=day) | same_day & Q(pk__lt=pk)
    return Q(occurred_on__lt=day) | same_day if own < order else Q(occurred_on__lt=day)
