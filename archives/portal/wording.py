"""Records in the farmer's words: what an act is called, one line of a list, the facts of a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.templatetags.formats import full_date, plain_number
from archives.models import Record, Sector

Words = str | Promise


@dataclass(frozen=True)
class Act:
    """One button of 今天做了什么: its words by trade ("" for any) and what it is for."""

    noun: str
    words: dict[str, Words]
    hint: Words

    def word(self, sectors: Sequence[str]) -> str:
        """What producers of these trades call it: 采收, 出栏, 捕捞 or several of them."""
        own = [
            str(self.words[sector]) for sector in Sector.values if sector in sectors and sector in self.words
        ]
        return "/".join(dict.fromkeys(own)) or str(self.words[""])


ACTS = (
    Act("purchase", {"": gettext_lazy("买投入品"), "crops": gettext_lazy("买农药化肥"),
        "livestock": gettext_lazy("买兽药饲料"), "aquaculture": gettext_lazy("买渔药饲料")},
        gettext_lazy("农药、肥料、兽药、饲料、种苗")),
    Act("use", {"": gettext_lazy("用药"), "crops": gettext_lazy("打药施肥"),
        "livestock": gettext_lazy("用兽药饲料"), "aquaculture": gettext_lazy("用渔药饲料")},
        gettext_lazy("存好就告诉您哪天可以采收")),
    Act("pest", {"": gettext_lazy("病虫害"), "crops": gettext_lazy("病虫害"),
        "livestock": gettext_lazy("防疫看病"), "aquaculture": gettext_lazy("病害")},
        gettext_lazy("看到了什么，怎么处理的")),
    Act("harvest", {"": gettext_lazy("采收"), "crops": gettext_lazy("采收"),
        "livestock": gettext_lazy("出栏"), "aquaculture": gettext_lazy("捕捞")},
        gettext_lazy("一批记一次，卖货时直接选")),
    Act("self_test", {"": gettext_lazy("自检")}, gettext_lazy("快检、自有或委托检测")),
    Act("sale", {"": gettext_lazy("只记卖货")}, gettext_lazy("不用开合格证的产品")),
)  # fmt: skip
ACT_OF = {act.noun: act for act in ACTS}


def amount(row: Any) -> str:
    """1,200.5 公斤."""
    return f"{plain_number(row.quantity)} {row.unit}"


def line(row: Record) -> str:
    """What a record says, in one line without its day."""
    parts = [
        getattr(row, "name", ""),
        getattr(row, "pest", ""),
        getattr(row, "product", None),
        getattr(row, "plot", None),
        amount(row) if hasattr(row, "quantity") else "",
        getattr(row, "buyer", ""),
    ]
    if hasattr(row, "passed"):
        parts.append(_("合格") if row.passed else _("不合格"))
    return " · ".join(str(part) for part in parts if part)


_SHOWN = (
    "kind", "name", "ingredient", "registration_number", "batch_number", "manufacturer", "supplier",
    "product", "plot", "pest", "severity", "treatment", "target", "method", "batch", "harvest", "quantity",
    "dilution", "stopped_on", "interval_days", "harvest_from", "standard", "items", "laboratory",
    "report_number", "passed", "disposal_due_on", "disposed_on", "disposal", "buyer", "trace_code",
    "operator", "remark",
)  # fmt: skip


def facts(row: Any) -> list[tuple[str, str]]:
    """Everything a record holds, as pairs for a list of facts; what was left empty is left out."""
    names = {field.name for field in row._meta.get_fields()}
    pairs = [(str(row._meta.get_field("occurred_on").verbose_name), full_date(row.occurred_on))]
    for name in _SHOWN:
        if name in names and (said := _said(row, name)):
            pairs.append((str(row._meta.get_field(name).verbose_name), said))
    return pairs


def _said(row: Any, name: str) -> str:
    value = getattr(row, name)
    if value is None or value == "":
        return ""
    if name == "quantity":
        return amount(row)
    if name == "passed":
        return _("合格") if value else _("不合格")
    if name in ("stopped_on", "harvest_from", "disposal_due_on", "disposed_on"):
        return full_date(value)
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else value)
