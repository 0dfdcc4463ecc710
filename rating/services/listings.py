"""Lawful lists of serious dishonesty: entered or imported as they are, ended as whoever listed says.

An entry posts ``dishonesty.listed``, which vetoes, frequencies and credit checks read; leaving the list ends
its validity in the ledger (reversed, and posted again with its true end, ``ledger-contract.md``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.common.files import Fault, FileRefused, read_rows
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs import outbox
from archives.ledger.drafts import LedgerRefusal
from archives.models import Producer
from archives.services import ledger
from rating.models import DishonestyListing, Standing
from rating.services.access import require

State = DishonestyListing.State
#: Columns of an import file; the last may be left out.
CODE, NAME, AUTHORITY, BASIS = "统一社会信用代码", "名单名称", "列入机关", "列入依据"
NUMBER, SOURCE, SINCE, UNTIL = "列入决定文号", "信息来源", "列入日期", "有效期至"
REQUIRED = (CODE, NAME, AUTHORITY, BASIS, NUMBER, SOURCE, SINCE)
_LONGEST = {NAME: 100, AUTHORITY: 100, BASIS: 200, NUMBER: 100, SOURCE: 200}


@dataclass(frozen=True)
class Imported:
    """What an import did, or would do."""

    new: int
    known: int


def enter(*, producer: Producer, actor: User, **fields: Any) -> DishonestyListing:
    """Record one entry and post it. Refused without authority, basis, number or source, or known already."""
    producer = producer.resolved
    require(actor, "rating.add_dishonestylisting", producer.region_id)
    for name in ("list_name", "authority", "basis", "document_number", "source"):
        if not str(fields.get(name, "")).strip():
            raise ValidationError(
                _("名单须有名称、列入机关、依据、文号和来源：只登记有权机关依法列入的。"), code="unlawful"
            )
    known = DishonestyListing.objects.filter(
        producer=producer, list_name=fields["list_name"], document_number=fields["document_number"]
    )
    if known.exists():
        raise ValidationError(_("这条名单记录已经登记。"), code="known")
    with transaction.atomic():
        row = _written(producer, actor, fields)
        announce([producer.pk])
    return row


def load(*, file: IO[bytes], name: str, actor: User, dry_run: bool) -> Imported:
    """Import a file of entries, all of it or nothing; repeating it changes nothing.

    FileRefused names every fault of every row: unknown codes, producers out of reach, missing fields, dates.
    """
    require(actor, "rating.add_dishonestylisting", actor.region_code)
    rows = list(read_rows(file, name=name, required=REQUIRED, optional=(UNTIL,)))
    codes = {row[CODE].upper() for _number, row in rows}
    found = Producer.objects.visible_to(actor).filter(credit_code__in=codes)
    producers = {str(producer.credit_code): producer for producer in found.select_related("region")}
    faults = [fault for number, row in rows for fault in _faults(name, number, row, producers)] + _twice(
        name, rows
    )
    if faults:
        raise FileRefused(faults)
    known = set(
        DishonestyListing.objects.filter(producer__in=producers.values()).values_list(
            "producer_id", "list_name", "document_number"
        )
    )
    fresh = [
        (producers[row[CODE].upper()].resolved, row)
        for _number, row in rows
        if (producers[row[CODE].upper()].resolved.pk, row[NAME], row[NUMBER]) not in known
    ]
    if not dry_run:
        with transaction.atomic():
            for producer, row in fresh:
                _written(producer, actor, _fields(row))
            announce([producer.pk for producer, _row in fresh])
    return Imported(len(fresh), len(rows) - len(fresh))


def remove(*, listing: DishonestyListing, removed_on: date, removal: str, actor: User) -> DishonestyListing:
    """The body that listed took it off: its validity ends in the ledger with the day before."""
    require(actor, "rating.remove_dishonestylisting", listing.producer.region_id)
    if not removal.strip():
        raise ValidationError(_("请写明移出的依据（列入机关的决定或期满）。"), code="removal")
    if not listing.listed_on <= removed_on <= today():
        raise ValidationError(
            _("移出日期应在%(first)s至今天之间。") % {"first": full_date(listing.listed_on)}, code="date"
        )
    with transaction.atomic():
        changed = DishonestyListing.objects.filter(pk=listing.pk, state=State.LISTED).update(
            state=State.REMOVED, removed_on=removed_on, removal=removal, removed_by=actor
        )
        listing.refresh_from_db()
        if not changed:
            raise ValidationError(_("该记录已经移出或期满。"), code="state")
        _end(listing, removed_on - timedelta(days=1), removal)
        _note("listing.removed", listing, actor, on=removed_on.isoformat())
        announce([listing.producer_id])
    return listing


def end_due() -> int:
    """Entries whose validity has run out are no longer in force (nightly); returns how many ended."""
    due = DishonestyListing.objects.filter(state=State.LISTED, valid_until__lt=today())
    ended = list(due.select_related("producer"))
    with transaction.atomic():
        for listing in ended:
            DishonestyListing.objects.filter(pk=listing.pk).update(state=State.ENDED)
            _note("listing.ended", listing, None, on=str(listing.valid_until))
        announce([listing.producer_id for listing in ended])
    return len(ended)


def announce(producer_ids: Iterable[int]) -> None:
    """Frequencies of the runs in force for these producers are assigned anew (outbox)."""
    standings = Standing.objects.filter(producer_id__in=list(producer_ids), official_run__isnull=False)
    runs = standings.order_by("official_run").values_list("official_run", "official_run__region_code")
    for run_id, region_code in runs.distinct():
        outbox.emit("rating.lists_changed", run_id=run_id, region_code=region_code)


def _written(producer: Producer, actor: User, fields: dict[str, Any]) -> DishonestyListing:
    row = DishonestyListing.objects.create(producer=producer, entered_by=actor, entered_at=now(), **fields)
    _post(row, f"listing:{row.pk}", row.valid_until)
    _note("listing.entered", row, actor, on=row.listed_on.isoformat())
    return row


def _post(row: DishonestyListing, uid: str, until: date | None) -> None:
    draft = ledger.EventDraft(
        uid=uid,
        producer_id=row.producer_id,
        kind="dishonesty.listed",
        occurred_on=row.listed_on,
        valid_until=until,
        source=f"{row.authority} {row.document_number}"[:100],
        note=row.list_name,
    )
    try:
        ledger.post([draft])
    except LedgerRefusal as refusal:
        raise ValidationError(str(refusal), code="ledger") from refusal


def _end(row: DishonestyListing, last_day: date, why: str) -> None:
    if row.valid_until is not None and row.valid_until <= last_day:
        return
    ledger.reverse(uid=f"listing:{row.pk}", by_uid=f"listing:{row.pk}:ended", source=_("移出名单"), note=why)
    if last_day >= row.listed_on:
        _post(row, f"listing:{row.pk}:until", last_day)


def _faults(name: str, number: int, row: dict[str, str], producers: dict[str, Producer]) -> list[Fault]:
    found = []
    if row[CODE].upper() not in producers:
        found.append(Fault(name, number, CODE, _("辖区内没有这个统一社会信用代码的主体。")))
    for column, most in _LONGEST.items():
        if not row[column]:
            found.append(Fault(name, number, column, _("不能为空。")))
        elif len(row[column]) > most:
            found.append(Fault(name, number, column, _("不能超过%(most)s个字。") % {"most": most}))
    since, until = _date(row[SINCE]), _date(row.get(UNTIL, ""))
    if since is None or since > today():
        found.append(Fault(name, number, SINCE, _("应为不晚于今天的日期，如2026-03-01。")))
    if row.get(UNTIL) and (until is None or (since is not None and until < since)):
        found.append(Fault(name, number, UNTIL, _("应为不早于列入日期的日期，或空着。")))
    return found


def _twice(name: str, rows: list[tuple[int, dict[str, str]]]) -> list[Fault]:
    first: dict[tuple[str, ...], int] = {}
    found = []
    for number, row in rows:
        key = (row[CODE].upper(), row[NAME], row[NUMBER])
        if key in first:
            found.append(Fault(name, number, CODE, _("与第%(row)s行重复。") % {"row": first[key]}))
        first.setdefault(key, number)
    return found


def _fields(row: dict[str, str]) -> dict[str, Any]:
    return {
        "list_name": row[NAME],
        "authority": row[AUTHORITY],
        "basis": row[BASIS],
        "document_number": row[NUMBER],
        "source": row[SOURCE],
        "listed_on": _date(row[SINCE]),
        "valid_until": _date(row.get(UNTIL, "")),
    }


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _note(verb: str, listing: DishonestyListing, actor: User | None, **facts: str) -> None:
    audit.record(
        verb=verb,
        actor=actor,
        target=listing,
        region_code=listing.producer.region_id,
        producer=listing.producer.name,
        list=listing.list_name,
        **facts,
    )
