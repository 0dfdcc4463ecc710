"""What every sheet does: cells are read column by column, rows judged set by set, sound ones written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from archives.models import EntryWay, Producer
from archives.services.sheets.columns import Column, Words, Wrong, check_cell, in_file, tidy


class Verdict(StrEnum):
    """What a row would do to the archive."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAULTY = "faulty"


@dataclass
class Row:
    """One row on its way in. ``plan`` is the sheet's own: what :meth:`Sheet.write` will need."""

    number: int
    cells: Mapping[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    verdict: Verdict = Verdict.NEW
    plan: Any = None
    entry: str = EntryWay.IMPORT.value
    """How a production record came in."""
    label: str = ""
    """How people recognise it in a list."""
    place: str = ""
    """Where it stands for whoever gave it, when it is no row of a file: an item of a call, a number there."""

    known: bool = False
    """Whether the plan's object is there already."""

    @property
    def where(self) -> str:
        """The words for that place."""
        return self.place or _("文件中第%(row)d行") % {"row": self.number}

    def refuse(self, column: str, message: str) -> None:
        """Note a fault and give the row up."""
        self.faults.append((column, str(message)))
        self.verdict = Verdict.FAULTY

    @property
    def sound(self) -> bool:
        """No fault so far."""
        return not self.faults


class Seen:
    """What a file or a call has named so far: the second mention is told where the first one stands."""

    def __init__(self) -> None:
        self._places: dict[tuple[Any, ...], tuple[int, str]] = {}
        self._kept: dict[str, list[Any]] = {}

    def first(self, row: Row, *key: Any) -> str | None:
        """Where the row stands that named this before; None, and remembered, when none did."""
        number, place = self._places.setdefault(key, (row.number, row.place))
        return None if number == row.number else Row(number, {}, place=place).where

    def keep(self, name: str, plans: Iterable[Any]) -> None:
        """Remember what earlier rows would do, where later ones depend on it."""
        self._kept.setdefault(name, []).extend(plans)

    def kept(self, name: str) -> list[Any]:
        """What was remembered."""
        return self._kept.get(name, [])


class Sheet(ABC):
    """One noun's table. Subclasses are stateless: one object serves all imports."""

    name: ClassVar[str]
    title: ClassVar[Words]
    permission: ClassVar[str]
    """Who may import it (``app.codename``)."""
    explains: ClassVar[Words] = ""
    model: ClassVar[Any] = None
    columns: tuple[Column, ...]

    @property
    def headings(self) -> list[str]:
        """The first row of the file."""
        return [column.title for column in self.columns]

    def column(self, name: str) -> Column | None:
        """The column of a field."""
        return next((column for column in self.columns if column.field == name), None)

    def named(self, name: str) -> Column:
        """The column of a field that the sheet has; KeyError otherwise."""
        found = self.column(name)
        if found is None:
            raise KeyError(name)
        return found

    def read(self, row: Row) -> None:
        """Cells into values; every cell that cannot be read is a fault."""
        for column in self.columns:
            text = row.cells.get(column.field, "")
            if not text:
                if column.required:
                    row.refuse(column.field, _("不能为空。"))
                continue
            try:
                row.values[column.field] = column.read(check_cell(text))
            except Wrong as wrong:
                row.refuse(column.field, str(wrong))

    @abstractmethod
    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Read the rows and give each its verdict, faults and changes; in a transaction, writing nothing."""

    @abstractmethod
    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """Write rows judged new or changed, in the transaction in which they were judged."""

    def identity_of(self, row: Row) -> str:
        """What the platform knows a row's object by, once it is written; empty when nothing was."""
        return ""

    @abstractmethod
    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """The rows of an export, streamed: cells in the order of the columns."""

    def cells(self, row: Any, own: Mapping[str, Any]) -> list[str]:
        """An object in the order of the columns: what ``own`` says of a field, else its own attribute."""
        return [
            column.cell(own[column.field] if column.field in own else getattr(row, column.field))
            for column in self.columns
        ]


def find_producers(rows: Iterable[Row], actor: Any) -> dict[int, Producer]:
    """Whom each row means, by its columns ``producer`` (key) and ``credit_code``; by the row's number.

    A row that names nobody, or somebody out of the actor's sight, gets a fault: the same words for both.
    """
    wanted = [row for row in rows if row.values.get("producer") or row.values.get("credit_code")]
    keys = {row.values["producer"] for row in wanted if row.values.get("producer")}
    codes = {row.values["credit_code"] for row in wanted if row.values.get("credit_code")}
    visible = Producer.objects.all() if actor is None else Producer.objects.visible_to(actor)
    by_key = {row.key: row for row in visible.filter(key__in=keys)}
    living = visible.exclude(status="merged")
    by_code = {row.credit_code: row for row in living.filter(credit_code__in=codes)}
    found: dict[int, Producer] = {}
    for row in rows:
        key, code = row.values.get("producer", ""), row.values.get("credit_code", "")
        if not key and not code:
            if not {"producer", "credit_code"} & {column for column, _message in row.faults}:
                row.refuse("producer", _("请填写主体编号或统一社会信用代码。"))
            continue
        producer = by_key.get(key) if key else by_code.get(code)
        if producer is None:
            said = {"text": key or code}
            row.refuse("producer" if key else "credit_code", _("您的辖区内没有“%(text)s”这个主体。") % said)
        elif key and code and producer.credit_code != code:
            row.refuse("credit_code", _("与主体编号对应的主体不是同一个。"))
        else:
            found[row.number] = producer
            row.label = row.label or producer.name
    return found


def owner_of(producer: Producer) -> dict[str, str | None]:
    """The cells that say whose a row is."""
    return {"producer": producer.key, "credit_code": producer.credit_code}


def headings_of(sheet: Sheet, given: Sequence[str]) -> list[str]:
    """Field names for a file's headings; a heading that is none of ours is left as it is."""
    known = {tidy(column.title): column.field for column in sheet.columns}
    known |= {column.field: column.field for column in sheet.columns}
    return [known.get(tidy(heading), heading) for heading in given]


def notes_of(column: Column) -> str:
    """What the template says about a column."""
    said = [in_file(column.note)] if column.note else []
    if column.choices:
        said.append("、".join(in_file(word) for word in column.choices.values()))
    return " ".join(said)
