"""Results of official tests: supervision samples, risk monitoring and rapid tests, kept apart by law.

Supervision samples count when the time for re-testing is over; monitoring and rapid tests weigh nothing
(ledger-contract.md). A banned substance and an exceeded limit are told apart: they have different effects.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives.ledger.drafts import EventDraft
from archives.models import OfficialTest, Producer
from archives.services.sheets.base import Row
from archives.services.sheets.columns import choice, day, words, yes_no
from archives.services.sheets.entries import CODE, PRODUCER, REMARK
from archives.services.sheets.facts import NUMBER, FactSheet, outcome_of


class TestKind(StrEnum):
    """The three sorts of official tests; the value is the event's kind."""

    __test__ = False  # pytest must not take it for a test class

    SAMPLING = "sampling.tested"
    MONITORING = "monitoring.tested"
    RAPID = "rapid.tested"


class Excess(StrEnum):
    """What a failed supervision sample showed; the value is the event's kind."""

    LIMIT = "sampling.exceeded"
    BANNED = "banned.found"


KINDS = {
    TestKind.SAMPLING: gettext_lazy("监督抽查"),
    TestKind.MONITORING: gettext_lazy("风险监测"),
    TestKind.RAPID: gettext_lazy("快速检测"),
}
EXCESSES = {Excess.LIMIT: gettext_lazy("超限量"), Excess.BANNED: gettext_lazy("禁用药物")}


class TestSheet(FactSheet):
    """See the module."""

    __test__ = False

    name = "tests"
    title = gettext_lazy("官方检测结果")
    permission = "archives.import_tests"
    explains = gettext_lazy(
        "监督抽查在复检期过后才能导入，生效日期为判定生效之日；风险监测和快速检测不计入评价。"
    )
    model = OfficialTest
    stem = "test"
    columns = (
        words(NUMBER, gettext_lazy("报告编号"), 60, required=True, text=True, example="JC2026-0001"),
        words("sample", gettext_lazy("样品编号"), 60, required=True, text=True, example="1"),
        PRODUCER,
        CODE,
        choice("kind", gettext_lazy("检测类别"), KINDS, required=True, example=KINDS[TestKind.SAMPLING]),
        words("product", gettext_lazy("样品名称"), 80, required=True, example=gettext_lazy("长豇豆")),
        day("sampled_on", gettext_lazy("抽样日期"), required=True, example="2026-03-01"),
        day("effective_on", gettext_lazy("生效日期"), required=True, example="2026-03-20",
            note=gettext_lazy("监督抽查为复检期过后判定生效之日；其他为报告日期。")),
        yes_no("passed", gettext_lazy("检测结论"), gettext_lazy("合格"), gettext_lazy("不合格"),
               required=True, example=gettext_lazy("合格")),
        choice("excess", gettext_lazy("不合格类型"), EXCESSES,
               note=gettext_lazy("监督抽查不合格时必填。")),
        words("items", gettext_lazy("不合格项目"), 160, note=gettext_lazy("监督抽查不合格时必填。")),
        words("laboratory", gettext_lazy("检测机构"), 120, required=True,
              example=gettext_lazy("县农产品质量安全检验检测中心")),
        REMARK,
    )  # fmt: skip

    def check(self, row: Row) -> None:
        """Dates in order; what a failure must say."""
        super().check(row)
        given = row.values
        if {"sampled_on", "effective_on"} <= given.keys() and given["sampled_on"] > given["effective_on"]:
            row.refuse("effective_on", _("生效日期不能早于抽样日期。"))
        counts = given.get("kind") is TestKind.SAMPLING and given.get("passed") is False
        for name in ("excess", "items"):
            if counts and not row.cells.get(name):
                row.refuse(name, _("监督抽查不合格时必填。"))
        if given.get("passed") and ("excess" in given or "items" in given):
            row.refuse("passed", _("结论为合格，不能再填不合格类型和不合格项目。"))

    def identity(self, row: Row, producer: Producer) -> str:
        """A sample of a report."""
        return f"{self.stem}:{row.values[NUMBER]}:{row.values['sample']}"

    def events(self, row: Row, producer: Producer) -> Iterator[EventDraft]:
        """The result, and what a failed supervision sample showed, as one incident."""
        given = row.values
        incident = self.identity(row, producer)
        said = [given["product"], given.get("items", ""), given["laboratory"], given.get("remark", "")]
        note = "，".join([*filter(None, said), f"{given['sampled_on'].isoformat()}抽样"])
        common: dict[str, Any] = {"incident": incident, "note": note}
        yield self.event(row, producer, given["kind"].value, outcome_of(given["passed"]), **common)
        if given["kind"] is TestKind.SAMPLING and not given["passed"]:
            yield self.event(row, producer, given["excess"].value, **common)
