"""Safety intervals and withdrawal periods (安全间隔期、休药期): the first day on which a harvest is allowed.

``harvest_from`` of a use = its last day + the label's interval in days (policy.md §3.2); of several uses
the latest day holds. A use concerns a harvest of the same producer and product on the same plot. Where one
of them names no plot it concerns the whole holding, or the production batch when both name one. A drug for
animals that give milk or eggs concerns their meat, milk and eggs, each by its own days.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.models import CreditEvent, Harvest, InputUse, Plot, Producer, Product, ProductionBatch
from archives.services.ledger import EventDraft, reverse
from archives.services.records.context import Context
from archives.services.records.nouns import event

SOURCE = "records.harvest"
_PLACE = """
    (u.plot_id = h.plot_id OR ((u.plot_id IS NULL OR h.plot_id IS NULL)
        AND (u.production_id IS NULL OR h.production_id IS NULL OR u.production_id = h.production_id)))
"""
_UNTIL = """
    CASE WHEN u.product_id = h.product_id THEN u.harvest_from
         WHEN up.animal <> '' AND up.animal = hp.animal THEN CASE hp.category
              WHEN '畜禽' THEN u.meat_from WHEN '生鲜乳' THEN u.milk_from WHEN '禽蛋' THEN u.egg_from END
    END
"""
_CONCERNS = f"""
    u.producer_id = h.producer_id AND u.occurred_on <= h.occurred_on AND {_PLACE} AND {_UNTIL} > h.occurred_on
"""
_JOIN = """
    FROM archives_harvest h JOIN archives_product hp ON hp.id = h.product_id
    JOIN archives_inputuse u ON u.producer_id = h.producer_id JOIN archives_product up ON up.id = u.product_id
"""
_BROKEN = f"""
    SELECT h.id, max({_UNTIL}) {_JOIN}
    WHERE h.id = ANY(%s) AND u.status = 'active' AND {_CONCERNS} GROUP BY h.id
"""
_CONCERNED = f"""
    SELECT DISTINCT h.id {_JOIN} WHERE u.id = ANY(%s) AND h.status = 'active' AND {_CONCERNS}
"""
# Facts of art. 27 that a use must have: name, source, method, amount and dates (the last two it always has).
_INCOMPLETE = f"""
    SELECT DISTINCT h.id {_JOIN}
    WHERE h.id = ANY(%s) AND u.status = 'active' AND u.product_id = h.product_id AND {_PLACE}
    AND u.occurred_on <= h.occurred_on AND u.occurred_on > h.occurred_on - 180
    AND (u.method = '' OR (u.purchase_id IS NULL AND u.manufacturer = ''))
"""
# The same rule for a harvest that is not written yet. How far back a use can still matter bounds the scan.
_STANDING = f"""
    SELECT u.id, {_UNTIL} AS until FROM archives_inputuse u
    JOIN archives_product up ON up.id = u.product_id
    JOIN (SELECT %s::bigint AS producer_id, %s::bigint AS product_id, %s::bigint AS plot_id,
                 %s::bigint AS production_id, %s::date AS occurred_on) h ON u.producer_id = h.producer_id
    LEFT JOIN archives_product hp ON hp.id = h.product_id
    WHERE u.status = 'active' AND {_CONCERNS} ORDER BY until DESC, u.id DESC LIMIT 1
"""  # noqa: S608 - likewise
_ANY_PRODUCT = _STANDING.replace(_UNTIL, "greatest(u.harvest_from, u.meat_from, u.milk_from, u.egg_from)")


def earliest(stopped_on: datetime.date, days: int) -> datetime.date:
    """The day of last use is not counted; harvest is allowed from the day on that many days later."""
    return stopped_on + datetime.timedelta(days=days)


def standing_use(
    *,
    producer: Producer,
    product: Product | None = None,
    plot: Plot | None = None,
    production: ProductionBatch | None = None,
    on: datetime.date | None = None,
) -> tuple[InputUse, datetime.date] | None:
    """The use that forbids a harvest on the day for longest, and the first day allowed; None when none does.

    Without a product, plot or batch all of them are looked at.
    """
    statement = _STANDING if product is not None else _ANY_PRODUCT
    where = [row.pk if row is not None else None for row in (product, plot, production)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [producer.pk, *where, on or clock.today()])
        found = cursor.fetchone()
    return None if found is None else (InputUse.objects.get(pk=found[0]), found[1])


def earliest_harvest(
    *,
    producer: Producer,
    product: Product | None = None,
    plot: Plot | None = None,
    production: ProductionBatch | None = None,
    on: datetime.date | None = None,
) -> datetime.date | None:
    """The first day on which the product of the plot may be harvested, None when nothing stands in the way.

    Looks at uses recorded up to the day ``on`` (today); without product or plot, at all of them.
    """
    found = standing_use(producer=producer, product=product, plot=plot, production=production, on=on)
    return None if found is None else found[1]


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
