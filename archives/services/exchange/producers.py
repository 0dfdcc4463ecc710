"""producers.csv into the register: every row checked, then one set-based upsert by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.codes import check_credit_code
from agricredit.foundation.common.db import copy_in
from agricredit.foundation.common.files import Fault, FileRefused
from archives.models import ORGANISED_KINDS, ProducerKind, ProducerNature, ProducerStatus, Sector
from archives.services.exchange import producers_sql as sql
from archives.services.exchange.reading import PRODUCER_COLUMNS, PRODUCERS, Wrong, as_date, rows_of
from archives.services.producer_fields import name_columns

_STAGED = [
    "n", "key", "name", "name_folded", "name_grams", "initials", "kind", "nature", "sectors", "region_id",
    "credit_code", "registered_on", "status", "target",
]  # fmt: skip
_CHOICES = {"kind": ProducerKind, "nature": ProducerNature, "status": ProducerStatus}


@dataclass
class ProducersLoaded:
    """What the upsert did. ``left_out`` are keys of faulty rows: known, but not to be written to."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    changed_ids: list[int] = field(default_factory=list)


def load_producers(path: Path) -> ProducersLoaded:
    """Stage, check and upsert in the caller's transaction; FileRefused when the file cannot be read at all.

    With faults the sound rows are written all the same, so that the events can be judged; the caller then
    rolls back.
    """
    loaded = ProducersLoaded()
    unreadable: list[FileRefused] = []
    with connection.cursor() as cursor:
        cursor.execute(sql.MAKE_STAGE)
        copy_in(cursor, "producer_stage", _STAGED, _staged(path, loaded, unreadable))
        if unreadable:
            raise unreadable[0]
        cursor.execute("ANALYZE producer_stage")
        _check_together(cursor, loaded)
        cursor.execute(sql.GIVE_IDS)
        cursor.execute(sql.FREE_CODES)
        cursor.execute(sql.UPSERT, [clock.now(), clock.now(), clock.now()])
        for producer_id, is_new in cursor.fetchall():
            if is_new:
                loaded.new += 1
            else:
                loaded.changed_ids.append(producer_id)
        loaded.changed = len(loaded.changed_ids)
        cursor.execute("SELECT count(*) FROM producer_stage")
        loaded.unchanged = cursor.fetchone()[0] - loaded.new - loaded.changed
        cursor.execute("DROP TABLE producer_stage")
    return loaded


def _staged(path: Path, loaded: ProducersLoaded, unreadable: list[FileRefused]) -> Iterator[tuple[Any, ...]]:
    """The sound rows. COPY would turn an exception of its source into one of its own: hand it over."""
    try:
        for number, row in rows_of(path, PRODUCER_COLUMNS, (), loaded.faults):
            reader = _RowReader(number, row)
            values = reader.values()
            if reader.faults:
                loaded.faults += reader.faults
                loaded.left_out.add(row["producer"])
            else:
                yield values
    except FileRefused as refusal:
        unreadable.append(refusal)


class _RowReader:
    """One row by itself."""

    def __init__(self, number: int, row: dict[str, str]) -> None:
        self.number, self.row = number, row
        self.faults: list[Fault] = []

    def values(self) -> tuple[Any, ...]:
        """The staged columns; meaningless when ``faults`` were found."""
        row = self.row
        self._texts()
        for column, choices in _CHOICES.items():
            if row[column] not in choices.values:
                allowed = "、".join(choices.values)
                self.refuse(
                    column,
                    _("“%(text)s”不在可用的值中：%(allowed)s。") % {"text": row[column], "allowed": allowed},
                )
        sectors = [sector for sector in row["sectors"].split(";") if sector]
        for sector in sectors:
            if sector not in Sector.values:
                self.refuse("sectors", _("没有“%(text)s”这个行业。") % {"text": sector})
        registered_on = self._registered_on()
        code = self._credit_code()
        self._rules()
        names = name_columns(row["name"], person=row["nature"] == ProducerNature.NATURAL_PERSON)
        return (
            self.number, row["producer"], names["name"], names["name_folded"], names["name_grams"],
            names["initials"], row["kind"], row["nature"], sectors, row["region"], code, registered_on,
            row["status"], row["merged_into"] or None,
        )  # fmt: skip

    def refuse(self, column: str, message: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(PRODUCERS, self.number, column, message))

    def _texts(self) -> None:
        for column, length in (("producer", 64), ("name", 160)):
            text = self.row[column]
            if not text.strip():
                self.refuse(column, _("不能为空。"))
            elif len(text) > length:
                self.refuse(column, _("最多%(length)d个字。") % {"length": length})
            elif not text.isprintable():
                self.refuse(column, _("含有不可见的字符。"))

    def _registered_on(self) -> date | None:
        try:
            return as_date(self.row["registered_on"])
        except Wrong as wrong:
            self.refuse("registered_on", str(wrong))
            return None

    def _credit_code(self) -> str | None:
        code = self.row["credit_code"]
        if not code:
            return None
        try:
            return check_credit_code(code)
        except ValidationError as error:
            for message in error.messages:
                self.refuse("credit_code", message)
            return None

    def _rules(self) -> None:
        row = self.row
        person = row["nature"] == ProducerNature.NATURAL_PERSON
        if person and row["credit_code"]:
            self.refuse("credit_code", _("自然人没有统一社会信用代码。"))
        if person and row["kind"] in ORGANISED_KINDS:
            self.refuse("nature", _("企业、合作社、集体经济组织和社会化服务组织不能是自然人。"))
        merged = row["status"] == ProducerStatus.MERGED
        if merged and not row["merged_into"]:
            self.refuse("merged_into", _("状态为merged时必须写明合并至哪个主体。"))
        if row["merged_into"] and not merged:
            self.refuse("merged_into", _("只有状态为merged的主体才能写明合并至哪个主体。"))
        if row["merged_into"] and row["merged_into"] == row["producer"]:
            self.refuse("merged_into", _("主体不能合并到自己。"))


def _check_together(cursor: Any, loaded: ProducersLoaded) -> None:
    """What only shows among rows and against the register: each query names the rows that are wrong."""
    sentences = {
        sql.UNKNOWN_REGIONS: ("region", _("没有代码为“%(text)s”的行政区划。")),
        sql.REPEATED_KEYS: ("producer", _("文件中第%(text)s行已有这个主体。")),
        sql.TAKEN_CODES: ("credit_code", _("主体“%(text)s”已使用这个统一社会信用代码。")),
        sql.LOOPS: ("merged_into", _("合并关系成环：经“%(text)s”又回到自己。")),
    }
    wrong: set[int] = set()
    for query, (column, sentence) in sentences.items():
        cursor.execute(query)
        for number, key, text in cursor.fetchall():
            loaded.faults.append(Fault(PRODUCERS, number, column, sentence % {"text": text}))
            loaded.left_out.add(key)
            wrong.add(number)
    cursor.execute(sql.UNKNOWN_TARGETS, [list(loaded.left_out)])
    for number, key, text in cursor.fetchall():
        message = _("没有编号为“%(text)s”的主体可以合并。") % {"text": text}
        loaded.faults.append(Fault(PRODUCERS, number, "merged_into", message))
        loaded.left_out.add(key)
        wrong.add(number)
    cursor.execute("DELETE FROM producer_stage WHERE n = ANY(%s)", [list(wrong)])
    # Rows that point at a row left out go with it, without a fault of their own.
    while wrong:
        cursor.execute(sql.DROP_ORPHANS)
        gone = {key for (key,) in cursor.fetchall()}
        loaded.left_out |= gone
        wrong = {0} if gone else set()
