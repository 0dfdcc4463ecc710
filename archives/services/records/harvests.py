"""Pests seen and batches harvested."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from archives.models import CreditEvent, Harvest, HarvestWay, PestObservation, Product, ReviewFlag, Sector
from archives.services.ledger import EventDraft
from archives.services.records import checks, intervals, quantities, standards, waiting
from archives.services.records.context import Context
from archives.services.records.drafts import HarvestDraft, PestDraft
from archives.services.records.flags import Flag
from archives.services.records.nouns import Noun, common_events, event

_SEEN = ("product_id", "plot_id", "pest", "severity", "treatment")
_HARVESTED = ("product_id", "plot_id", "quantity", "unit", "standard")
_HARVESTED_LATER = ("head_count", "quarantine_number")


def _check_pest(draft: PestDraft, context: Context) -> checks.Faults:
    yield from checks.needed(draft, "pest")


def _pest_values(draft: PestDraft, context: Context) -> dict[str, Any]:
    return {**{field: getattr(draft, field) for field in _SEEN}, "production": production_of(draft, context)}


def production_of(draft: Any, context: Context) -> Any:
    """The production batch that a draft names, None when it names none."""
    return context.productions[draft.production] if draft.production else None


def _pest_events(rows: list[PestObservation], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        yield from common_events(row, PEST, context)


def _check_harvest(draft: HarvestDraft, context: Context) -> checks.Faults:
    if draft.way and draft.way not in HarvestWay.values:
        yield "way", _("请选择收获方式。")
    if draft.head_count is not None and not 0 < draft.head_count < 100_000_000:
        yield "head_count", _("头（只）数须大于0，请核对。")
    yield from quantities.likely_yield(draft, context)
    yield from _stopped(draft, context)
    batch = _batch(draft)
    if (draft.producer_id, batch) in context.batches:
        yield "batch", _("批次号“%(batch)s”已经用过。") % {"batch": batch}
    elif draft.batch:
        context.batches.add((draft.producer_id, batch))  # twice in one call is twice too many


def _stopped(draft: HarvestDraft, context: Context) -> checks.Faults:
    """Before its day nothing is harvested (农产品质量安全法 art. 29); what has happened says why."""
    allowed_from = context.too_early.get(draft.uid)
    product = context.products.get(draft.product_id)
    if allowed_from is not None and product is not None and not draft.reason.strip():
        yield "reason", waiting.stop_sentence(product, allowed_from)


def _batch(draft: HarvestDraft) -> str:
    return draft.batch.strip() or f"{draft.occurred_on:%Y%m%d}-{draft.uid.hex[-8:].upper()}"


def _harvest_values(draft: HarvestDraft, context: Context) -> dict[str, Any]:
    return {
        **{field: getattr(draft, field) for field in (*_HARVESTED, *_HARVESTED_LATER)},
        "way": draft.way or way_of(context.products[draft.product_id]),
        "production": production_of(draft, context),
        "batch": _batch(draft),
    }


def way_of(product: Product) -> str:
    """How a product of its kind is harvested: picked, sold alive, collected or caught."""
    if product.sector == Sector.AQUACULTURE:
        return HarvestWay.CAUGHT.value
    if product.sector == Sector.LIVESTOCK:
        return (HarvestWay.ALIVE if product.category == "畜禽" else HarvestWay.COLLECTED).value
    return HarvestWay.PICKED.value


def _harvest_events(rows: list[Harvest], context: Context) -> Iterator[EventDraft]:
    early, lacking = context.too_early, intervals.incomplete(row.pk for row in rows)
    for row in rows:
        row.interval_kept = row.uid not in early
        missing = row.plot_id is None or row.pk in lacking
        note = _("缺少地块，或用药记录不全（来源、用法）") if missing else ""
        yield event(row, context, "harvest.recorded", not missing, note=note, source=HARVEST.source)
        yield intervals.interval_event(row, context, early.get(row.uid))
        yield standards.event_of(row, context)
        yield from common_events(row, HARVEST, context)
    Harvest.objects.filter(uid__in=early).update(interval_kept=False)
    yield from _planned_tests(rows, context)


def _planned_tests(rows: list[Harvest], context: Context) -> Iterator[EventDraft]:
    """One test of each product in each month of harvest, for those whom art. 34 binds (企业、合作社等)."""
    wanted: dict[str, Harvest] = {}
    for row in rows:
        producer = context.producers[row.producer_id]
        if producer.is_organised:
            product = context.products[row.product_id]
            uid = f"test.planned:{producer.key}:{product.code}:{row.occurred_on:%Y-%m}"
            wanted.setdefault(uid, row)
    known = set(CreditEvent.objects.filter(uid__in=list(wanted)).values_list("uid", flat=True))
    for uid, row in wanted.items():
        if uid not in known:
            yield EventDraft(
                uid=uid,
                producer_id=row.producer_id,
                kind="test.planned",
                value=100,
                occurred_on=row.occurred_on,
                recorded_at=row.entered_at,
                region=context.producers[row.producer_id].region_id,
                source=HARVEST.source,
            )


def _harvest_flags(rows: list[Harvest], context: Context) -> Iterator[Flag]:
    for row in rows:
        if not row.interval_kept:
            why = _("采收早于安全间隔期或休药期：%(reason)s") % {"reason": row.reason}
            yield Flag(row, ReviewFlag.UNUSUAL, why)


PEST = Noun(
    name="pest",
    model=PestObservation,
    check=_check_pest,
    values=_pest_values,
    events=_pest_events,
    asked=("product_id", "plot_id", "pest", "severity", "treatment"),
    content=_SEEN,
    source="records.pest",
    extra=("production",),
)
HARVEST = Noun(
    name="harvest",
    model=Harvest,
    check=_check_harvest,
    values=_harvest_values,
    events=_harvest_events,
    asked=("product_id", "plot_id", "quantity", "unit", "standard"),
    content=(*_HARVESTED, "batch"),
    source="records.harvest",
    flags=_harvest_flags,
    extra=(*_HARVESTED_LATER, "way", "production"),
)
