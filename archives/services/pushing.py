"""Many producers or records at once from a company's or agency's own system, answered item by item.

Sound items are written together, faulty ones say why; nothing is written twice. With an idempotency key the
whole call is answered again as it was answered first, also when the first answer was lost on the way.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import EntryWay, IdempotentCall
from archives.services.sheets import Row, Seen, Sheet, Verdict, sheet_of

ITEMS = 1_000
KEPT = timedelta(days=7)
KEY_REUSED = "idempotency_key_reused"


@transaction.atomic
def push(*, sheet: str, items: Sequence[Mapping[str, str]], actor: Any, key: str = "") -> dict[str, Any]:
    """Judge all items, write the sound ones, say of each what became of it; replays a known ``key``.

    ``items`` hold texts by the sheet's fields. ValidationError: too many items, or a key that was used for
    something else (code :data:`KEY_REUSED`). The answer: ``results`` in the order given, ``counts``,
    ``replayed``.
    """
    if not 1 <= len(items) <= ITEMS:
        raise ValidationError(_("每次报送1至%(most)d条。") % {"most": ITEMS})
    if not key:
        return {**_written(sheet_of(sheet), items, actor), "replayed": False}
    call = IdempotentCall(user=actor, key=key, path=sheet, body_sha256=_digest(items), created_at=clock.now())
    try:
        with transaction.atomic():
            # Of two calls with one key the second waits here until the first has committed.
            call.save(force_insert=True)
    except IntegrityError:
        return _replayed(call)
    call.answer = _written(sheet_of(sheet), items, actor)
    call.save(update_fields=["answer"])
    return {**call.answer, "replayed": False}


def purge() -> int:
    """Forget answers that nobody will ask for again; how many."""
    return int(IdempotentCall.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0])


def _replayed(call: IdempotentCall) -> dict[str, Any]:
    known = IdempotentCall.objects.get(user=call.user, key=call.key)
    if (known.path, known.body_sha256) != (call.path, call.body_sha256):
        message = _("这个Idempotency-Key已用于另一次内容不同的报送，请换一个。")
        raise ValidationError(message, code=KEY_REUSED)
    return {**known.answer, "replayed": True}


def _written(sheet: Sheet, items: Sequence[Mapping[str, str]], actor: Any) -> dict[str, Any]:
    rows = [
        Row(index, _cells(sheet, item), entry=EntryWay.API.value, place=_place(index))
        for index, item in enumerate(items)
    ]
    for row, item in zip(rows, items, strict=True):
        for name in item.keys() - {column.field for column in sheet.columns}:
            row.refuse(_printable(name), _("没有这个字段。"))
    sheet.judge(rows, Seen(), actor)
    wanted = [row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)]
    if wanted:
        sheet.write(wanted, actor)
    counts = Counter(row.verdict.value for row in rows)
    record(
        verb="push.received", actor=actor, region_code=scope_of(actor).region_code,
        noun=str(sheet.title), written=len(wanted), refused=counts[Verdict.FAULTY.value],
    )  # fmt: skip
    return {
        "results": [_result(sheet, row) for row in rows],
        "counts": {verdict.value: counts[verdict.value] for verdict in Verdict},
    }


def _place(index: int) -> str:
    """An item as people count, and as ``index`` and the paths of errors do."""
    return _("本次报送的第%(number)d项（items.%(index)d）") % {"number": index + 1, "index": index}


def _printable(name: str) -> str:
    """A field's name as it can be kept and shown."""
    return "".join(letter for letter in name if letter.isprintable())[:80] or "?"


def _cells(sheet: Sheet, item: Mapping[str, str]) -> dict[str, str]:
    return {column.field: item.get(column.field, "") for column in sheet.columns}


def _result(sheet: Sheet, row: Row) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    for column, message in row.faults:
        errors.setdefault(column, []).append(message)
    return {"index": row.number, "status": row.verdict.value, "id": sheet.identity_of(row), "errors": errors}


def _digest(items: Sequence[Mapping[str, str]]) -> str:
    text = json.dumps(items, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
