"""Purchases and uses of inputs (投入品)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from archives.models import CreditEvent, InputKind, InputPurchase, InputUse, ReviewFlag
from archives.services.ledger import EventDraft
from archives.services.records import checks, intervals, labels, quantities, seasons, waiting
from archives.services.records.context import Context
from archives.services.records.drafts import PurchaseDraft, UseDraft
from archives.services.records.flags import Flag
from archives.services.records.labels import NEEDS_INTERVAL
from archives.services.records.nouns import Noun, common_events, event

STOP_LIMIT = datetime.timedelta(days=60)
"""How far ahead a use may be planned to end; until then and its interval nothing is harvested."""
_PURCHASED = (
    "kind", "name", "ingredient", "registration_number", "batch_number", "manufacturer", "supplier",
    "quantity", "unit",
)  # fmt: skip
_PACKED = ("pack_quantity", "pack_unit")
_USED = (
    "kind", "name", "ingredient", "registration_number", "manufacturer", "product_id", "plot_id", "target",
    "method", "quantity", "unit", "dilution", "stopped_on", "interval_days", "on_label", "operator",
)  # fmt: skip
_USED_LATER = ("batch_number", "area_mu", "degree_days", "water_temperature")
_WITHDRAWALS = ("meat_days", "milk_days", "egg_days")
_REGISTERED = {InputKind.PESTICIDE.value, InputKind.FERTILISER.value, InputKind.VETERINARY_DRUG.value}


def _check_purchase(draft: PurchaseDraft, context: Context) -> checks.Faults:
    yield from checks.needed(draft, "name")
    yield from checks.permitted_input(draft, context.rules)
    if (draft.pack_quantity is None) != (not draft.pack_unit.strip()):
        yield "pack_quantity", _("每件净含量和它的单位要一起填。")
    elif draft.pack_quantity is not None:
        yield from checks.amount(draft.pack_quantity, "pack_quantity")
    for why in labels.doubts_of(context.known(draft).item, draft.occurred_on):
        context.doubt(draft, why)


def _purchase_values(draft: PurchaseDraft, context: Context) -> dict[str, Any]:
    return {
        **{field: getattr(draft, field) for field in (*_PURCHASED, *_PACKED)},
        "item": context.known(draft).item,
    }


def _purchase_events(rows: list[InputPurchase], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        registered = bool(row.registration_number) or row.kind not in _REGISTERED
        complete = bool(row.supplier and row.manufacturer) and registered
        note = "" if complete else _("缺少供应商、生产企业或登记证号")
        yield event(row, context, "purchase.recorded", complete, note=note, source=PURCHASE.source)
        yield from common_events(row, PURCHASE, context)


def _check_use(draft: UseDraft, context: Context) -> checks.Faults:
    yield from checks.needed(draft, "name")
    yield from checks.permitted_input(draft, context.rules)
    yield from _check_days(draft, context)
    yield from _check_interval(draft, context)
    if draft.area_mu is not None:
        yield from checks.amount(draft.area_mu, "area_mu")
    yield from quantities.used_of_bought(draft, context)


def _check_days(draft: UseDraft, context: Context) -> checks.Faults:
    if draft.stopped_on is None:
        return
    if draft.stopped_on < draft.occurred_on:
        yield "stopped_on", _("停用日期不能早于开始使用的日期。")
    elif draft.stopped_on > context.today + STOP_LIMIT:
        yield "stopped_on", _("停用日期太晚，请核对；还在用的可以先填到今天。")


def _check_interval(draft: UseDraft, context: Context) -> checks.Faults:
    for name in ("interval_days", *_WITHDRAWALS):
        days = getattr(draft, name)
        if days is not None and not 0 <= days <= checks.INTERVAL_LIMIT:
            yield name, _("间隔期应为0至%(most)d天。") % {"most": checks.INTERVAL_LIMIT}
    if draft.degree_days is not None and not (
        draft.water_temperature is not None and 1 <= draft.water_temperature <= 45
    ):
        yield "water_temperature", _("休药期按度日计算的，请填水温（1至45℃）。")
        return
    known, product = context.known(draft), context.products.get(draft.product_id)
    degrees = labels.needs_temperature(draft, product, known)
    if degrees is not None:
        said = {"days": degrees}
        yield "water_temperature", _("标签的休药期是%(days)s度日，请填水温（1至45℃）。") % said
        return
    interval = labels.interval_of(draft, product, known)
    if interval.days is None and draft.kind in NEEDS_INTERVAL:
        asked = _("请按标签填写安全间隔期或休药期天数；标签上没有的填0。")
        yield "interval_days", asked + labels.hint(product, known)
    elif interval.days is not None and interval.days > checks.INTERVAL_LIMIT:
        yield "degree_days", _("间隔期应为0至%(most)d天。") % {"most": checks.INTERVAL_LIMIT}
    for why in (*interval.doubts, *labels.doubts_of(known.item, draft.occurred_on)):
        context.doubt(draft, why)


def _use_values(draft: UseDraft, context: Context) -> dict[str, Any]:
    stopped_on = draft.stopped_on or draft.occurred_on
    known, product = context.known(draft), context.products[draft.product_id]
    interval = labels.interval_of(draft, product, known)
    return {
        **{field: getattr(draft, field) for field in (*_USED, *_USED_LATER)},
        "stopped_on": stopped_on,
        "interval_days": interval.days,
        "interval_source": interval.source,
        "harvest_from": waiting.earliest(stopped_on, interval.days or 0),
        **interval.others,
        **{
            name.replace("days", "from"): None if days is None else waiting.earliest(stopped_on, days)
            for name, days in interval.others.items()
        },
        "item": known.item,
        "purchase": context.purchases[draft.purchase] if draft.purchase else None,
        "production": context.productions[draft.production] if draft.production else None,
    }


def _use_events(rows: list[InputUse], context: Context) -> Iterator[EventDraft]:
    often = _too_often(rows, context)
    for row in rows:
        linked = row.purchase_id is not None
        note = "" if linked else _("没有对应的采购记录")
        yield event(row, context, "input.used", linked, note=note, source=USE.source)
        yield from _scope(row, context, often.get(row.pk, ""))
        yield from common_events(row, USE, context)
    yield from intervals.judge_again(intervals.harvests_after([row.pk for row in rows]), context)


def _too_often(rows: list[InputUse], context: Context) -> dict[int, str]:
    return seasons.too_often([row.pk for row in rows if _counts(row, context)])


def _counts(row: InputUse, context: Context) -> bool:
    known = context.known(row)
    return known.verified and any(line.max_uses for line in known.on(context.products[row.product_id]))


def _scope(row: InputUse, context: Context, often: str) -> Iterator[EventDraft]:
    """Outside by law or by a checked label it counts whatever was ticked; else what was ticked counts."""
    known, product = context.known(row), context.products[row.product_id]
    why = labels.outside(row, product, known, context.rules, row.occurred_on) or labels.cited(often, row.kind)
    if why:
        yield event(row, context, "scope.checked", False, note=why, source=USE.source)
    elif row.on_label is not None:
        note = "" if row.on_label else labels.cited(_("超出标签登记的作物或范围使用"), row.kind)
        yield event(row, context, "scope.checked", row.on_label, note=note, source=USE.source)
    elif known.verified and known.labels:
        yield event(row, context, "scope.checked", True, source=USE.source)


def scope_fault(row: InputUse) -> str:
    """Why the ledger counts a use as beyond its scope, in the words of its entry; "" where it does not."""
    standing = CreditEvent.objects.filter(
        uid=f"{row.uid}:scope.checked", outcome=CreditEvent.Outcome.FAIL, reversals__isnull=True
    )
    return standing.values_list("note_row__note", flat=True).first() or ""


def _use_flags(rows: list[InputUse], context: Context) -> Iterator[Flag]:
    often = _too_often(rows, context)
    for row in rows:
        for fault in _scope(row, context, often.get(row.pk, "")):
            if fault.outcome == "fail":
                yield Flag(row, ReviewFlag.UNUSUAL, fault.note)


PURCHASE = Noun(
    name="purchase",
    model=InputPurchase,
    check=_check_purchase,
    values=_purchase_values,
    events=_purchase_events,
    asked=(
        "name",
        "ingredient",
        "registration_number",
        "batch_number",
        "manufacturer",
        "supplier",
        "quantity",
    ),
    content=_PURCHASED,
    source="records.purchase",
    extra=_PACKED,
)
USE = Noun(
    name="use",
    model=InputUse,
    check=_check_use,
    values=_use_values,
    events=_use_events,
    asked=("name", "purchase_id", "plot_id", "target", "method", "quantity", "interval_days", "operator"),
    content=(*_USED, "purchase"),
    source="records.use",
    flags=_use_flags,
    extra=(*_USED_LATER, *_WITHDRAWALS, "production"),
)
