"""The closed vocabulary of schemes as form fields: measures, rules, conditions, gates, groups of codes.

Each builder makes its fields from what stands in the document, and the document's value back from the form.
Nothing is checked here that the scheme's own parser checks: what a form says wrongly is a fault of the draft.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from archives.ledger.kinds import KINDS
from rating.admin.scheme_rows import rows

Value = dict[str, Any]
Fields = dict[str, forms.Field]

MEASURES: dict[str, str | Promise] = {
    "count": _("次数"),
    "sum": _("数值合计"),
    "share": _("合格的占比"),
    "mean": _("数值平均"),
    "median": _("数值中位数"),
    "latest": _("最近一次的数值"),
    "latest_outcome": _("最近一次的结论"),
    "age": _("距最近一次的天数"),
    "best": _("数值最高"),
    "months": _("有记录的月数"),
    "incidents": _("事件数"),
}
DIVISORS = ("count", "sum", "months", "incidents")
OUTCOMES: dict[str, str | Promise] = {"": _("不限"), "pass": _("通过"), "fail": _("不通过")}
COMPARISONS: dict[str, str | Promise] = {
    "at_least": _("不小于"),
    "above": _("大于"),
    "at_most": _("不大于"),
    "below": _("小于"),
}
WINDOWS: dict[str, str | Promise] = {
    "year": _("本年度"),
    "ever": _("截止日以前"),
    "valid": _("截止日仍有效"),
}
RULES: dict[str, str | Promise] = {
    "scale": _("按比例：分值 × 读数"),
    "bands": _("分段：第一条成立的算"),
    "flag": _("有则得分"),
    "lose": _("每次减分，减完为止"),
    "per": _("读数每 1 得若干分"),
}
GATES: dict[str, str | Promise] = {
    "measure": _("按度量"),
    "deductions_at_most": _("扣分不超过"),
    "reading_of": _("某项须有读数"),
    "registered_days": _("建档满若干天"),
}
_RATIO = "ratio"


def _choice(label: Any, options: dict[str, Any], initial: str, *, empty: bool = False) -> forms.ChoiceField:
    choices = [(word, f"{says}（{word}）" if word else str(says)) for word, says in options.items()]
    if empty:
        choices.insert(0, ("", "—"))
    return forms.ChoiceField(
        label=label, required=False, initial=initial, choices=choices, widget=UnfoldAdminSelectWidget
    )


def _text(label: Any, initial: Any = "", hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, initial=str(initial), widget=UnfoldAdminTextInputWidget, help_text=hint
    )


class MeasureBuilder:
    """``{share: harvest.recorded}``, ``{count: visit.made, outcome: fail}``, or one measure by another."""

    def __init__(self, prefix: str, *, ratio: bool = True) -> None:
        """``ratio``: whether a second measure may divide the first."""
        self.prefix, self.ratio = prefix, ratio

    def fields(self, value: Value) -> Fields:
        """Fields that say what stands there."""
        parts = value.get(_RATIO) or [value]
        first = self._of_one(self.prefix, parts[0], MEASURES)
        if not self.ratio:
            return first
        second = parts[1] if len(parts) > 1 else {}
        options = {word: MEASURES[word] for word in DIVISORS}
        divisor = self._of_one(f"{self.prefix}2", second, options)
        divisor[f"{self.prefix}2_op"].label = str(_("除以"))
        divisor[f"{self.prefix}2_op"].help_text = str(_("不需要相除时选“—”"))
        return first | divisor

    def _of_one(self, prefix: str, value: Value, options: dict[str, Any]) -> Fields:
        op = next((word for word in MEASURES if word in value), "")
        names = value.get(op, [])
        chosen = [names] if isinstance(names, str) else list(names)
        kinds = forms.MultipleChoiceField(
            label=_("信用信息种类"),
            required=False,
            initial=chosen,
            choices=[(name, f"{KINDS[name].label}（{name}）") for name in _chosen_first(chosen)],
            widget=UnfoldAdminSelectMultipleWidget,
        )
        return {
            f"{prefix}_op": _choice(_("度量"), options, op, empty=True),
            f"{prefix}_kinds": kinds,
            f"{prefix}_outcome": _choice(_("结论"), OUTCOMES, str(value.get("outcome", ""))),
        }

    def value(self, given: Value) -> Value | None:
        """As the document has it; None when no measure is chosen."""
        first = self._one(self.prefix, given)
        second = self._one(f"{self.prefix}2", given) if self.ratio else None
        return {_RATIO: [first or {}, second]} if second is not None else first

    def _one(self, prefix: str, given: Value) -> Value | None:
        op = given.get(f"{prefix}_op", "")
        if not op:
            return None
        kinds = given[f"{prefix}_kinds"]
        found: Value = {op: kinds[0] if len(kinds) == 1 else kinds}
        outcome = given[f"{prefix}_outcome"]
        return found | {"outcome": outcome} if outcome else found


class RuleBuilder:
    """How a reading becomes points."""

    more = _("再加一段")

    def __init__(self, prefix: str, given: Any) -> None:
        """Field names begin with ``prefix``; ``given`` is what was sent."""
        self.prefix, self.given = prefix, given

    def fields(self, value: Value) -> Fields:
        """The kind of rule, its numbers, and rows for bands."""
        kind = next((word for word in RULES if word in value), "")
        most = value.get(kind, "") if kind != "bands" else ""
        found: Fields = {
            "type": _choice(_("计分规则"), RULES, kind, empty=True),
            "points": _text(_("分（按比例、有则得分、减分的满分，或读数每 1 的分）"), most),
            "zero_below": _text(_("读数低于此数得零分"), value.get("zero_below", ""), _("只用于按比例")),
            "each": _text(_("每次减"), value.get("each", ""), _("只用于每次减分")),
            "cap": _text(_("最多"), value.get("cap", ""), _("只用于读数每 1 得若干分")),
        }
        bands = value.get("bands", [])
        for row in range(rows(self.given, f"{self.prefix}_band#_is", len(bands), self.prefix)):
            band = bands[row] if row < len(bands) else {}
            compared = next((word for word in COMPARISONS if word in band), "")
            label = gettext("第%(row)s段") % {"row": row + 1}
            found[f"band{row}_is"] = _choice(label, COMPARISONS, compared, empty=True)
            found[f"band{row}_than"] = _text(
                gettext("%(band)s界限") % {"band": label}, band.get(compared, "")
            )
            found[f"band{row}_points"] = _text(
                gettext("%(band)s得分") % {"band": label}, band.get("points", "")
            )
        found["else"] = _text(_("各段都不成立时得分"), value.get("else", ""))
        return {f"{self.prefix}_{name}": field for name, field in found.items()}

    def value(self, given: Value) -> Value | None:
        """As the document has it; only what the chosen rule uses."""
        own = {
            name.removeprefix(f"{self.prefix}_"): text
            for name, text in given.items()
            if name.startswith(f"{self.prefix}_")
        }
        kind = own["type"]
        if not kind:
            return None
        if kind == "bands":
            return {"bands": list(self._bands(own)), "else": own["else"]}
        extras = {"scale": "zero_below", "lose": "each", "per": "cap"}
        extra = extras.get(kind, "")
        found = {kind: own["points"]}
        return found | {extra: own[extra]} if extra and own[extra] else found

    def _bands(self, own: Value) -> Iterator[Value]:
        for name, compared in own.items():
            if compared and name.startswith("band") and name.endswith("_is"):
                row = name.removesuffix("_is")
                yield {compared: own[f"{row}_than"], "points": own[f"{row}_points"]}


class ConditionBuilder:
    """A measure compared with a number; with its own window where none stands outside."""

    def __init__(self, prefix: str, *, window: bool) -> None:
        """``window``: whether the condition names its window itself."""
        self.prefix, self.window = prefix, window
        self.measure = MeasureBuilder(f"{prefix}_m")

    def fields(self, value: Value) -> Fields:
        """The measure's fields, the comparison, the number."""
        compared = next((word for word in COMPARISONS if word in value), "")
        found = self.measure.fields(value.get("measure", {}))
        if self.window:
            found[f"{self.prefix}_window"] = _choice(
                _("时间窗口"), WINDOWS, value.get("window", ""), empty=True
            )
        found[f"{self.prefix}_is"] = _choice(_("比较"), COMPARISONS, compared, empty=True)
        found[f"{self.prefix}_than"] = _text(_("界限"), value.get(compared, ""))
        return found

    def value(self, given: Value) -> Value | None:
        """As the document has it; None when no measure is chosen."""
        measure = self.measure.value(given)
        if measure is None:
            return None
        found: Value = {"measure": measure}
        if self.window and given[f"{self.prefix}_window"]:
            found["window"] = given[f"{self.prefix}_window"]
        compared = given[f"{self.prefix}_is"]
        return found | {compared: given[f"{self.prefix}_than"]} if compared else found


class ConditionsBuilder:
    """All conditions of a veto."""

    more = _("再加一个情形")

    def __init__(self, key: str, prefix: str, given: Any) -> None:
        """As many rows as stand or were ``given``, the empty ones left out."""
        self.key, self.prefix, self.given = key, prefix, given
        self.rows: list[ConditionBuilder] = []

    def fields(self, value: list[Value]) -> Fields:
        """The rows' fields."""
        count = rows(self.given, f"{self.prefix}#_m_op", len(value), self.key)
        self.rows = [ConditionBuilder(f"{self.prefix}{row}", window=False) for row in range(count)]
        found: Fields = {}
        for number, row in enumerate(self.rows):
            found |= row.fields(value[number] if number < len(value) else {})
        return found

    def value(self, given: Value) -> list[Value]:
        """Conditions that have a measure."""
        return [found for row in self.rows if (found := row.value(given)) is not None]


class GatesBuilder:
    """What a grade asks besides its points."""

    more = _("再加一项要求")

    def __init__(self, key: str, prefix: str, given: Any) -> None:
        """As many rows as stand or were ``given``, the empty ones left out."""
        self.key, self.prefix, self.given = key, prefix, given
        self.rows: list[ConditionBuilder] = []

    def fields(self, value: list[Value]) -> Fields:
        """A name, what kind of requirement, and its number, code or measure."""
        count = rows(self.given, f"{self.prefix}#_type", len(value), self.key)
        self.rows = [ConditionBuilder(f"{self.prefix}{row}", window=True) for row in range(count)]
        found: Fields = {}
        for number, row in enumerate(self.rows):
            gate = value[number] if number < len(value) else {}
            kind = next((word for word in GATES if word in gate), "")
            plain = "" if kind == "measure" else gate.get(kind, "")
            found[f"{row.prefix}_name"] = _text(
                gettext("第%(row)s项要求的名称") % {"row": number + 1}, gate.get("name", "")
            )
            found[f"{row.prefix}_type"] = _choice(_("要求"), GATES, kind, empty=True)
            found[f"{row.prefix}_plain"] = _text(_("分数、天数或代码"), plain, _("按度量时不填"))
            found |= row.fields(gate if kind == "measure" else {})
        return found

    def value(self, given: Value) -> list[Value]:
        """Requirements that have a kind."""
        found = []
        for row in self.rows:
            kind = given[f"{row.prefix}_type"]
            if not kind:
                continue
            plain = given[f"{row.prefix}_plain"]
            asked = (row.value(given) or {}) if kind == "measure" else {kind: _whole(kind, plain)}
            found.append({"name": given[f"{row.prefix}_name"], **asked})
        return found


class EvidenceBuilder:
    """When there is enough to rate on."""

    def fields(self, value: Value) -> Fields:
        """Two numbers and two groups of codes."""
        groups = {
            "record_group": _("记录组（至少一项适用）"),
            "check_group": _("检查组（至少一项有读数）"),
        }
        found: Fields = {
            "evidence_able": _text(_("可得分不低于"), value.get("able_at_least", "")),
            "evidence_days": _text(_("建档满（天）"), value.get("registered_days", "")),
        }
        for name, label in groups.items():
            codes = " ".join(value.get(name, []))
            found[f"evidence_{name}"] = _text(label, codes, _("代码之间用空格隔开"))
        return found

    def value(self, given: Value) -> Value:
        """As the document has it."""
        found: Value = {
            "able_at_least": given["evidence_able"],
            "registered_days": _whole("registered_days", given["evidence_days"]),
        }
        groups = {name: given[f"evidence_{name}"].split() for name in ("record_group", "check_group")}
        return found | {name: codes for name, codes in groups.items() if codes}


class WordsBuilder:
    """A list of words, such as the documents that a veto admits."""

    def __init__(self, name: str, label: Any) -> None:
        """One text field."""
        self.name, self.label = name, label

    def fields(self, value: list[str]) -> Fields:
        """The words with a mark between them."""
        return {self.name: _text(self.label, "、".join(value), _("用顿号隔开"))}

    def value(self, given: Value) -> list[str]:
        """The words."""
        return [word.strip() for word in given[self.name].split("、") if word.strip()]


Builder = (
    MeasureBuilder
    | RuleBuilder
    | ConditionBuilder
    | ConditionsBuilder
    | GatesBuilder
    | EvidenceBuilder
    | WordsBuilder
)


def builder_of(key: str, given: Any = None) -> Builder | None:
    """What makes the fields of a key that has parts of its own, by what was sent; None for plain ones."""
    builders: dict[str, Builder] = {
        "measure": MeasureBuilder("measure"),
        "rule": RuleBuilder("rule", given),
        "all": ConditionsBuilder("all", "condition", given),
        "gates": GatesBuilder("gates", "gate", given),
        "pause": ConditionBuilder("pause", window=True),
        "evidence": EvidenceBuilder(),
        "sources": WordsBuilder("sources", _("可采信的文书")),
    }
    return builders.get(key)


def _chosen_first(chosen: list[str]) -> list[str]:
    """Every kind, those chosen at the top, where they are seen; one that is not registered is left out."""
    known = [name for name in chosen if name in KINDS]
    return known + [name for name in KINDS if name not in known]


def _whole(kind: str, text: str) -> Any:
    """Days are whole numbers, all others stay texts."""
    return int(text) if kind == "registered_days" and text.strip().isdigit() else text
