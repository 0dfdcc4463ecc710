"""One part of a scheme document as a form: plain keys as fields, the vocabulary by builders, or in YAML."""

from __future__ import annotations

from typing import Any

import yaml
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from rating.admin.scheme_builder import Builder, builder_of
from rating.admin.scheme_rows import MORE

LABELS: dict[str, str | Promise] = {
    "code": _("代码"),
    "name": _("名称"),
    "version": _("版本"),
    "note": _("说明"),
    "points": _("分值"),
    "year_weight": _("本年度权重"),
    "bonus_cap": _("加分上限"),
    "pause": _("停产免责条件"),
    "evidence": _("可评条件"),
    "cut": _("起点分"),
    "word": _("等级名称"),
    "meaning": _("等级含义"),
    "colour": _("底色"),
    "ink": _("字色"),
    "shape": _("图形"),
    "gates": _("另需满足"),
    "indicator": _("所属指标"),
    "parent": _("上级指标"),
    "measure": _("度量"),
    "window": _("时间窗口"),
    "rule": _("计分规则"),
    "none": _("没有数据时"),
    "applies": _("适用主体"),
    "clause": _("依据"),
    "explanation": _("解释"),
    "listed": _("在结果文件中列出"),
    "grade": _("等级"),
    "all": _("情形（须同时成立）"),
    "sources": _("可采信的文书"),
    "risk": _("风险等级"),
    "visits": _("全年检查次数"),
    "sampling": _("抽样比例"),
    "monthly_follow_up": _("每月回访"),
    "flag": _("标记"),
}
#: Keys of the general part that tell which scheme it is; they never change in a draft.
FIXED = ("code", "version")
#: Texts that a part may have or not.
OPTIONAL = {
    "criteria": ("none", "applies", "explanation"),
    "bonus": ("none", "applies", "explanation"),
    "deductions": ("explanation",),
    "indicators": ("parent",),
    "supervision": ("note",),
    "flags": ("note",),
}
#: What a part may have or not and has parts of its own.
NESTED: dict[str, dict[str, Any]] = {"grades": {"gates": []}, "general": {"pause": {}}}
#: What a new part of a section starts from.
BLANK: dict[str, dict[str, Any]] = {
    "criteria": {
        "code": "",
        "name": "",
        "indicator": "",
        "points": "",
        "measure": {},
        "window": "year",
        "rule": {},
        "clause": "",
    },
    "bonus": {
        "code": "",
        "name": "",
        "points": "",
        "measure": {},
        "window": "year",
        "rule": {},
        "clause": "",
    },
    "deductions": {"code": "", "name": "", "measure": {}, "window": "year", "rule": {}, "clause": ""},
    "vetoes": {"code": "", "name": "", "grade": "", "window": "year", "all": [], "sources": [], "clause": ""},
    "indicators": {"code": "", "name": "", "points": ""},
}
NEW = "new"
#: Words of the closed vocabulary, chosen and not typed; "" leaves the key out.
CHOICES: dict[str, dict[str, str | Promise]] = {
    "window": {"year": _("本年度"), "ever": _("截止日以前"), "valid": _("截止日仍有效")},
    "none": {
        "": "—",
        "skip": _("不适用"),
        "full": _("得满分"),
        "zero": _("得零分"),
        "duty": _("有义务的得零分，其他不适用"),
    },
    "applies": {"": _("全部主体"), "all": _("全部主体"), "org": _("有组织的主体")},
}


class PartForm(forms.Form):
    """One part of a document: fields for each key; for experts, what has parts of its own in YAML."""

    def __init__(self, data: Any, *, part: dict[str, Any], section: str, expert: bool = False) -> None:
        """Fields made from what stands there, and for what might."""
        super().__init__(data)
        missing = dict.fromkeys(OPTIONAL.get(section, ()), "") | NESTED.get(section, {})
        self.part = part | {key: value for key, value in missing.items() if key not in part}
        self.built: dict[str, Builder] = {}
        order = list(LABELS)
        for key in sorted(self.part, key=lambda key: order.index(key) if key in order else len(order)):
            value = self.part[key]
            builder = None if expert else builder_of(key, data)
            if builder is not None:
                self.built[key] = builder
                self.fields.update(builder.fields(value))
            elif section != "general" or key not in FIXED:
                self.fields[key] = _field(key, value)

    def groups(self) -> list[dict[str, Any]]:
        """The fields in the order of the part, those of one builder together under its title."""
        found: list[dict[str, Any]] = []
        owner = {name: key for key, builder in self.built.items() for name in builder.fields(self.part[key])}
        for field in self.visible_fields():
            key = owner.get(field.name, "")
            if not found or found[-1]["key"] != key or not key:
                more = getattr(self.built.get(key), "more", "")
                act = f"{MORE}{key}" if more else ""
                title = str(LABELS.get(key, ""))
                found.append({"key": key, "title": title, "fields": [], "more": more, "act": act})
            found[-1]["fields"].append(field)
        return found

    def value(self) -> dict[str, Any]:
        """The part as the form says it; ValidationError where a text is no YAML."""
        found = dict(self.part)
        for key, before in self.part.items():
            if key in self.built:
                found[key] = self.built[key].value(self.cleaned_data)
            elif key in self.fields:
                found[key] = _read(key, before, self.cleaned_data[key])
        empty = ("gates", "sources")
        return {
            key: value
            for key, value in found.items()
            if value is not None and not (key in empty and value == [])
        }


def _field(key: str, value: Any) -> forms.Field:
    label = str(LABELS.get(key, key))
    if isinstance(value, bool):
        return forms.BooleanField(
            label=label, required=False, initial=value, widget=UnfoldBooleanSwitchWidget
        )
    if key in CHOICES and isinstance(value, str):
        options = [(word, f"{word} {says}".strip()) for word, says in CHOICES[key].items()]
        return forms.ChoiceField(
            label=label, required=False, initial=value, choices=options, widget=UnfoldAdminSelectWidget
        )
    nested = isinstance(value, (dict, list))
    text = as_yaml(value) if nested else str(value)
    long = nested or len(text) > 60
    widget = UnfoldAdminTextareaWidget(attrs={"rows": 4}) if long else UnfoldAdminTextInputWidget()
    return forms.CharField(label=label, required=False, initial=text, widget=widget)


def as_yaml(value: Any) -> str:
    return str(
        yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=100, sort_keys=False)
    ).strip()


def _read(key: str, before: Any, given: Any) -> Any:
    if isinstance(before, bool):
        return bool(given)
    if isinstance(before, (dict, list)):
        try:
            return _exact(yaml.safe_load(given))
        except yaml.YAMLError:
            raise ValidationError(
                gettext("“%(label)s”的写法不对，请检查括号、冒号和逗号。") % {"label": LABELS.get(key, key)}
            ) from None
    if isinstance(before, int) and given.strip().isdigit():
        return int(given)
    return given.strip() or None


def _exact(value: Any) -> Any:
    """Decimals written without quotes, as the text that they were (documents hold no floats)."""
    if isinstance(value, dict):
        return {str(key): _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return repr(value) if isinstance(value, float) else value
