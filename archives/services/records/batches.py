"""Production batches (批次): begun with sowing, planting, stocking or release, ended once.

Which procedure a batch follows may be corrected at any time: what its harvests said of it is said anew.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import full_date
from archives.models import Procedure, ProductionBatch
from archives.services import ledger
from archives.services.ledger import EventDraft
from archives.services.records import checks, standards
from archives.services.records.context import Context
from archives.services.records.drafts import BatchDraft, RecordDraft
from archives.services.records.nouns import Noun, common_events

_BEGUN = ("product_id", "variety", "origin", "quarantine_number", "quantity", "unit")
#: ``sop`` is empty ever since; it keeps the fingerprints of batches known from before procedures were rows.
_SAME = (*_BEGUN, "sop", "number", "plot_ids")


def _check(draft: BatchDraft, context: Context) -> checks.Faults:
    for plot_id in draft.plot_ids:
        plot = context.plots.get(plot_id)
        if plot is None or plot.producer_id != draft.producer_id:
            yield "plots", _("该主体没有这个地块。")
    yield from _check_procedure(draft, context)
    number = _number(draft)
    if (draft.producer_id, number) in context.numbers:
        yield "number", _("批次号“%(batch)s”已经用过。") % {"batch": number}
    elif draft.number:
        context.numbers.add((draft.producer_id, number))


def _check_procedure(draft: BatchDraft, context: Context) -> checks.Faults:
    if draft.procedure_id is None:
        return
    found = context.procedures.get(draft.procedure_id)
    if found is None or found.producer_id != draft.producer_id:
        yield "procedure", _("该主体的档案中没有这份操作规程。")
    elif not found.covers(draft.product_id, draft.occurred_on):
        yield "procedure", _not_covered(found, draft.occurred_on)


def _not_covered(procedure: Procedure, day: datetime.date) -> str:
    said = {"procedure": procedure, "day": full_date(day)}
    return _("“%(procedure)s”不适用于这种产品，或%(day)s没有实施。") % said


def _number(draft: BatchDraft) -> str:
    return draft.number.strip() or f"P{draft.occurred_on:%Y%m%d}-{draft.uid.hex[-6:].upper()}"


def _values(draft: BatchDraft, context: Context) -> dict[str, Any]:
    context.plots_of[draft.uid] = draft.plot_ids
    own = {field: getattr(draft, field) for field in (*_BEGUN, "procedure_id")}
    return {**own, "number": _number(draft)}


def _events(rows: list[ProductionBatch], context: Context) -> Iterator[EventDraft]:
    through = ProductionBatch.plots.through
    through._default_manager.bulk_create(
        through(productionbatch_id=row.pk, plot_id=plot_id)
        for row in rows
        for plot_id in dict.fromkeys(context.plots_of[row.uid])
    )
    for row in rows:
        yield from common_events(row, BATCH, context)


BATCH = Noun(
    name="batch",
    model=ProductionBatch,
    check=_check,
    values=_values,
    events=_events,
    asked=("product_id", "variety", "origin", "procedure_id"),
    content=_SAME,
    source="records.batch",
    extra=("procedure_id",),
)


@transaction.atomic
def end_batch(*, row: ProductionBatch, on: datetime.date | None = None, actor: Any = None) -> ProductionBatch:
    """End a batch; the day may not lie before anything that was recorded for it. Ending twice is refused."""
    day = on or clock.today()
    running = ProductionBatch.objects.select_for_update(of=("self",)).select_related("producer")
    batch: ProductionBatch = running.get(pk=row.pk)
    if batch.status != ProductionBatch.Status.ACTIVE or batch.ended_on is not None:
        raise ValidationError(_("这个批次已经结束或撤销。"), code="ended")
    last = max(
        filter(
            None,
            (
                records.active().aggregate(last=Max("occurred_on"))["last"]
                for records in (batch.uses, batch.harvests, batch.pests, batch.immunisations, batch.disposals)
            ),
        ),
        default=batch.occurred_on,
    )
    if day < max(last, batch.occurred_on):
        raise ValidationError(
            {"on": _("这个批次%(day)s还有记录，结束日期不能更早。") % {"day": full_date(last)}}
        )
    if day > clock.today():
        raise ValidationError({"on": _("日期不能晚于今天。")})
    batch.ended_on = day
    batch.save(update_fields=["ended_on"])
    record(
        verb="batch.ended",
        actor=actor,
        target=batch,
        region_code=batch.producer.region_id,
        day=day.isoformat(),
    )
    return batch


@transaction.atomic
def set_procedure(*, row: ProductionBatch, procedure: Procedure | None, actor: Any = None) -> ProductionBatch:
    """Say which procedure a batch follows (None: none); its harvests are judged anew.

    ValidationError when the batch was reversed, or the procedure is another's or does not cover it.
    """
    context = Context([RecordDraft(producer_id=row.producer_id, occurred_on=row.occurred_on)])
    batches = ProductionBatch.objects.select_for_update(of=("self",)).select_related("producer", "procedure")
    batch: ProductionBatch = batches.get(pk=row.pk)
    if batch.status != ProductionBatch.Status.ACTIVE:
        raise ValidationError(_("这个批次已经撤销。"), code="reversed")
    if procedure is not None and procedure.producer_id != batch.producer_id:
        raise ValidationError({"procedure": _("该主体的档案中没有这份操作规程。")})
    if procedure is not None and not procedure.covers(batch.product_id, batch.occurred_on):
        raise ValidationError({"procedure": _not_covered(procedure, batch.occurred_on)})
    if procedure == batch.procedure:
        return batch
    batch.procedure = procedure
    batch.save(update_fields=["procedure"])
    ledger.post(list(standards.judge_again(batch, context)))
    record(
        verb="batch.procedure_set",
        actor=actor,
        target=batch,
        region_code=batch.producer.region_id,
        procedure=str(procedure or "—"),
    )
    return batch
