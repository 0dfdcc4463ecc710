"""Importing a folder of exchange files: all of it, or nothing and every fault of every row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.files import Fault, FileRefused
from agricredit.foundation.jobs import outbox
from archives.services.exchange.activities import ACTIVITIES, load_activities
from archives.services.exchange.events import EventsLoaded, load_events
from archives.services.exchange.producers import ProducersLoaded, load_producers
from archives.services.exchange.reading import EVENT_COLUMNS, EVENTS, LEAF_COLUMN, PRODUCERS, rows_of
from archives.services.producers import CHANGED

ANNOUNCED_AT_ONCE = 1_000


@dataclass(frozen=True)
class ImportSummary:
    """How many producers and events were new, changed, or there already."""

    producers_new: int
    producers_changed: int
    producers_unchanged: int
    events_new: int
    events_existing: int


class ImportRefused(Exception):
    """Nothing was kept; ``faults`` holds every fault, ordered by file, row and column."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(set(faults), key=lambda fault: (fault.file != PRODUCERS, fault))
        super().__init__("\n".join(map(str, self.faults)))


def import_archive(*, directory: Path, dry_run: bool = False, actor: Any = None) -> ImportSummary:
    """Import ``producers.csv`` (upsert by key) and ``events.csv`` of a folder; one of the two may be missing,
    and so may ``activities.csv``, which says of subjects what they do besides producing.

    Safe to repeat: known uids with the same content are counted as existing. With a fault, and in a dry run,
    the database is as before. :class:`ImportRefused` names every fault.
    """
    files = {name: directory / name for name in (PRODUCERS, EVENTS, ACTIVITIES)}
    if not any(files[name].is_file() for name in (PRODUCERS, EVENTS)):
        message = _("文件夹“%(folder)s”中没有 %(producers)s，也没有 %(events)s。")
        said = {"folder": str(directory), "producers": PRODUCERS, "events": EVENTS}
        raise ImportRefused([Fault(PRODUCERS, 0, "", message % said)])
    with transaction.atomic():
        producers, events = _load(files)
        faults = producers.faults + events.faults
        if faults:
            raise ImportRefused(faults)
        summary = ImportSummary(
            producers.new, producers.changed, producers.unchanged, events.new, events.existing
        )
        if dry_run:
            transaction.set_rollback(True)
        else:
            _tell(summary, producers, actor)
    return summary


def _load(files: dict[str, Path]) -> tuple[ProducersLoaded, EventsLoaded]:
    """Load both; a file that cannot be read keeps the other from being kept, not from being checked."""
    producers, events = ProducersLoaded(), EventsLoaded()
    try:
        if files[PRODUCERS].is_file():
            producers = load_producers(files[PRODUCERS])
    except FileRefused as refusal:
        # Who the producers are is not known, so the events' references cannot be judged.
        raise ImportRefused(refusal.faults + _heading_faults(files[EVENTS])) from refusal
    try:
        if files[ACTIVITIES].is_file():
            changed = load_activities(files[ACTIVITIES], producers.faults)
            producers.changed_ids += [pk for pk in changed if pk not in set(producers.changed_ids)]
    except FileRefused as refusal:
        producers.faults += refusal.faults
    try:
        if files[EVENTS].is_file():
            events = load_events(files[EVENTS], producers.left_out)
    except FileRefused as refusal:
        events.faults += refusal.faults
    return producers, events


def _heading_faults(path: Path) -> list[Fault]:
    """What is wrong with the columns of events.csv."""
    if not path.is_file():
        return []
    try:
        next(rows_of(path, EVENT_COLUMNS, (LEAF_COLUMN,), []), None)
    except FileRefused as refusal:
        return refusal.faults
    return []


def _tell(summary: ImportSummary, producers: ProducersLoaded, actor: Any) -> None:
    ids = producers.changed_ids
    for start in range(0, len(ids), ANNOUNCED_AT_ONCE):
        outbox.emit(CHANGED, producer_ids=ids[start : start + ANNOUNCED_AT_ONCE])
    if summary.producers_new or summary.producers_changed or summary.events_new:
        record(
            verb="archive.imported",
            actor=actor,
            producers=summary.producers_new + summary.producers_changed,
            events=summary.events_new,
        )
