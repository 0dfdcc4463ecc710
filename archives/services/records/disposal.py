"""What became of batches that failed their own test (不合格处置, read by GD402 and HZ0303)."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import SelfTest
from archives.services import ledger

SOURCE = "records.self_test"
AT_ONCE = 5000


@transaction.atomic
def record_disposal(
    *, test: SelfTest, disposal: str, on: datetime.date | None = None, actor: Any = None
) -> SelfTest:
    """Write down what was done with a failed batch; done within the term it counts as a pass."""
    day = on or clock.today()
    row: SelfTest = (
        SelfTest.objects.select_for_update(of=("self",)).select_related("producer").get(pk=test.pk)
    )
    if row.passed or row.status != SelfTest.Status.ACTIVE:
        raise ValidationError(_("这次检测没有不合格，或已撤销，不需要处置。"), code="not_due")
    if row.disposed_on is not None:
        raise ValidationError(_("已经登记过处置情况。"), code="disposed")
    if not disposal.strip():
        raise ValidationError({"disposal": _("请写明如何处置（销毁、改作他用、停止销售等）。")})
    if not row.occurred_on <= day <= clock.today():
        raise ValidationError({"on": _("处置日期应在检测日期与今天之间。")})
    row.disposal, row.disposed_on = disposal.strip(), day
    if not row.disposal_settled:
        _post([row])
        row.disposal_settled = True
    row.save(update_fields=["disposal", "disposed_on", "disposal_settled"])
    record(
        verb="record.disposed",
        actor=actor,
        target=row,
        region_code=row.producer.region_id,
        disposal=row.disposal,
    )
    return row


@transaction.atomic
def settle_overdue_disposals(*, on: datetime.date | None = None) -> int:
    """Post a fail for every failed test whose term has passed without a disposal; return how many."""
    due = SelfTest.objects.active().filter(
        passed=False,
        disposal_settled=False,
        disposed_on__isnull=True,
        disposal_due_on__lt=on or clock.today(),
    )
    rows = list(due.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:AT_ONCE])
    if rows:
        _post(rows)
        SelfTest.objects.filter(pk__in=[row.pk for row in rows]).update(disposal_settled=True)
        record(verb="records.disposals_settled", count=len(rows))
    return len(rows)


def _post(rows: list[SelfTest]) -> None:
    ledger.post(
        ledger.EventDraft(
            uid=f"{row.uid}:disposal.due",
            producer_id=row.producer_id,
            kind="disposal.due",
            outcome="pass" if _in_time(row) else "fail",
            occurred_on=row.disposed_on or row.disposal_due_on or row.occurred_on,
            source=SOURCE,
            note=row.disposal,
        )
        for row in rows
    )


def _in_time(row: SelfTest) -> bool:
    return (
        row.disposed_on is not None
        and row.disposal_due_on is not None
        and row.disposed_on <= row.disposal_due_on
    )
