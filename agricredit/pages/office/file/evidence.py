"""The producer's credit events: what each says, where it comes from, and whether it still counts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.paginators import KeysetPaginator
from agricredit.pages.office.file.registry import File, section
from archives.ledger.drafts import hundredths
from archives.models import CreditEvent, EventNote


@section("evidence", 40, gettext_lazy("信用信息"), "archives.view_creditevent", paged=True)
def evidence(file: File, cursor: str, size: int) -> dict[str, Any]:
    """By the day they happened, newest first; of merged producers as well."""
    rows = CreditEvent.objects.of_producers(file.family).with_reversed().order_by("-occurred_on", "-pk")
    page = KeysetPaginator(rows, size).page(cursor)
    ids = [event.pk for event in page.items]
    found = CreditEvent.objects.filter(pk__in=ids).counting(of=file.family)
    counting = set(found.values_list("pk", flat=True)) if ids else set()
    notes = dict(EventNote.objects.kept().filter(event__in=ids).values_list("event", "note"))
    shown = [_shown(event, event.pk in counting, notes.get(event.pk, "")) for event in page.items]
    return {"rows": shown, "next": page.next_cursor}


def _shown(event: CreditEvent, counts: bool, note: str) -> dict[str, Any]:
    kind = event.event_kind
    has_outcome = event.outcome != CreditEvent.Outcome.NONE
    return {
        "event": event,
        "label": kind.label,
        "outcome": event.get_outcome_display() if has_outcome else "",
        "failed": event.outcome == CreditEvent.Outcome.FAIL,
        "value": f"{hundredths(event.value)} {kind.unit}".strip() if event.value is not None else "",
        "source": source_word(event),
        "note": note,
        "state": state_word(event, counts),
        "counts": counts,
    }


def state_word(event: CreditEvent, counts: bool) -> str:
    """Whether the event counts, and if not why (ledger contract: reversal, repair)."""
    if event.reverses_id is not None:
        return _("冲销记录")
    if event.is_reversed:  # type: ignore[attr-defined]  # annotated by with_reversed()
        return _("已冲销，不计")
    return _("有效") if counts else _("已修复，不计")


def source_word(event: CreditEvent) -> str:
    """The document behind it in words; with what another system called its source."""
    posters = event.event_kind.posters
    known = next((one for one in posters if f"{event.source}:".startswith(f"{one.form}:")), None)
    named = "" if known or event.source.isascii() else event.source
    return " · ".join(filter(None, (str((known or posters[0]).document), named)))
