"""The table of consequences (四挂钩): drafted as a copy, changed row by row, approved by somebody else."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from rating.models import ConsequenceRow, ConsequenceTable
from rating.services.access import require

SHIPPED = Path(__file__).resolve().parent.parent / "consequences.yaml"
State = ConsequenceTable.State
_COLUMNS = ("code", "when", "purposes", "kinds", "entry", "consequence", "basis")


def table() -> list[dict[str, Any]]:
    """The rows in force: of the approved version, else those shipped."""
    row = ConsequenceTable.objects.filter(state=State.IN_FORCE).first()
    return list(row.rows.values(*_COLUMNS)) if row else shipped()


@cache
def shipped() -> list[dict[str, Any]]:
    """The table that comes with the platform."""
    rows: list[dict[str, Any]] = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["consequences"]
    return rows


def draft(*, note: str, actor: User) -> ConsequenceTable:
    """Copy the rows in force into a new draft. Refused while another draft is open."""
    require(actor, "rating.add_consequencetable", actor.region_code)
    if ConsequenceTable.objects.filter(state=State.DRAFT).exists():
        raise ValidationError(_("已有一份草案，请先批准或删除。"), code="draft_open")
    with transaction.atomic():
        last = ConsequenceTable.objects.aggregate(last=Max("version"))["last"] or 0
        row = ConsequenceTable.objects.create(
            version=last + 1, note=note, drafted_by=actor, drafted_on=today()
        )
        ConsequenceRow.objects.bulk_create(ConsequenceRow(table=row, **values) for values in table())
        _note("consequences.drafted", row, actor)
    return row


def set_row(*, table: ConsequenceTable, actor: User, row: ConsequenceRow | None = None, **values: Any) -> Any:
    """Add a row to a draft or change one. Refused once approved, without a purpose, or by a code taken."""
    _require_draft(table, actor)
    if not values.get("purposes"):
        raise ValidationError(_("请至少选一种用途。"), code="purposes")
    row = row or ConsequenceRow(table=table)
    for name, value in values.items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
            _note("consequences.edited", table, actor)
    except IntegrityError:
        raise ValidationError(_("代码“%(code)s”已有。") % {"code": row.code}, code="code") from None
    return row


def drop_row(*, row: ConsequenceRow, actor: User) -> ConsequenceTable:
    """Take a row out of a draft."""
    _require_draft(row.table, actor)
    with transaction.atomic():
        row.delete()
        _note("consequences.edited", row.table, actor)
    return row.table


def approve(*, table: ConsequenceTable, actor: User) -> ConsequenceTable:
    """Put a draft in force from today; the version before it is retired. Refused to its author, and empty."""
    require(actor, "rating.approve_consequencetable", actor.region_code)
    if table.drafted_by_id == actor.pk:
        raise ValidationError(_("批准的人不能是起草人。"), code="same_person")
    if not table.rows.exists():
        raise ValidationError(_("规则表是空的。"), code="empty")
    with transaction.atomic():
        ConsequenceTable.objects.filter(state=State.IN_FORCE).update(state=State.RETIRED)
        changed = ConsequenceTable.objects.filter(pk=table.pk, state=State.DRAFT).update(
            state=State.IN_FORCE, approved_by=actor, approved_on=today()
        )
        table.refresh_from_db()
        if not changed:
            raise ValidationError(_("只有草案才能批准。"), code="state")
        _note("consequences.approved", table, actor)
    return table


def discard(*, table: ConsequenceTable, actor: User) -> None:
    """Delete a draft."""
    _require_draft(table, actor)
    with transaction.atomic():
        _note("consequences.discarded", table, actor)
        table.delete()


def _require_draft(table: ConsequenceTable, actor: User) -> None:
    require(actor, "rating.change_consequencetable", actor.region_code)
    if table.state != State.DRAFT:
        raise ValidationError(_("施行过的规则表不能修改，请另起草案。"), code="state")


def _note(verb: str, table: ConsequenceTable, actor: User) -> None:
    audit.record(verb=verb, actor=actor, target=table, version=table.version)
