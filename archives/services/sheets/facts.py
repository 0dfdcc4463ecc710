"""Official facts as sheets: every row becomes one or more events of the ledger, from a named document.

Only decided facts come in here: a supervision sample's result after the time for re-testing, a penalty that
has taken effect, an item of the lawful public-credit catalogue. The document's number makes the events' uids,
so the same document is posted once however often its row is sent. The row itself is kept beside the event's
note, erased with it, and is what an export and another platform get.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.exporting import pages
from archives.ledger.drafts import EventDraft, faults_of
from archives.models import EventNote, Producer
from archives.services import ledger
from archives.services.existing import differences, existing_events
from archives.services.sheets.base import Row, Seen, Sheet, Verdict, find_producers, owner_of

NUMBER = "number"
"""The column that holds the document's number in every sheet of facts."""


class FactSheet(Sheet):
    """Rows of one sort of document. ``model`` is that document's view of the ledger (``models.facts``)."""

    stem: ClassVar[str]
    """What its events' uids begin with, before the document's number."""
    completed_by: ClassVar[tuple[str, ...]] = ()
    """Kinds of events that a later file may add to a document; what it said then is kept with them."""

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Read, find whom it is about, make the events, and ask the ledger what it would say."""
        for row in rows:
            self.read(row)
        producers = find_producers(rows, actor)
        for row in rows:
            self.check(row)
            if row.number in producers:
                self._draft(row, producers[row.number], seen)
        self._compare([row for row in rows if row.sound])

    def _draft(self, row: Row, producer: Producer, seen: Seen) -> None:
        self.check_producer(row, producer)
        try:
            before = seen.first(row, "fact", self.identity(row, producer))
        except KeyError:
            return  # a part of its number could not be read, which is said already
        if before is not None:
            row.refuse(NUMBER, _("%(place)s已有同一项信息。") % {"place": before})
        if not row.sound:
            return
        row.plan = list(self.events(row, producer))
        for index, draft in enumerate(row.plan):
            for fault in faults_of(draft, index, clock.now()):
                row.refuse(self.column_of(fault.column), fault.message)

    def _compare(self, rows: Sequence[Row]) -> None:
        """What the ledger has already: the same is unchanged, other words are a fault."""
        known = existing_events([draft.uid for row in rows for draft in row.plan])
        for row in rows:
            there = [draft for draft in row.plan if draft.uid in known]
            for draft in there:
                for column, message in differences(draft, known[draft.uid]):
                    row.refuse(self.column_of(column), message)
            if row.sound and there:
                row.verdict = Verdict.UNCHANGED if len(there) == len(row.plan) else Verdict.CHANGED

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """One call to the ledger; events that are there already are counted and left."""
        ledger.post([draft for row in rows for draft in row.plan])

    def identity_of(self, row: Row) -> str:
        """The first event's uid."""
        return str(row.plan[0].uid) if row.plan else ""

    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """As they came in, but for those taken back since and those whose details were erased by law."""
        for page in pages(self.related(queryset.filter(reversals__isnull=True))):
            for _event, cells in self.documents(page):
                yield cells

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The documents' events with whose they are and what is kept beside them."""
        return queryset.select_related(None).select_related("producer", "note_row")

    def documents(self, events: Sequence[Any]) -> Iterator[tuple[Any, list[str]]]:
        """Each of these events with its document's cells; without those whose details were erased."""
        later = self._completions(events)
        for event in events:
            note = getattr(event, "note_row", None)
            if note is not None and note.facts:
                said = {**note.facts, **later.get(event.uid, {}), **owner_of(event.producer)}
                yield event, [said.get(column.field) or "" for column in self.columns]

    def _completions(self, events: Sequence[Any]) -> dict[str, dict[str, str]]:
        """What later files added to these documents, by the uid of the event that stands for each."""
        uids = {
            f"{event.uid.removesuffix(event.event_kind.name)}{kind}": event.uid
            for event in events
            for kind in self.completed_by
        }
        if not uids:
            return {}
        notes = EventNote.objects.filter(event__uid__in=uids, event__reversals__isnull=True)
        return {uids[note.event.uid]: note.facts for note in notes.select_related("event")}

    def check(self, row: Row) -> None:
        """Rules of the sheet about what could be read of a row: each speaks, whatever else is wrong."""
        day = row.values.get("effective_on")
        if day is None:
            return
        if day > clock.today():
            row.refuse("effective_on", _("日期不能晚于今天：尚未生效的不能导入。"))
        elif day.year < 2000:
            row.refuse("effective_on", _("日期太早，请核对年份。"))

    def check_producer(self, row: Row, producer: Producer) -> None:
        """Whom such a document can be about."""
        if producer.status == Producer.Status.MERGED:
            row.refuse("producer", _("该主体已合并，请填写合并后的主体。"))

    @abstractmethod
    def identity(self, row: Row, producer: Producer) -> str:
        """What makes the row one fact: the document's number and whatever it counts by."""

    @abstractmethod
    def events(self, row: Row, producer: Producer) -> Iterator[EventDraft]:
        """The events of a sound row."""

    def event(
        self, row: Row, producer: Producer, kind: str, outcome: str = "none", value: int | None = None,
        **more: Any,
    ) -> EventDraft:  # fmt: skip
        """An event of the row's day; its uid follows from the document."""
        return EventDraft(
            uid=f"{self.identity(row, producer)}:{kind}",
            producer_id=producer.pk,
            kind=kind,
            outcome=outcome,
            value=value,
            occurred_on=more.pop("occurred_on", row.values["effective_on"]),
            region="",
            source=self.model.SOURCE,
            facts=self._said(row) if kind in (*self.model.HEADS, *self.completed_by) else None,
            **more,
        )

    def _said(self, row: Row) -> dict[str, str]:
        """What the document says, as its file has it; whose it is follows the event's producer."""
        own = (column for column in self.columns if column.field not in ("producer", "credit_code"))
        return {c.field: c.cell(row.values[c.field]) for c in own if c.field in row.values}

    def column_of(self, column: str) -> str:
        """Which of the sheet's columns an event's column comes from."""
        names = {"occurred_on": "effective_on", "uid": NUMBER, "note": "remark", "incident": "incident"}
        found = names.get(column, column)
        return found if self.column(found) else NUMBER


def outcome_of(passed: bool) -> str:
    """pass or fail."""
    return "pass" if passed else "fail"
