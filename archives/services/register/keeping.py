"""Adding, changing, ending and checking what is kept on a producer: an act, a transaction, an audit line."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import full_date
from archives.models import Checked, CheckOutcome, Kept, NoticeText, Producer, ProducerStatus
from archives.services.register import completeness, statements
from archives.services.register.nouns import NOUN_OF, NOUNS, Noun

_OURS = {"entered_by", "checked_by"}


@transaction.atomic
def add(*, noun: str, producer: Producer, actor: Any = None, **values: Any) -> Any:
    """Write an entry into a producer's file; ``values`` are the noun's fields.

    What an officer enters from the document counts as checked; what a producer enters waits for a check.
    ValidationError names every field that is wrong, or says why the file takes no entries.
    """
    kind = NOUNS[noun]
    owner = locked(producer)
    row = kind.model(producer=owner, entered_by=actor, entered_at=clock.now())
    _fill(kind, row, values)
    _judge(row, actor)
    row.save()
    _note("register.added", kind, row, actor)
    _settle(kind, row)
    return row


@transaction.atomic
def change(*, row: Kept, actor: Any = None, **values: Any) -> Any:
    """Correct an entry. When a producer does, a check that was made no longer holds."""
    kind, entry = _again(row)
    _fill(kind, entry, values)
    entry.__dict__.pop("reminded_for", None)
    _judge(entry, actor)
    entry.save()
    _note("register.changed", kind, entry, actor)
    _settle(kind, entry)
    return entry


@transaction.atomic
def end(
    *,
    row: Kept,
    reason: str,
    on: datetime.date | None = None,
    mistaken: bool = False,
    actor: Any = None,
) -> Any:
    """End an entry on a day (today). ``mistaken``: it never was true, so that what it said is taken back."""
    kind, entry = _again(row)
    day = on or clock.today()
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    if day > clock.today():
        raise ValidationError({"on": _("日期不能晚于今天。")})
    entry.ended_on, entry.end_reason = day, reason.strip()[:240]
    entry.save(update_fields=["ended_on", "end_reason"])
    _note("register.ended", kind, entry, actor, reason=entry.end_reason)
    if mistaken and kind.code in ("honour", "green_control"):
        statements.withdraw(entry, kind.code)
        completeness.refresh([entry.producer_id])
    else:
        _settle(kind, entry)
    return entry


@transaction.atomic
def check(*, row: Checked, outcome: str, note: str = "", actor: Any = None) -> Any:
    """Say that an entry agrees with its document (pass) or does not (fail, with a note)."""
    kind, entry = _again(row)
    if outcome not in (CheckOutcome.PASS, CheckOutcome.FAIL):
        raise ValidationError({"outcome": _("请选择核验通过或不通过。")})
    if outcome == CheckOutcome.FAIL and not note.strip():
        raise ValidationError({"note": _("核验不通过的，请写明哪里不符。")})
    entry.check_outcome, entry.check_note = outcome, note.strip()[:240]
    entry.checked_on, entry.checked_by = clock.today(), actor
    entry.validate_constraints(exclude=_OURS)
    entry.save(update_fields=["check_outcome", "check_note", "checked_on", "checked_by"])
    _note("register.checked", kind, entry, actor, outcome=str(entry.get_check_outcome_display()))
    _settle(kind, entry)
    return entry


def locked(producer: Producer) -> Producer:
    """The producer's row, held until commit; ValidationError when its file takes no entries any more."""
    row: Producer = Producer.objects.select_for_update(no_key=True).get(pk=producer.pk)
    if row.status == ProducerStatus.MERGED:
        raise ValidationError(_("该主体已合并，请在合并后的主体上办理。"), code="status")
    if row.status == ProducerStatus.CLOSED:
        raise ValidationError(_("该主体已注销，档案不能再改。"), code="status")
    return row


def _again(row: Kept) -> tuple[Noun, Any]:
    """The row as it stands now, its producer held; ValidationError when it was ended meanwhile."""
    owner = locked(row.producer)
    entry: Any = type(row)._default_manager.select_for_update().get(pk=row.pk)
    entry.producer = owner
    if entry.ended_on is not None:
        raise ValidationError(
            _("这一条已于%(day)s终止，不能再改。") % {"day": full_date(entry.ended_on)}, code="ended"
        )
    return NOUN_OF[type(row)], entry


def _fill(kind: Noun, row: Any, values: dict[str, Any]) -> None:
    """Put the values in and let the model judge them: all faults at once, each beside its field."""
    unknown = set(values) - set(kind.fields)
    if unknown:
        raise TypeError(f"a {kind.code} has no {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    faults: dict[str, Any] = {}
    _refuse_foreign(kind, row, faults)
    try:
        row.full_clean(exclude=_OURS | set(faults))
    except ValidationError as error:
        faults.update(error.error_dict)
    if faults:
        raise ValidationError(faults)


def _refuse_foreign(kind: Noun, row: Any, faults: dict[str, Any]) -> None:
    """What an entry names must be the same producer's, and a text must hold where the producer is."""
    for name in kind.fields:
        if not isinstance(row._meta.get_field(name), models.ForeignKey):
            continue
        other = getattr(row, name)
        owner = getattr(other, "producer_id", row.producer_id)
        if other is not None and owner != row.producer_id:
            faults[name] = ValidationError(_("这不是该主体的。"))
        elif isinstance(other, NoticeText) and not row.producer.region_id.startswith(other.region_id):
            faults[name] = ValidationError(_("这份文本不适用于该主体所在的区划。"))


def _judge(row: Any, actor: Any) -> None:
    """An officer writes from the document before him; a producer's word waits for the check."""
    if not isinstance(row, Checked):
        return
    if scope_of(actor).kind == "own":
        row.check_outcome, row.checked_on, row.checked_by, row.check_note = CheckOutcome.NONE, None, None, ""
    else:
        row.check_outcome, row.checked_on, row.checked_by = CheckOutcome.PASS, clock.today(), actor
        row.validate_constraints(exclude=_OURS)  # some hold only for what was found true


def _settle(kind: Noun, row: Any) -> None:
    if kind.settle is not None:
        kind.settle(row)
    completeness.refresh([row.producer_id])


def _note(verb: str, kind: Noun, row: Any, actor: Any, **facts: Any) -> None:
    record(
        verb=verb,
        actor=actor,
        target=row.producer,
        region_code=row.producer.region_id,
        noun=str(kind.label),
        what=str(row),
        row=f"{kind.code}:{row.pk}",
        **facts,
    )
