"""From a scheme document to a scheme, or to the list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from . import soundness
from .columns import MOST_KINDS
from .document import Node, SchemeError
from .scheme import (
    Condition,
    Criterion,
    Evidence,
    Gate,
    Grade,
    Indicator,
    Measuring,
    Per,
    RiskFlag,
    Scheme,
    Supervision,
    Veto,
    WhenNone,
)
from .vocabulary import NEVER_NONE, condition, measure, most_points, rule, window

__all__ = ["SchemeError", "canonical", "digest", "parse"]


def canonical(document: Mapping[str, Any]) -> bytes:
    """The document's bytes for hashing: JSON, keys sorted, no spaces, UTF-8."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(document: Mapping[str, Any]) -> str:
    """The sha256 that identifies a scheme document."""
    return hashlib.sha256(canonical(document)).hexdigest()


def parse(document: dict[str, Any], kinds: Mapping[str, int]) -> Scheme:
    """Read a document; `kinds` gives the registered kinds their numbers. SchemeError lists every fault."""
    if not all(0 < number <= MOST_KINDS for number in kinds.values()):
        raise ValueError(f"kinds are numbered from 1 to {MOST_KINDS}")
    faults: list[str] = []
    found = _Parser(Node(document, "方案", faults), kinds).scheme(document)
    faults += soundness.faults(found)
    if faults:
        raise SchemeError(list(dict.fromkeys(faults)))
    return found


class _Parser:
    def __init__(self, root: Node, kinds: Mapping[str, int]) -> None:
        self.root = root
        self.kinds = kinds

    def scheme(self, document: dict[str, Any]) -> Scheme:
        root = self.root
        found = Scheme(
            code=root.text("code"),
            name=root.text("name"),
            version=root.text("version"),
            sha256=digest(document) if isinstance(document, dict) else "",
            note=root.text("note"),
            points=root.number("points", least=1),
            grades=tuple(self.grade(node) for node in root.nodes("grades")),
            indicators=tuple(self.indicator(node) for node in root.nodes("indicators")),
            criteria=tuple(self.criterion(node) for node in root.nodes("criteria")),
            bonus=tuple(self.criterion(node) for node in root.nodes("bonus", needed=False)),
            bonus_cap=root.number("bonus_cap"),
            deductions=tuple(self.deduction(node) for node in root.nodes("deductions", needed=False)),
            vetoes=tuple(self.veto(node) for node in root.nodes("vetoes", needed=False)),
            evidence=self.evidence(root.node("evidence")),
            pause=self.pause(),
            year_weight=root.number("year_weight", least=1, most=100, default=100),
            supervision=tuple(self.supervision(node) for node in root.nodes("supervision")),
            flags=tuple(self.flag(node) for node in root.nodes("flags", needed=False)),
            document=document,
        )
        root.close()
        return found

    def grade(self, node: Node) -> Grade:
        found = Grade(
            code=node.text("code"),
            cut=node.number("cut"),
            word=node.text("word"),
            meaning=node.text("meaning"),
            colour=node.text("colour"),
            ink=node.text("ink"),
            shape=node.text("shape"),
            gates=tuple(self.gate(gate) for gate in node.nodes("gates", needed=False)),
        )
        node.close()
        return found

    def gate(self, node: Node) -> Gate:
        name = node.text("name")
        if node.has("measure"):
            return Gate(name, condition=condition(node, self.kinds))
        if node.has("deductions_at_most"):
            found = Gate(name, deductions_at_most=node.number("deductions_at_most"))
        elif node.has("reading_of"):
            found = Gate(name, reading_of=node.text("reading_of"))
        else:
            found = Gate(name, registered_days=node.whole("registered_days"))
        node.close()
        return found

    def indicator(self, node: Node) -> Indicator:
        found = Indicator(
            code=node.text("code"),
            name=node.text("name"),
            points=node.number("points"),
            parent=node.text("parent", needed=False),
        )
        node.close()
        return found

    def criterion(self, node: Node) -> Criterion:
        read = measure(node.node("measure"), window(node), self.kinds)
        points = node.number("points", least=1)
        scored = rule(node.node("rule"), read.op)
        if most_points(scored) not in (points, None):
            node.fault("规则能给的最高分应等于该项的分值")
        if most_points(scored) is None:
            node.fault("per 规则应有上限 cap")
        found = Criterion(
            code=node.text("code"),
            name=node.text("name"),
            indicator=node.text("indicator", needed=False),
            points=points,
            measure=read,
            rule=scored,
            when_none=self.when_none(node, read.op),
            organised_only=node.choice("applies", ("all", "org"), default="all") == "org",
            clause=node.text("clause"),
            explanation=node.text("explanation", needed=False),
        )
        node.close()
        return found

    def when_none(self, node: Node, op: Measuring) -> WhenNone:
        if op in NEVER_NONE:
            if node.has("none"):
                node.raw("none")
                node.fault(f"{op.value} 总有读数，不应写 none")
            return WhenNone.zero
        return WhenNone(node.choice("none", [word.value for word in WhenNone]))

    def deduction(self, node: Node) -> Criterion:
        read = measure(node.node("measure"), window(node), self.kinds)
        if read.op not in (Measuring.count, Measuring.sum):
            node.fault("扣分项的度量应为 count 或 sum")
        each = rule(node.node("rule"), read.op)
        if not isinstance(each, Per) or each.cap is not None:
            node.fault("扣分项的规则应为不设上限的 per")
        found = Criterion(
            code=node.text("code"),
            name=node.text("name"),
            indicator="",
            points=0,
            measure=read,
            rule=each,
            when_none=WhenNone.zero,
            organised_only=False,
            clause=node.text("clause"),
            explanation=node.text("explanation", needed=False),
            listed=node.truth("listed", default=True),
        )
        node.close()
        return found

    def veto(self, node: Node) -> Veto:
        span = window(node)
        conditions: tuple[Condition, ...] = tuple(
            condition(item, self.kinds, span) for item in node.nodes("all")
        )
        found = Veto(
            code=node.text("code"),
            name=node.text("name"),
            grade=node.text("grade"),
            conditions=conditions,
            sources=node.words("sources"),
            clause=node.text("clause"),
        )
        node.close()
        return found

    def evidence(self, node: Node) -> Evidence:
        found = Evidence(
            able_at_least=node.number("able_at_least"),
            registered_days=node.whole("registered_days"),
            record_group=node.words("record_group", needed=False),
            check_group=node.words("check_group", needed=False),
        )
        node.close()
        return found

    def pause(self) -> Condition | None:
        """When a duty is excused: confirmed days without production (contract, `duty`)."""
        return condition(self.root.node("pause"), self.kinds) if self.root.has("pause") else None

    def flag(self, node: Node) -> RiskFlag:
        """A risk flag; leaving `visits` out means without limit, which only a lawful listing may."""
        flag = node.choice("flag", ("listed", "failed_sampling", "watched"))
        found = RiskFlag(
            flag=flag,
            risk=node.choice("risk", ("high", "severe", "listed")),
            visits=node.whole("visits") if flag != "listed" or node.has("visits") else None,
            sampling=node.number("sampling", most=100),
            monthly_follow_up=node.truth("monthly_follow_up"),
            note=node.text("note", needed=False),
        )
        node.close()
        return found

    def supervision(self, node: Node) -> Supervision:
        found = Supervision(
            grade=node.text("grade"),
            risk=node.choice("risk", ("low", "normal", "high", "severe")),
            visits=node.whole("visits"),
            sampling=node.number("sampling", most=100),
            monthly_follow_up=node.truth("monthly_follow_up"),
            note=node.text("note", needed=False),
        )
        node.close()
        return found
