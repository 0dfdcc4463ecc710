"""Purchases and uses of inputs (投入品)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from archives.inputs import restricted_on
from archives.models import InputKind, InputPurchase, InputUse, ReviewFlag
from archives.services.ledger import EventDraft
from archives.services.records import checks, intervals
from archives.services.records.context import Context
from archives.services.records.drafts import PurchaseDraft, UseDraft
from archives.services.records.flags import Flag
from archives.services.records.nouns import Noun, common_events, event

NEEDS_INTERVAL = {InputKind.PESTICIDE.value, InputKind.VETERINARY_DRUG.value}
_PURCHASED = (
    "kind", "name", "ingredient", "registration_number", "batch_number", "manufacturer", "supplier",
    "quantity", "unit",
)  # fmt: skip
_USED = (
    "kind", "name", "ingredient", "registration_number", "manufacturer", "product_id", "plot_id", "target",
    "method", "quantity", "unit", "dilution", "stopped_on", "interval_days", "on_label", "operator",
)  # fmt: skip
_REGISTERED = {InputKind.PESTICIDE.value, InputKind.FERTILISER.value, InputKind.VETERINARY_DRUG.value}


def _check_purchase(draft: PurchaseDraft, context: Context) -> checks.Faults:
    yield from checks.needed(draft, "name")
    yield from checks.permitted_input(draft)


def _purchase_values(draft: PurchaseDraft, context: Context) -> dict[str, Any]:
    return {field: getattr(draft, field) for field in _PURCHASED}


def _purchase_events(rows: list[InputPurchase], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        registered = bool(row.registration_number) or row.kind not in _REGISTERED
        complete = bool(row.supplier and row.manufacturer) and registered
        note = "" if complete else _("缺少供应商、生产企业或登记证号")
        yield event(row, context, "purchase.recorded", complete, note=note, source=PURCHASE.source)
        yield from common_events(row, PURCHASE, context)


def _check_use(draft: UseDraft, context: Context) -> checks.Faults:
    yield from checks.needed(draft, "name")
    yield from checks.permitted_input(draft)
    if draft.stopped_on is not None and draft.stopped_on < draft.occurred_on:
        yield "stopped_on", _("停用日期不能早于开始使用的日期。")
    if draft.interval_days is None and draft.kind in NEEDS_INTERVAL:
        yield "interval_days", _("请按标签填写安全间隔期或休药期天数；标签上没有的填0。")
    if draft.interval_days is not None and not 0 <= draft.interval_days <= checks.INTERVAL_LIMIT:
        yield "interval_days", _("间隔期应为0至%(most)d天。") % {"most": checks.INTERVAL_LIMIT}


def _use_values(draft: UseDraft, context: Context) -> dict[str, Any]:
    stopped_on = draft.stopped_on or draft.occurred_on
    values = {field: getattr(draft, field) for field in _USED}
    return {
        **values,
        "stopped_on": stopped_on,
        "harvest_from": stopped_on + datetime.timedelta(days=draft.interval_days or 0),
        "purchase": context.purchases[draft.purchase] if draft.purchase else None,
    }


def _use_events(rows: list[InputUse], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        linked = row.purchase_id is not None
        note = "" if linked else _("没有对应的采购记录")
        yield event(row, context, "input.used", linked, note=note, source=USE.source)
        yield from _scope(row, context)
        yield from common_events(row, USE, context)
    yield from intervals.judge_again(intervals.harvests_after([row.pk for row in rows]), context)


def _scope(row: InputUse, context: Context) -> Iterator[EventDraft]:
    product = context.products[row.product_id]
    for text in (row.name, row.ingredient):
        rule = restricted_on(
            text, row.occurred_on, category=product.category, product=product.name, kind=row.kind
        )
        if rule is not None:
            said = {"name": rule.name, "product": product.name, "basis": rule.basis}
            note = _("“%(name)s”不得用于%(product)s（%(basis)s）") % said
            yield event(row, context, "scope.checked", False, note=note, source=USE.source)
            return
    if row.on_label is not None:
        note = "" if row.on_label else _("超出标签登记的作物或范围使用")
        yield event(row, context, "scope.checked", row.on_label, note=note, source=USE.source)


def _use_flags(rows: list[InputUse], context: Context) -> Iterator[Flag]:
    for row in rows:
        for fault in _scope(row, context):
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
)
