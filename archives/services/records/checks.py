"""The checks that several nouns share. Each yields (field, sentence)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import full_date
from archives.inputs import Rule, Rulebook
from archives.models import EntryWay, InputKind, ProducerStatus
from archives.services.records.context import Context
from archives.services.records.drafts import RecordDraft

Faults = Iterator[tuple[str, str]]
FUTURE_TOLERANCE = datetime.timedelta(days=1)
"""A phone's clock may run ahead; anything later is a slip of the finger."""
QUANTITY_LIMIT = Decimal("999999999.999")
INTERVAL_LIMIT = 365
_LENGTHS = {
    "name": 80, "ingredient": 120, "registration_number": 40, "batch_number": 40, "manufacturer": 120,
    "supplier": 120, "unit": 16, "target": 80, "method": 80, "dilution": 40, "operator": 40, "pest": 80,
    "severity": 40, "treatment": 240, "batch": 40, "standard": 80, "items": 160, "laboratory": 120,
    "report_number": 60, "buyer": 120, "trace_code": 64, "remark": 240, "reason": 240, "pack_unit": 16,
    "quarantine_number": 60, "number": 40, "variety": 80, "origin": 120, "disease": 80,
    "vaccine": 80, "mark_range": 120, "handler": 120, "proof_number": 60, "agent": 80, "agent_dose": 40,
    "place": 80, "collection_point": 120, "receipt_number": 60,
}  # fmt: skip


def common(draft: RecordDraft, context: Context) -> Faults:
    """Producer, date, way of entry, lengths, and the product, plot and quantity where the draft has them."""
    producer = context.producers.get(draft.producer_id)
    if producer is None:
        yield "producer", _("没有这个生产主体。")
    elif producer.status == ProducerStatus.MERGED:
        yield "producer", _("该主体已合并，请记在合并后的主体名下。")
    elif producer.status == ProducerStatus.CLOSED:
        yield "producer", _("该主体已注销，不能再记录。")
    yield from _date(draft, context)
    if draft.entry not in EntryWay.values:
        yield "entry", _("录入方式不正确。")
    for field, length in _LENGTHS.items():
        text = getattr(draft, field, "")
        if not isinstance(text, str):
            continue
        if len(text) > length:
            yield field, _("最多%(length)d个字。") % {"length": length}
        if "\0" in text:
            yield field, _("含有不可见的字符，请重新填写。")
    yield from _belongings(draft, context)
    yield from _production(draft, context)
    if getattr(draft, "quantity", None) is not None:
        yield from amount(draft.quantity)  # type: ignore[attr-defined]  # it has one, as just asked
        yield from needed(draft, "unit")


def needed(draft: RecordDraft, *fields: str) -> Faults:
    """Texts that must not be empty."""
    for field in fields:
        if not str(getattr(draft, field) or "").strip():
            yield field, _("请填写。")


def permitted_input(draft: Any, rules: Rulebook) -> Faults:
    """The kind of input is known and not banned on the day: bought or used, it is refused (art. 29)."""
    if draft.kind not in InputKind.values:
        yield "kind", _("请选择投入品类别。")
        return
    for field in ("name", "ingredient"):
        rule = rules.banned_on(getattr(draft, field), draft.occurred_on, draft.kind)
        if rule is not None:
            yield field, banned_sentence(rule)
            return


def banned_sentence(rule: Rule) -> str:
    """Why an input is refused: what it is, since when it is forbidden, by which announcement."""
    said = {"name": rule.name, "basis": rule.basis}
    if rule.begins == datetime.date.min:
        return _("“%(name)s”禁止使用（%(basis)s），不能登记。请停止使用并向当地农业农村部门报告。") % said
    return _("“%(name)s”自%(day)s起禁止使用（%(basis)s），不能登记。请停止使用并向当地农业农村部门报告。") % {
        **said,
        "day": full_date(rule.begins),
    }


def _date(draft: RecordDraft, context: Context) -> Faults:
    entered_on = clock.shanghai_date(context.entered_at(draft))
    if (
        draft.occurred_on > entered_on + FUTURE_TOLERANCE
        or draft.occurred_on > context.today + FUTURE_TOLERANCE
    ):
        yield "occurred_on", _("日期不能晚于今天。")
    elif draft.occurred_on.year < 2000:
        yield "occurred_on", _("日期太早，请核对年份。")
    if draft.entered_at is not None and draft.entered_at > context.now:
        yield "entered_at", _("录入时间不能晚于现在。")


def _belongings(draft: RecordDraft, context: Context) -> Faults:
    product_id = getattr(draft, "product_id", None)
    if product_id is not None and (draft.producer_id, product_id) not in context.grown:
        yield "product", _("该主体没有登记这种产品，请先在档案中添加。")
    plot_id = getattr(draft, "plot_id", None)
    if plot_id is not None:
        plot = context.plots.get(plot_id)
        if plot is None or plot.producer_id != draft.producer_id:
            yield "plot", _("该主体没有这个地块。")
    for field, rows, sentence in (
        ("purchase", "purchases", _("没有这条采购记录，或已撤销。")),
        ("harvest", "harvests", _("没有这个采收批次，或已撤销。")),
    ):
        uid = getattr(draft, field, None)
        if uid is None:
            continue
        row = getattr(context, rows).get(uid)
        if row is None or row.producer_id != draft.producer_id:
            yield field, sentence
        elif row.occurred_on > draft.occurred_on:
            yield "occurred_on", _("日期早于所关联记录的日期%(day)s。") % {"day": full_date(row.occurred_on)}
        elif product_id is not None and getattr(row, "product_id", product_id) != product_id:
            yield field, _("这个批次是另一种产品。")


def _production(draft: RecordDraft, context: Context) -> Faults:
    """The batch named is the producer's, of the same product, and was running on the day."""
    uid = getattr(draft, "production", None)
    if uid is None:
        return
    batch = context.productions.get(uid)
    if batch is None or batch.producer_id != draft.producer_id:
        yield "production", _("没有这个生产批次，或已撤销。")
    elif batch.product_id != getattr(draft, "product_id", batch.product_id):
        yield "production", _("这个生产批次是另一种产品。")
    elif draft.occurred_on < batch.occurred_on:
        said = {"day": full_date(batch.occurred_on)}
        yield "occurred_on", _("日期早于生产批次的开始日期%(day)s。") % said
    elif batch.ended_on is not None and draft.occurred_on > batch.ended_on:
        said = {"day": full_date(batch.ended_on)}
        yield "occurred_on", _("日期晚于生产批次的结束日期%(day)s。") % said


def amount(quantity: Decimal, field: str = "quantity") -> Faults:
    """A number greater than nothing, of a likely size, with three decimals at most."""
    if not quantity.is_finite() or quantity <= 0:
        yield field, _("数量须大于0。")
    elif quantity > QUANTITY_LIMIT:
        yield field, _("数量过大，请核对单位。")
    elif quantity != quantity.quantize(Decimal("0.001")):
        yield field, _("数量最多三位小数。")
