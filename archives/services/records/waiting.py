"""What a harvest must wait for (安全间隔期、休药期): the uses that hold it back, and the first day allowed.

``harvest_from`` of a use = its last day + the label's interval in days (policy.md §3.2); of several uses
the latest day holds. A use concerns a harvest of the same producer and product on the same plot. Where one
of them names no plot it concerns the whole holding, or the production batch when both name one. A drug for
animals that give milk or eggs concerns their meat, milk and eggs, each by its own days.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Mapping, Sequence

from django.db import connection
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import near_date
from archives.models import InputUse, Plot, Producer, Product, ProductionBatch, Sector
from archives.services.records.drafts import HarvestDraft

PLACE = """
    (u.plot_id = h.plot_id OR ((u.plot_id IS NULL OR h.plot_id IS NULL)
        AND (u.production_id IS NULL OR h.production_id IS NULL OR u.production_id = h.production_id)))
"""
UNTIL = """
    CASE WHEN u.product_id = h.product_id THEN u.harvest_from
         WHEN up.animal <> '' AND up.animal = hp.animal THEN CASE hp.category
              WHEN '畜禽' THEN u.meat_from WHEN '生鲜乳' THEN u.milk_from WHEN '禽蛋' THEN u.egg_from END
    END
"""
CONCERNS = f"""
    u.producer_id = h.producer_id AND u.occurred_on <= h.occurred_on AND {PLACE} AND {UNTIL} > h.occurred_on
"""
JOIN = """
    FROM archives_harvest h JOIN archives_product hp ON hp.id = h.product_id
    JOIN archives_inputuse u ON u.producer_id = h.producer_id JOIN archives_product up ON up.id = u.product_id
"""
# The same rule for a harvest that is not written yet. How far back a use can still matter bounds the scan.
_STANDING = f"""
    SELECT u.id, {UNTIL} AS until FROM archives_inputuse u
    JOIN archives_product up ON up.id = u.product_id
    JOIN (SELECT %s::bigint AS producer_id, %s::bigint AS product_id, %s::bigint AS plot_id,
                 %s::bigint AS production_id, %s::date AS occurred_on) h ON u.producer_id = h.producer_id
    LEFT JOIN archives_product hp ON hp.id = h.product_id
    WHERE u.status = 'active' AND {CONCERNS} ORDER BY until DESC, u.id DESC LIMIT 1
"""  # noqa: S608 - likewise
_ANY_PRODUCT = _STANDING.replace(UNTIL, "greatest(u.harvest_from, u.meat_from, u.milk_from, u.egg_from)")
# And for many of them: the arrays hold one element a draft.
_DRAFTED = f"""
    SELECT h.n, max({UNTIL})
    FROM unnest(%s::int[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::date[])
        AS h (n, producer_id, product_id, plot_id, production_id, occurred_on)
    JOIN archives_product hp ON hp.id = h.product_id
    JOIN archives_inputuse u ON u.producer_id = h.producer_id
    JOIN archives_product up ON up.id = u.product_id
    WHERE u.status = 'active' AND {CONCERNS} GROUP BY h.n
"""  # noqa: S608 - likewise


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


def drafts_too_early(
    drafts: Sequence[HarvestDraft], productions: Mapping[uuid.UUID, ProductionBatch]
) -> dict[uuid.UUID, datetime.date]:
    """Of these harvests, not written yet, those before their day, with the first day allowed; one query."""
    if not drafts:
        return {}
    batches = [productions.get(draft.production) if draft.production else None for draft in drafts]
    found = _waits(
        [draft.producer_id for draft in drafts],
        [draft.product_id for draft in drafts],
        [draft.plot_id for draft in drafts],
        [batch.pk if batch is not None else None for batch in batches],
        [draft.occurred_on for draft in drafts],
    )
    return {drafts[at].uid: allowed_from for at, allowed_from in found.items()}


def products_too_early(wanted: Sequence[tuple[int, int, datetime.date]]) -> dict[int, datetime.date]:
    """Of these producers' products on these days those of which some must wait, wherever it stands.

    Keys are positions in ``wanted``; values the first day on which nothing has to wait any more. One query.
    """
    producers, products, days = zip(*wanted, strict=True)
    nowhere = [None] * len(wanted)
    return _waits(producers, products, nowhere, nowhere, days)


def _waits(*columns: Sequence[object]) -> dict[int, datetime.date]:
    """By position the first day allowed, of those that must wait."""
    with connection.cursor() as cursor:
        cursor.execute(_DRAFTED, [list(range(len(columns[0]))), *(list(column) for column in columns)])
        return dict(cursor.fetchall())


def stop_sentence(product: Product, allowed_from: datetime.date) -> str:
    """Why a harvest is stopped, from when it is allowed, and what to do if it has happened all the same."""
    said = {"product": product, "day": near_date(allowed_from)}
    if product.sector == Sector.CROPS:
        return (
            _(
                "%(product)s %(day)s起才可采收，现在还不能采。"
                "确实已经采了的，写明原因再保存：会记为没有遵守间隔期，这一批不能卖。"
            )
            % said
        )
    return (
        _(
            "%(product)s %(day)s起才可上市，现在还不能出栏、捕捞。"
            "确实已经发生的，写明原因再保存：会记为没有遵守休药期，这一批不能卖。"
        )
        % said
    )
