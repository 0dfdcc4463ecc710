"""What producers can do for their score, as data: effort, how often, how long it takes, what it adds.

Nothing that takes a fact away is an act: what is on the ledger against a producer stays there until it is
reversed or repaired by the procedures for that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from archives.ledger.kinds import KINDS
from rating.engine.assumed import Act, Fact
from rating.engine.columns import NO_VALUE, Window
from rating.engine.lines import Line
from rating.engine.scheme import LAST_ORGANISED, Outcome
from rating.schemes import acts_document

#: What each act is called; %(times)s is how often.
SENTENCES: dict[str, str | Promise] = {
    "pledge": _("签署本年度质量安全信用承诺书"),
    "profile": _("补全档案：证照、地块、产品、联系方式"),
    "confirm": _("请乡镇监管人员确认一次档案"),
    "licence": _("把有效证照交乡镇监管人员核验登记"),
    "quality_person": _("指定一名质量安全员并登记"),
    "quality_system": _("把质量管理制度交农业服务机构备案"),
    "emergency_plan": _("把应急预案交农业服务机构备案"),
    "training": _("参加农业部门组织的培训 %(times)s 次（每次 2 学时）"),
    "harvest": _("接下来 %(times)s 批采收，当天记全（地块、标准、用药）"),
    "sale": _("接下来 %(times)s 次卖货，用“卖货开证”"),
    "purchase": _("接下来 %(times)s 次买投入品，记全供应商和登记证号"),
    "use": _("接下来 %(times)s 次用投入品，从买来的里面选，按标签用"),
    "test": _("卖之前自检 %(times)s 次，测合格并当天记"),
    "packaging": _("把还没交回的农药瓶、袋全部交回回收点"),
    "certification": _("申报绿色食品等产品认证"),
}
_OUTCOMES = {"none": Outcome.none, "pass": Outcome.passed, "fail": Outcome.failed}
_OUTSTANDING = "outstanding"
_MOST_PIECES = 10**8  # a million pieces: what a packed event holds


@dataclass(frozen=True)
class Situation:
    """What decides which acts a producer can still do; ``days_left`` until the rated year ends."""

    kind: int
    lines: tuple[Line, ...]
    window: Window
    days_left: int

    @property
    def organised(self) -> bool:
        """Whether duties of organised producers lie on it."""
        return self.kind <= int(LAST_ORGANISED)

    def of(self, kind: str) -> list[Line]:
        """Its lines of a kind within the window."""
        number = KINDS[kind].number
        return [line for line in self.lines if line.kind == number and line.occurred >= self.window.start]

    @property
    def outstanding(self) -> int:
        """Packaging used and not returned, in hundredths of a piece."""
        used, returned = (
            sum(max(line.value, 0) for line in self.of(kind))
            for kind in ("packaging.used", "packaging.returned")
        )
        return min(used - returned, _MOST_PIECES)


def possible(situation: Situation) -> list[Act]:
    """The acts that the producer can still do within the days that are left."""
    return [act for row in _rows() if (act := _act(row, situation)) is not None]


def sentence(code: str, times: int) -> str:
    """What to do, in one sentence."""
    return str(SENTENCES[code]) % {"times": times}


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    rows: tuple[dict[str, Any], ...] = tuple(acts_document()["acts"])
    unknown = {row["code"] for row in rows} ^ SENTENCES.keys()
    if unknown:
        raise ValueError(f"acts without a sentence, or sentences without an act: {sorted(unknown)}")
    return rows


def _act(row: dict[str, Any], situation: Situation) -> Act | None:
    if row.get("who") == "org" and not situation.organised:
        return None
    needs = row.get("needs", ())
    if needs and not any(situation.of(kind) for kind in needs):
        return None
    facts = tuple(_facts(row["facts"], situation))
    apart = row.get("apart", 1)
    steps = tuple(n for n in row["steps"] if row["days"] + (n - 1) * apart <= situation.days_left)
    return Act(row["code"], row["effort"], steps, facts) if steps and facts else None


def _facts(rows: Iterable[dict[str, Any]], situation: Situation) -> Iterable[Fact]:
    for row in rows:
        if row.get("who") == "org" and not situation.organised:
            continue
        value = _value(row.get("value"), situation)
        if row.get("value") == _OUTSTANDING and value <= 0:
            continue
        yield Fact(
            KINDS[row["kind"]].number,
            _OUTCOMES[row.get("outcome", "none")],
            value,
            bool(row.get("once", False)),
        )


def _value(text: str | None, situation: Situation) -> int:
    if text is None:
        return NO_VALUE
    if text == _OUTSTANDING:
        return situation.outstanding
    whole, _dot, part = text.partition(".")
    return int(whole) * 100 + int(part)
