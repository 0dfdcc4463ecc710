"""Figures that must fit each other: used ≤ bought, sold ≤ harvested, a likely yield.

None of them stops a record: beyond what fits a reason is asked for; beyond the tolerance the record is taken
with its reason and officers verify it. Sums are fetched once for a load and carried on within it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.db.models.functions import ExtractYear
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.formats import plain_number
from archives.models import Doubt, Harvest, InputPurchase, InputUse, Sale
from archives.services.records.units import Amount, kilograms, measured

TOLERANCE = Decimal("1.10")
"""Weighing and pouring differ: a reason is enough up to 10 % more (a default of this platform)."""
SCALES = Decimal("1.05")
"""Weighed twice a batch is never the same: sold up to 5 % above the harvest without a word."""
ALL = 0
Faults = Iterator[tuple[str, str]]


class Tallies:
    """What has been used, sold and harvested so far of what the drafts of one call name."""

    def __init__(self, context: Any) -> None:
        self._context = context

    @cached_property
    def used(self) -> dict[tuple[int, str], Decimal]:
        """Used of each purchase, by common measure."""
        rows = InputUse.objects.active().filter(
            purchase_id__in=[row.pk for row in self._context.purchases.values()]
        )
        purchases = {row.pk: row for row in self._context.purchases.values()}
        found: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for key, unit, total in rows.values_list("purchase_id", "unit").annotate(Sum("quantity")):
            measure, amount = _of_purchase(purchases[key], total, unit)
            found[key, measure] += amount
        return found

    @cached_property
    def sold(self) -> dict[tuple[int, str], Decimal]:
        """Sold of each harvested batch, by common measure."""
        return sold_of(row.pk for row in self._context.harvests.values())

    @cached_property
    def grown(self) -> dict[tuple[int, int, int | None, int], Decimal]:
        """Kilograms harvested of each producer, product, plot (:data:`ALL`: anywhere) and calendar year."""
        years = {draft.occurred_on.year for draft in self._context.drafts}
        rows = (
            Harvest.objects.active()
            .filter(producer_id__in=self._context.producers, product_id__in=self._context.products)
            .filter(occurred_on__year__gte=min(years), occurred_on__year__lte=max(years))
            .annotate(year=ExtractYear("occurred_on"))
            .values_list("producer_id", "product_id", "plot_id", "unit", "year")
            .annotate(total=Sum("quantity"))
        )
        found: dict[tuple[int, int, int | None, int], Decimal] = defaultdict(Decimal)
        for producer, product, plot, unit, year, total in rows:
            weight = kilograms(total, unit) or Decimal(0)
            found[producer, product, plot, year] += weight
            found[producer, product, ALL, year] += weight
        return found


def sold_of(harvest_ids: Iterable[int]) -> dict[tuple[int, str], Decimal]:
    """Sold of each of these batches so far, by common measure."""
    rows = Sale.objects.active().filter(harvest_id__in=list(harvest_ids))
    found: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for key, unit, total in rows.values_list("harvest_id", "unit").annotate(Sum("quantity")):
        measure, amount = measured(total, unit)
        found[key, measure] += amount
    return found


def used_of_bought(draft: Any, context: Any) -> Faults:
    """Uses of a purchase beyond what was bought."""
    purchase = context.purchases.get(draft.purchase)
    if purchase is None or not _countable(draft):
        return
    measure, had = _of_purchase(purchase, purchase.quantity, purchase.unit)
    said, now = _of_purchase(purchase, draft.quantity, draft.unit)
    if measure != said:
        return  # bottles bought and grams used: nothing to compare without the pack's content
    tally, key = context.tallies.used, (purchase.pk, measure)
    bought = f"{plain_number(purchase.quantity)}{purchase.unit}"
    sentence = _("这次采购只有%(bought)s，加上这次就用超了；确实如此请写明原因。") % {"bought": bought}
    yield from _fits(draft, context, tally[key] + now, had, Doubt.OVER_BOUGHT, sentence)
    tally[key] += now


def sold_of_harvested(draft: Any, harvest: Harvest | None, context: Any) -> Faults:
    """Sales of a batch beyond what was harvested."""
    if harvest is None or not _countable(draft):
        return
    (measure, had), (said, now) = (
        measured(harvest.quantity, harvest.unit),
        measured(draft.quantity, draft.unit),
    )
    if measure != said:
        return
    tally, key = context.tallies.sold, (harvest.pk, measure)
    left = max(had - tally[key], Decimal(0)) * harvest.quantity / had
    sentence = _("这一批还剩%(left)s%(unit)s可卖；确实卖了更多请写明原因。") % {
        "left": plain_number(left.quantize(Decimal("0.001"))),
        "unit": harvest.unit,
    }
    yield from _fits(draft, context, tally[key] + now, had * SCALES, Doubt.OVER_HARVEST, sentence)
    tally[key] += now


def likely_yield(draft: Any, context: Any) -> Faults:
    """Harvests of a calendar year beyond what the ground can bear, by the product's yield a mu."""
    product, weight = context.products.get(draft.product_id), None
    if _countable(draft):
        weight = kilograms(draft.quantity, draft.unit)
    if product is None or not product.yield_kg_per_mu or weight is None:
        return
    plot = context.plots.get(draft.plot_id)
    holding = context.areas.get((draft.producer_id, draft.product_id))
    area = plot.area_mu if plot is not None and plot.area_mu else holding
    if not area:
        return
    tally, year = context.tallies.grown, draft.occurred_on.year
    place = draft.plot_id if plot is not None and plot.area_mu else ALL
    before = tally[draft.producer_id, draft.product_id, place, year]
    sentence = _(
        "%(area)s亩地一年收的%(product)s超过了常规产量（每亩%(most)s公斤）；确实如此请写明原因。"
    ) % {
        "area": plain_number(area),
        "product": product.name,
        "most": product.yield_kg_per_mu,
    }
    limit = area * product.yield_kg_per_mu
    yield from _fits(draft, context, before + weight, limit, Doubt.OVER_YIELD, sentence)
    for where in (draft.plot_id, ALL):
        tally[draft.producer_id, draft.product_id, where, year] += weight


def _fits(draft: Any, context: Any, total: Decimal, limit: Decimal, doubt: Doubt, sentence: str) -> Faults:
    if total <= limit:
        return
    if not draft.reason.strip():
        yield "reason", sentence
    elif total > limit * TOLERANCE:
        context.doubt(draft, doubt.value)


def _countable(draft: Any) -> bool:
    return bool(draft.quantity.is_finite() and draft.quantity > 0)


def _of_purchase(purchase: InputPurchase, quantity: Decimal, unit: str) -> Amount:
    """An amount of what was bought; pieces count by their net content where the purchase says it."""
    if unit.strip() == purchase.unit.strip() and purchase.pack_quantity:
        return measured(quantity * purchase.pack_quantity, purchase.pack_unit)
    return measured(quantity, unit)
