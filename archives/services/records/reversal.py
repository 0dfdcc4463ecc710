"""Taking a mis-entered record back: it stays, marked and with the reason, and its events are reversed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.ledger.outcomes import OUTCOME_NAMES
from archives.models import (
    CreditEvent,
    Harvest,
    InputPurchase,
    InputUse,
    Producer,
    ProductionBatch,
    Record,
    RecordStatus,
)
from archives.services import ledger
from archives.services.records import flags, intervals
from archives.services.records.context import Context
from archives.services.records.drafts import RecordDraft

REASON_LENGTH = 240


@transaction.atomic
def reverse_record(*, row: Record, reason: str, actor: Any = None) -> Record:
    """Reverse a record and every event it posted; a record that others build on is refused.

    Harvests inside the interval of a reversed use are judged again.
    """
    if not reason.strip() or len(reason.strip()) > REASON_LENGTH:
        raise ValidationError({"reason": _("请填写撤销理由，最多%(n)d个字。") % {"n": REASON_LENGTH}})
    context = Context([RecordDraft(producer_id=row.producer_id, occurred_on=row.occurred_on)])
    locked: Record = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.status == RecordStatus.REVERSED:
        raise ValidationError(_("该记录已经撤销。"), code="reversed")
    _refuse_if_built_on(locked)
    locked.status, locked.reversed_at, locked.reversed_by = RecordStatus.REVERSED, context.now, actor
    locked.reverse_reason = reason.strip()
    locked.save(update_fields=["status", "reversed_at", "reversed_by", "reverse_reason"])
    _reverse_events(locked)
    flags.close(locked)
    if isinstance(locked, InputUse):
        ledger.post(list(intervals.judge_again(intervals.harvests_after([locked.pk]), context)))
    _audit(locked, context.producers[locked.producer_id], actor)
    return locked


def _refuse_if_built_on(row: Record) -> None:
    if isinstance(row, InputPurchase) and row.uses.active().exists():
        raise ValidationError(_("已有用药记录对应这次采购，请先撤销用药记录。"), code="built_on")
    if isinstance(row, Harvest) and (row.sales.active().exists() or row.tests.active().exists()):
        raise ValidationError(_("这个批次已有销售或检测记录，请先撤销它们。"), code="built_on")
    if isinstance(row, Harvest) and row.packings.active().exists():
        raise ValidationError(_("这个批次已有加工包装记录，请先撤销它们。"), code="built_on")
    if isinstance(row, ProductionBatch) and _named(row):
        raise ValidationError(_("已有记录属于这个生产批次，请先撤销它们。"), code="built_on")


def _named(batch: ProductionBatch) -> bool:
    records = (batch.uses, batch.harvests, batch.pests, batch.immunisations, batch.disposals)
    return any(rows.active().exists() for rows in records)


def _reverse_events(row: Record) -> None:
    """One reversal for each event of the record that still counts; two queries and one call."""
    standing = CreditEvent.objects.filter(
        uid__startswith=f"{row.uid}:", reverses__isnull=True, reversals__isnull=True
    )
    ledger.post(
        ledger.EventDraft(
            uid=f"{event.uid}:reversed",
            producer_id=event.producer_id,
            kind=event.event_kind.name,
            outcome=OUTCOME_NAMES[event.outcome],
            value=event.value,
            occurred_on=clock.today(),
            source="records.reversal",
            note=row.reverse_reason,
            reverses=event.uid,
        )
        for event in standing.order_by("pk")
    )


def _audit(row: Record, producer: Producer, actor: Any) -> None:
    record(
        verb="record.reversed",
        actor=actor,
        target=row,
        region_code=producer.region_id,
        reason=row.reverse_reason,
        uid=row.uid,
    )
