"""Safety intervals and withdrawal periods (安全间隔期、休药期): the first day on which a harvest is allowed.

``harvest_from`` of a use = its last day + the label's interval in days. A use concerns a harvest of the same
producer and product on the same plot; a use or harvest without a plot concerns all of them.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.models import CreditEvent, Harvest, InputUse, Plot, Producer, Product
from archives.services.ledger import EventDraft, reverse
from archives.services.records.context import Context
from archives.services.records.nouns import event

SOURCE = "records.harvest"
_SAME_GROUND = """
    u.producer_id = h.producer_id AND u.product_id = h.product_id AND u.status = 'active'
    AND (u.plot_id IS NULL OR h.plot_id IS NULL OR u.plot_id = h.plot_id) AND u.occurred_on <= h.occurred_on
"""
_BROKEN = f"""
    SELECT h.id, max(u.harvest_from) FROM archives_harvest h JOIN archives_inputuse u ON {_SAME_GROUND}
    WHERE h.id = ANY(%s) AND u.harvest_from > h.occurred_on GROUP BY h.id
"""  # noqa: S608 - a constant of this module
_CONCERNED = f"""
    SELECT DISTINCT h.id FROM archives_inputuse u JOIN archives_harvest h
    ON {_SAME_GROUND.replace("AND u.status = 'active'", "AND h.status = 'active'")}
    WHERE u.id = ANY(%s) AND u.harvest_from > h.occurred_on
"""  # noqa: S608 - likewise
# Facts of art. 27 that a use must have: name, source, method, amount and dates (the last two it always has).
_INCOMPLETE = f"""
    SELECT DISTINCT h.id FROM archives_harvest h JOIN archives_inputuse u ON {_SAME_GROUND}
    WHERE h.id = ANY(%s) AND u.occurred_on > h.occurred_on - 180
    AND (u.method = '' OR (u.purchase_id IS NULL AND u.manufacturer = ''))
"""  # noqa: S608 - likewise


def earliest_harvest(
    *,
    producer: Producer,
    product: Product | None = None,
    plot: Plot | None = None,
    on: datetime.date | None = None,
) -> datetime.date | None:
    """The first day on which the product of the plot may be harvested, None when nothing stands in the way.

    Looks at uses recorded up to the day ``on`` (today); without product or plot, at all of them.
    """
    day = on or clock.today()
    uses = InputUse.objects.active().filter(producer=producer, occurred_on__lte=day, harvest_from__gt=day)
    if product is not None:
        uses = uses.filter(product=product)
    if plot is not None:
        uses = uses.filter(Q(plot=plot) | Q(plot__isnull=True))
    found: datetime.date | None = uses.aggregate(Max("harvest_from"))["harvest_from__max"]
    return found


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
