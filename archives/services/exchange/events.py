"""events.csv into the ledger: rows become drafts in file order, and the ledger's faults become rows again."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.files import Fault
from archives.ledger.kinds import PAUSE
from archives.models import Producer, Region
from archives.services import ledger
from archives.services.exchange.event_rows import EventRow
from archives.services.exchange.reading import EVENT_COLUMNS, EVENTS, LEAF_COLUMN, rows_of

CHUNK = 5_000
CORRECTIONS_IN_ORDER = 20_000
"""With more reversals and repairs than this the file's order is not kept: each run costs a call."""


@dataclass
class EventsLoaded:
    """What was posted, and every fault."""

    new: int = 0
    existing: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass
class _Survey:
    """What a first reading found: rows that cannot be posted, and the uids that corrections name."""

    unsound: set[str] = field(default_factory=set)
    referred: set[str] = field(default_factory=set)
    corrections: int = 0


def load_events(path: Path, left_out: set[str]) -> EventsLoaded:
    """Post the file in the caller's transaction; with ``faults`` the caller must roll back.

    ``left_out`` are keys of producers whose own rows are faulty: their events are only checked by themselves.
    Events arrive in the order of the file wherever it puts corrections after what they correct, so that the
    export of an import equals its source. FileRefused when the file cannot be read at all.
    """
    loaded = EventsLoaded()
    survey = _survey(path, left_out, loaded.faults)
    if loaded.faults or left_out or not _is_in_order(path, survey) or not _post_in_order(path, loaded):
        _post_at_once(path, survey, loaded)
    return loaded


def _survey(path: Path, left_out: set[str], faults: list[Fault]) -> _Survey:
    """Read every row once: its own faults, unknown producers and regions."""
    survey = _Survey()
    now = clock.now()
    for rows in _chunks(_rows(path, faults)):
        known = _producer_ids(rows)
        regions = set(Region.objects.in_bulk({row.cells["region"] for row in rows}))
        for row in rows:
            row.draft(0)
            key, region = row.cells["producer"], row.cells["region"]
            if key and key not in known and key not in left_out:
                row.refuse("producer", _("没有编号为“%(key)s”的主体。") % {"key": key})
            if region and region not in regions:
                row.refuse("region", _("没有代码为“%(code)s”的行政区划。") % {"code": region})
            if row.faults:
                row.check_rest(now)
                faults += row.faults
            if row.faults or key in left_out:
                survey.unsound.add(row.uid)
            if row.target:
                survey.corrections += 1
                survey.referred.add(row.target)
    return survey


def _is_in_order(path: Path, survey: _Survey) -> bool:
    """Whether every correction stands after what it corrects (or that is not in the file)."""
    if survey.corrections > CORRECTIONS_IN_ORDER:
        return False
    named_early: set[str] = set()
    met: set[str] = set()
    for row in _rows(path, []) if survey.referred else ():
        if row.uid in survey.referred:
            met.add(row.uid)
            if row.uid in named_early:
                return False
        if row.target and row.target not in met:
            named_early.add(row.target)
    return True


def _post_in_order(path: Path, loaded: EventsLoaded) -> bool:
    """Post run after run of like events; False, and nothing posted, when the ledger refuses one."""
    new = existing = 0
    try:
        with transaction.atomic():
            for drafts in _runs(_drafts(path, _Survey(), array("l"))):
                posted = ledger.post(drafts)
                new, existing = new + len(posted.new), existing + posted.existing
    except ledger.LedgerRefusal:
        return False
    loaded.new, loaded.existing = new, existing
    return True


def _post_at_once(path: Path, survey: _Survey, loaded: EventsLoaded) -> None:
    """One call for the whole file: it takes rows in any order, and names every fault of every row."""
    numbers = array("l")
    try:
        posted = ledger.post(_drafts(path, survey, numbers))
    except ledger.LedgerRefusal as refusal:
        loaded.faults += [Fault(EVENTS, numbers[f.index], f.column, f.message) for f in refusal.faults]
    else:
        loaded.new, loaded.existing = len(posted.new), posted.existing


def _drafts(path: Path, survey: _Survey, numbers: array[int]) -> Iterator[ledger.EventDraft]:
    """The sound rows as drafts; ``numbers`` gets the row number of each.

    What corrects an unsound row is left out with it: that row's fault has been said.
    """
    for rows in _chunks(_rows(path, [])):
        ids = _producer_ids(rows)
        for row in rows:
            if row.uid not in survey.unsound and row.target not in survey.unsound:
                numbers.append(row.number)
                yield row.draft(ids[row.cells["producer"]])


def _runs(drafts: Iterator[ledger.EventDraft]) -> Iterator[list[ledger.EventDraft]]:
    """Lists of drafts that the ledger posts in the order given: plain ones, or corrections of one sort."""
    run: list[ledger.EventDraft] = []
    last = ""
    for draft in drafts:
        sort = _sort(draft)
        if run and (sort != last or len(run) >= CHUNK):
            yield run
            run = []
        run.append(draft)
        last = sort
    if run:
        yield run


def _sort(draft: ledger.EventDraft) -> str:
    if draft.reverses:
        return "reversal"
    if draft.repairs:
        return "repair"
    return "pause" if draft.kind == PAUSE.name else ""


def _rows(path: Path, faults: list[Fault]) -> Iterator[EventRow]:
    for number, cells in rows_of(path, EVENT_COLUMNS, (LEAF_COLUMN,), faults):
        yield EventRow(number, cells)


def _chunks(rows: Iterator[EventRow]) -> Iterator[list[EventRow]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _producer_ids(rows: list[EventRow]) -> dict[str, int]:
    keys = {row.cells["producer"] for row in rows}
    return dict(Producer.objects.filter(key__in=keys).values_list("key", "id"))
