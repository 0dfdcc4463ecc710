"""Intervals of harvests on record: which were broken, and judging them again after a use came late.

What a harvest must wait for is in :mod:`archives.services.records.waiting`.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from archives.models import CreditEvent, Harvest
from archives.services.ledger import EventDraft, reverse
from archives.services.records.context import Context
from archives.services.records.nouns import event
from archives.services.records.waiting import CONCERNS, JOIN, PLACE, UNTIL

SOURCE = "records.harvest"
_BROKEN = f"""
    SELECT h.id, max({UNTIL}) {JOIN}
    WHERE h.id = ANY(%s) AND u.status = 'active' AND {CONCERNS} GROUP BY h.id
"""
_CONCERNED = f"""
    SELECT DISTINCT h.id {JOIN} WHERE u.id = ANY(%s) AND h.status = 'active' AND {CONCERNS}
"""
# Facts of art. 27 that a use must have: name, source, method, amount and dates (the last two it always has).
_INCOMPLETE = f"""
    SELECT DISTINCT h.id {JOIN}
    WHERE h.id = ANY(%s) AND u.status = 'active' AND u.product_id = h.product_id AND {PLACE}
    AND u.occurred_on <= h.occurred_on AND u.occurred_on > h.occurred_on - 180
    AND (u.method = '' OR (u.purchase_id IS NULL AND u.manufacturer = ''))
"""


def broken(harvest_ids: Iterable[int]) -> dict[int, datetime.date]:
    """Of these harvests those made too early, with the day from which they would have been allowed."""
    return dict(_rows(_BROKEN, harvest_ids))


def incomplete(harvest_ids: Iterable[int]) -> set[int]:
    """Of these harvests those where a use of the last 180 days lacks a fact that art. 27 asks for."""
    return {row[0] for row in _rows(_INCOMPLETE, harvest_ids)}


def harvests_after(use_ids: Iterable[int]) -> list[int]:
    """Harvests already recorded that lie inside the intervals of these uses."""
    return [row[0] for row in _rows(_CONCERNED, use_ids)]


def judge_again(harvest_ids: Iterable[int], context: Context) -> Iterator[EventDraft]:
    """Judge harvests anew after a use came late or was reversed: take back what was said, say what holds."""
    ids = list(harvest_ids)
    if not ids:
        return
    now_broken = broken(ids)
    for row in Harvest.objects.filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk"):
        kept = row.pk not in now_broken
        if kept == row.interval_kept:
            continue
        retract(f"{row.uid}:interval.checked:{row.interval_checks}", _("补录或撤销用药后重新核对"))
        row.interval_kept, row.interval_checks = kept, row.interval_checks + 1
        row.save(update_fields=["interval_kept", "interval_checks"])
        yield replace(interval_event(row, context, now_broken.get(row.pk)), recorded_at=context.now)


def interval_event(row: Harvest, context: Context, allowed_from: datetime.date | None) -> EventDraft:
    """What a harvest says of the interval; ``allowed_from`` is None when it was kept."""
    note = "" if allowed_from is None else _("%(day)s起才可采收") % {"day": allowed_from.isoformat()}
    return event(
        row,
        context,
        "interval.checked",
        allowed_from is None,
        note=note,
        suffix=f":{row.interval_checks}",
        source=SOURCE,
    )


def retract(uid: str, note: str) -> None:
    """Reverse an event if it stands in the ledger and is not reversed yet."""
    standing = CreditEvent.objects.filter(uid=uid, reversals__isnull=True)
    if standing.exists():
        reverse(uid=uid, by_uid=f"{uid}:reversed", source="records.reversal", note=note)


def _rows(statement: str, ids: Iterable[int]) -> list[tuple[Any, ...]]:
    wanted = list(ids)
    if not wanted:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [wanted])
        return list(cursor.fetchall())
