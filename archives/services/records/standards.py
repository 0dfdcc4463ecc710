"""Whether a harvest was produced to standard (按标生产): it names one, or its batch follows a procedure.

Said once for each harvest as ``batch.to_standard``, with the procedure's name as its note. When the batch's
procedure is corrected, what was said is taken back and what holds is said again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Harvest, ProductionBatch
from archives.services.ledger import EventDraft
from archives.services.records import intervals
from archives.services.records.context import Context
from archives.services.records.nouns import event

KIND = "batch.to_standard"
SOURCE = "records.harvest"


@dataclass
class _Said:
    """How often a harvest's event was posted, and the one that stands."""

    times: int = 0
    uid: str = ""
    passed: bool = False
    note: str = ""


def event_of(row: Harvest, context: Context, *, suffix: str = "") -> EventDraft:
    """What a harvest says of it."""
    followed = row.production.procedure if row.production is not None else None
    held = bool(row.standard) or followed is not None
    note = "" if followed is None else str(followed)
    return event(row, context, KIND, held, note=note, suffix=suffix, source=SOURCE)


def judge_again(batch: ProductionBatch, context: Context) -> Iterator[EventDraft]:
    """Say anew of the batch's harvests what holds, where the ledger says something else.

    ``batch`` carries its new procedure; its producer is held by the context.
    """
    rows = list(Harvest.objects.active().filter(production=batch).select_for_update(of=("self",)))
    known = _said(batch.producer_id, rows)
    for row in rows:
        row.production = batch
        said = known.get(str(row.uid), _Said())
        wanted = event_of(row, context, suffix=f":{said.times}" if said.times else "")
        if said.uid and (said.passed, said.note) == (wanted.outcome == "pass", wanted.note):
            continue
        if said.uid:
            intervals.retract(said.uid, _("更正批次的操作规程后重新核对"))
        yield replace(wanted, recorded_at=context.now)


def _said(producer_id: int, rows: list[Harvest]) -> dict[str, _Said]:
    """What the ledger says of these harvests, by their uids; one query."""
    events = CreditEvent.objects.filter(
        producer_id=producer_id, kind=KINDS[KIND].number, reverses__isnull=True,
        occurred_on__in={row.occurred_on for row in rows},
    )  # fmt: skip
    found: dict[str, _Said] = {}
    for uid, outcome, note, reversal in events.values_list("uid", "outcome", "note_row__note", "reversals"):
        said = found.setdefault(uid.split(":", 1)[0], _Said())
        said.times += 1
        if reversal is None:
            said.uid, said.passed, said.note = uid, outcome == CreditEvent.Outcome.PASS, note or ""
    return found
