"""Self-tests and sales."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from archives.models import ReviewFlag, Sale, SelfTest, TestMethod
from archives.services.ledger import EventDraft
from archives.services.records import checks, quantities, unbatched
from archives.services.records.context import Context
from archives.services.records.drafts import SaleDraft, SelfTestDraft
from archives.services.records.flags import Flag
from archives.services.records.nouns import Noun, common_events, event

DISPOSAL_TERM = datetime.timedelta(days=15)
"""Within how many days a batch that failed its own test must be disposed of (a default of this platform)."""
_TESTED = ("product_id", "method", "items", "laboratory", "report_number", "passed")
_SOLD = ("product_id", "quantity", "unit", "buyer", "trace_code")


def _check_test(draft: SelfTestDraft, context: Context) -> checks.Faults:
    if draft.method not in TestMethod.values:
        yield "method", _("请选择检测方式。")
    if draft.method == TestMethod.ENTRUSTED:
        yield from checks.needed(draft, "laboratory")


def _test_values(draft: SelfTestDraft, context: Context) -> dict[str, Any]:
    return {
        **{field: getattr(draft, field) for field in _TESTED},
        "harvest": context.harvests[draft.harvest] if draft.harvest else None,
        "disposal_due_on": None if draft.passed else draft.occurred_on + DISPOSAL_TERM,
    }


def _test_events(rows: list[SelfTest], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        yield event(row, context, "test.self", row.passed, source=SELF_TEST.source)
        yield from common_events(row, SELF_TEST, context)


def _check_sale(draft: SaleDraft, context: Context) -> checks.Faults:
    if draft.harvest is None:
        yield from _unnamed(draft, context)
    harvest = context.batch_of(draft)
    yield from quantities.sold_of_harvested(draft, harvest, context)
    if harvest is not None and not harvest.interval_kept and not draft.reason.strip():
        yield (
            "reason",
            _(
                "这一批没到日子就采了，不能卖（农产品质量安全法第三十六条）。"
                "确实已经卖了的，写明原因再保存，监管人员会核实。"
            ),
        )


def _unnamed(draft: SaleDraft, context: Context) -> checks.Faults:
    """Of a sale without a batch: from which one it is taken, or why it is stopped until one is named."""
    product = context.products.get(draft.product_id)
    if product is None:
        return
    found = unbatched.answer(context.goods[draft.uid], product, context.tallies.sold)
    if found is None:
        return
    if found.batch is not None:
        context.taken[draft.uid] = found.batch
    elif draft.reason.strip():
        context.unnamed.add(draft.uid)
    else:
        yield from found.faults


def _sale_values(draft: SaleDraft, context: Context) -> dict[str, Any]:
    return {**{field: getattr(draft, field) for field in _SOLD}, "harvest": context.batch_of(draft)}


def _sale_events(rows: list[Sale], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        note = "" if row.buyer else _("没有写明购买方")
        yield event(row, context, "sale.recorded", bool(row.buyer), note=note, source=SALE.source)
        yield event(row, context, "sale.traced", bool(row.trace_code), source=SALE.source)
        if row.trace_code:
            whole = row.harvest_id is not None
            note = "" if whole else _("追溯码没有对应的采收批次")
            yield event(row, context, "trace.completed", whole, note=note, source=SALE.source)
        yield from common_events(row, SALE, context)


def _sale_flags(rows: list[Sale], context: Context) -> Iterator[Flag]:
    for row in rows:
        if row.harvest is not None and not row.harvest.interval_kept:
            why = _("卖了没到间隔期就采的一批：%(reason)s") % {"reason": row.reason}
            yield Flag(row, ReviewFlag.UNUSUAL, why)
        elif row.uid in context.unnamed:
            why = _("有的没过间隔期或休药期时卖的，没说是哪一批：%(reason)s") % {"reason": row.reason}
            yield Flag(row, ReviewFlag.UNUSUAL, why)


SELF_TEST = Noun(
    name="self_test",
    model=SelfTest,
    check=_check_test,
    values=_test_values,
    events=_test_events,
    asked=("product_id", "harvest_id", "method", "items", "report_number"),
    content=(*_TESTED, "harvest"),
    source="records.self_test",
)
SALE = Noun(
    name="sale",
    model=Sale,
    check=_check_sale,
    values=_sale_values,
    events=_sale_events,
    asked=("product_id", "harvest_id", "buyer", "quantity", "unit"),
    content=(*_SOLD, "harvest"),
    source="records.sale",
    flags=_sale_flags,
)
