"""A producer's state: active, paused, closed; and merging, which is an alias that can be undone."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.db import Lock, lock
from agricredit.foundation.jobs import outbox
from archives.models import Producer, ProducerStatus
from archives.services.producers import CHANGED, refusals


@transaction.atomic
def change_status(*, producer: Producer, status: str, reason: str, actor: Any = None) -> Producer:
    """Set a producer active, paused or closed, with the reason. Nothing is written when it is so already."""
    row = Producer.objects.select_for_update().get(pk=producer.pk)
    _ask_reason(reason)
    if row.status == ProducerStatus.MERGED:
        raise ValidationError(_("该主体已合并，须先撤销合并。"), code="merged")
    if status not in (ProducerStatus.ACTIVE, ProducerStatus.PAUSED, ProducerStatus.CLOSED):
        raise ValidationError({"status": _("状态只能改为正常、停产或注销；合并请用“合并主体”。")})
    if row.status == status:
        return row
    before = row.get_status_display()
    row.status = status
    row.save(update_fields=["status", "updated_at"])
    record(
        verb="producer.status_changed",
        actor=actor,
        target=row,
        region_code=row.region_id,
        before=str(before),
        after=str(row.get_status_display()),
        reason=reason.strip(),
    )
    outbox.emit(CHANGED, producer_ids=[row.pk])
    return row


@transaction.atomic
def merge(*, producer: Producer, into: Producer, reason: str, actor: Any = None) -> Producer:
    """Make ``producer`` an alias of ``into``: its events stay where they are and count there from now on."""
    lock(Lock.PRODUCER)  # two merges that would close a loop together wait for each other
    rows = {row.pk: row for row in Producer.objects.select_for_update().filter(pk__in=(producer.pk, into.pk))}
    row, target = rows[producer.pk], rows[into.pk]
    _ask_reason(reason)
    if row.status == ProducerStatus.MERGED:
        raise ValidationError(_("该主体已经合并，须先撤销原来的合并。"), code="merged")
    if target.status == ProducerStatus.CLOSED:
        raise ValidationError({"into": _("不能合并到已注销的主体。")})
    if target.resolved.pk == row.pk:
        raise ValidationError({"into": _("不能合并到自己，或合并到已并入自己的主体。")}, code="loop")
    row.status, row.merged_into = ProducerStatus.MERGED, target
    row.save(update_fields=["status", "merged_into", "updated_at"])
    _note_merge("producer.merged", row, target, reason, actor)
    return row


@transaction.atomic
def unmerge(*, producer: Producer, reason: str, actor: Any = None) -> Producer:
    """Undo a merge: the producer is active again and its own events count for it alone."""
    row = Producer.objects.select_for_update(of=("self",)).select_related("merged_into").get(pk=producer.pk)
    _ask_reason(reason)
    if row.merged_into is None:
        raise ValidationError(_("该主体没有合并。"), code="not_merged")
    target = row.merged_into
    row.status, row.merged_into = ProducerStatus.ACTIVE, None
    with refusals():
        row.save(update_fields=["status", "merged_into", "updated_at"])
    _note_merge("producer.unmerged", row, target, reason, actor)
    return row


def _note_merge(verb: str, row: Producer, target: Producer, reason: str, actor: Any) -> None:
    record(
        verb=verb,
        actor=actor,
        target=row,
        region_code=row.region_id,
        into=target.name,
        into_key=target.key,
        reason=reason.strip(),
    )
    outbox.emit(CHANGED, producer_ids=sorted({row.pk, target.pk, target.resolved.pk}))


def _ask_reason(reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
