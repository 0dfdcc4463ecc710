"""Administrative penalties that have taken effect (行政处罚法), from the decision documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives.ledger.drafts import EventDraft
from archives.models import PenaltyDecision, Producer
from archives.services.sheets.base import Row
from archives.services.sheets.columns import choice, day, several, words, yes_no
from archives.services.sheets.entries import CODE, PRODUCER, REMARK
from archives.services.sheets.facts import NUMBER, FactSheet, outcome_of
from archives.services.sheets.official_tests import TestSheet

TYPES = {
    "warning": gettext_lazy("警告"),
    "criticism": gettext_lazy("通报批评"),
    "fine": gettext_lazy("罚款"),
    "confiscation": gettext_lazy("没收违法所得、非法财物"),
    "suspension": gettext_lazy("责令停产停业"),
    "permit": gettext_lazy("暂扣、吊销许可证件"),
    "restriction": gettext_lazy("限制开展生产经营活动、限制从业"),
}
LIGHT = frozenset({"warning", "criticism"})
SERIOUS = frozenset({"suspension", "permit", "restriction"})
PROCEDURES = {"simple": gettext_lazy("简易程序"), "ordinary": gettext_lazy("普通程序")}
FINDINGS = {
    "record.forged": gettext_lazy("伪造记录或合格证"),
    "inspection.refused": gettext_lazy("拒绝、阻挠检查"),
    "accident.responsible": gettext_lazy("对质量安全事故负有责任"),
    "mark.misused": gettext_lazy("冒用标志"),
    "banned.found": gettext_lazy("使用禁用药物"),
}
LIGHT_POINTS, ORDINARY_POINTS = 300, 1000
"""Hundredths deducted for a simple or warning penalty and for an ordinary one (ledger-contract.md, GD-N3)."""


class PenaltySheet(FactSheet):
    """See the module."""

    name = "penalties"
    title = gettext_lazy("行政处罚")
    permission = "archives.import_penalties"
    explains = gettext_lazy("只导入已经生效的处罚决定；一份决定书一行。履行情况可以以后补填，再导入一次。")
    model = PenaltyDecision
    stem = "penalty"
    completed_by = ("penalty.fulfilled",)
    columns = (
        words(NUMBER, gettext_lazy("决定书文号"), 80, required=True, text=True,
              example=gettext_lazy("遂农（质）罚〔2026〕1号")),
        PRODUCER,
        CODE,
        words("authority", gettext_lazy("处罚机关"), 80, required=True,
              example=gettext_lazy("遂溪县农业农村局")),
        several("types", gettext_lazy("处罚种类"), TYPES, required=True, example=TYPES["fine"],
                note=gettext_lazy("多个用分号隔开。")),
        choice("procedure", gettext_lazy("程序"), PROCEDURES, required=True, example=PROCEDURES["ordinary"]),
        day("effective_on", gettext_lazy("生效日期"), required=True, example="2026-04-10"),
        words("facts", gettext_lazy("违法事实"), 240, required=True,
              example=gettext_lazy("未按规定保存生产记录")),
        several("findings", gettext_lazy("认定情形"), FINDINGS,
                note=gettext_lazy("决定书认定有下列情形时填写，多个用分号隔开。")),
        yes_no("fulfilled", gettext_lazy("履行情况"), gettext_lazy("按期履行"), gettext_lazy("逾期未履行"),
               note=gettext_lazy("尚未到期的不填。")),
        day("fulfilled_on", gettext_lazy("履行或到期日期"), note=gettext_lazy("填了履行情况时必填。")),
        words("incident", gettext_lazy("关联检测"), 130, text=True,
              note=gettext_lazy("由官方检测引起的，填“报告编号:样品编号”，同一事件只扣一次分。")),
        REMARK,
    )  # fmt: skip

    def check(self, row: Row) -> None:
        """How it was fulfilled goes with its day."""
        super().check(row)
        given = row.values
        if bool(row.cells.get("fulfilled")) != bool(row.cells.get("fulfilled_on")):
            row.refuse("fulfilled_on", _("履行情况和日期须同时填写。"))
        elif {"fulfilled_on", "effective_on"} <= given.keys() and (
            given["fulfilled_on"] < given["effective_on"]
        ):
            row.refuse("fulfilled_on", _("不能早于处罚生效日期。"))

    def identity(self, row: Row, producer: Producer) -> str:
        """The decision, on one producer: a document may name several."""
        return f"{self.stem}:{row.values[NUMBER]}:{producer.key}"

    def events(self, row: Row, producer: Producer) -> Iterator[EventDraft]:
        """The penalty, how grave it is, what it found, and whether it was fulfilled."""
        given = row.values
        light = given["procedure"] == "simple" or set(given["types"]) <= LIGHT
        sample = given.get("incident", "")
        common: dict[str, Any] = {
            "incident": f"{TestSheet.stem}:{sample}" if sample else self.identity(row, producer)
        }
        note = "，".join(filter(None, [given["authority"], given["facts"], given.get("remark", "")]))
        value = LIGHT_POINTS if light else ORDINARY_POINTS
        yield self.event(row, producer, "penalty.imposed", value=value, note=note, **common)
        if set(given["types"]) & SERIOUS:
            yield self.event(row, producer, "penalty.serious", note=note, **common)
        for kind in given.get("findings", []):
            yield self.event(row, producer, kind, note=note, **common)
        if "fulfilled" in given:
            outcome = outcome_of(given["fulfilled"])
            day_of = given["fulfilled_on"]
            yield self.event(row, producer, "penalty.fulfilled", outcome, occurred_on=day_of, **common)
