"""Records in the farmer's words: what an act is called, one line of a list, the facts of a record."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from agricredit.foundation.common.templatetags.formats import full_date, plain_number
from archives.models import Product, Record, Sector

Words = str | Promise


@dataclass(frozen=True)
class Act:
    """One button of 今天做了什么: its words by trade ("" for any) and what it is for."""

    noun: str
    words: dict[str, Words]
    hint: Words
    sectors: tuple[str, ...] = ()
    """Of which trades it is; empty: of all."""
    listed: Words = ""
    """What a record of it is called in a list, where that is not the button's word."""
    hints: dict[str, Words] = field(default_factory=dict)
    """What it is for in the words of a trade, where they are others."""

    def word(self, sectors: Sequence[str]) -> str:
        """What producers of these trades call it: 采收, 出栏, 捕捞 or several of them."""
        own = [
            str(self.words[sector]) for sector in Sector.values if sector in sectors and sector in self.words
        ]
        return "/".join(dict.fromkeys(own)) or str(self.words[""])

    def record(self, sectors: Sequence[str]) -> str:
        """What they call a record of it."""
        return str(self.listed) or self.word(sectors)

    def hint_for(self, sectors: Sequence[str]) -> str:
        """What it is for, as those say who are of one trade only."""
        return str(self.hints.get(sectors[0], self.hint) if len(sectors) == 1 else self.hint)


ACTS = (
    Act("purchase", {"": gettext_lazy("买投入品"), "crops": gettext_lazy("买农药化肥"),
        "livestock": gettext_lazy("买兽药饲料"), "aquaculture": gettext_lazy("买渔药饲料")},
        gettext_lazy("农药、肥料、兽药、饲料、种苗"),
        hints={"livestock": gettext_lazy("兽药、饲料、种畜禽"),
               "aquaculture": gettext_lazy("渔药、饲料、苗种")}),
    Act("use", {"": gettext_lazy("用药"), "crops": gettext_lazy("打药施肥"),
        "livestock": gettext_lazy("用兽药饲料"), "aquaculture": gettext_lazy("用渔药饲料")},
        gettext_lazy("存好就告诉您哪天可以采收"),
        hints={"livestock": gettext_lazy("存好就告诉您哪天起可以出栏、卖蛋卖奶"),
               "aquaculture": gettext_lazy("存好就告诉您哪天起可以捕捞上市")}),
    Act("pest", {"": gettext_lazy("病虫害"), "crops": gettext_lazy("病虫害"),
        "livestock": gettext_lazy("防疫看病"), "aquaculture": gettext_lazy("病害")},
        gettext_lazy("看到了什么，怎么处理的")),
    Act("harvest", {"": gettext_lazy("采收"), "crops": gettext_lazy("采收"),
        "livestock": gettext_lazy("出栏"), "aquaculture": gettext_lazy("捕捞")},
        gettext_lazy("一批记一次，卖货时直接选"),
        hints={"livestock": gettext_lazy("收蛋、挤奶也记在这里，一批记一次")}),
    Act("self_test", {"": gettext_lazy("自检")}, gettext_lazy("快检、自有或委托检测")),
    Act("sale", {"": gettext_lazy("只记卖货")}, gettext_lazy("不用开合格证的产品"),
        listed=gettext_lazy("卖货")),
    Act("batch", {"": gettext_lazy("开新批次"), "crops": gettext_lazy("下种定植"),
        "livestock": gettext_lazy("补栏进苗"), "aquaculture": gettext_lazy("投放苗种")},
        gettext_lazy("一茬、一栏、一塘算一批"),
        hints={"livestock": gettext_lazy("一栏算一批"), "aquaculture": gettext_lazy("一塘算一批")}),
    Act("immunisation", {"": gettext_lazy("打疫苗")}, gettext_lazy("防什么病、打了多少"), ("livestock",)),
    Act("harmless", {"": gettext_lazy("无害化处理")}, gettext_lazy("病死的、不合格的怎么处理")),
    Act("packing", {"": gettext_lazy("加工包装")}, gettext_lazy("清洗、分级、包装、保鲜")),
    Act("packaging", {"": gettext_lazy("交回空瓶空袋")}, gettext_lazy("农药兽药的包装交到回收点")),
)  # fmt: skip


def acts_for(sectors: Sequence[str]) -> list[Act]:
    """The acts of these trades; those of any trade always."""
    return [act for act in ACTS if not act.sectors or set(act.sectors) & set(sectors)]


ACT_OF = {act.noun: act for act in ACTS}
_GATHERED: dict[str, Words] = {
    "禽蛋": gettext_lazy("收蛋"),
    "生鲜乳": gettext_lazy("挤奶"),
    "crops": pgettext_lazy("done", "采收"),
    "livestock": pgettext_lazy("done", "出栏"),
    "aquaculture": pgettext_lazy("done", "捕捞"),
}


def of_animals(product: Product) -> bool:
    """Whether it goes to market (上市) after a withdrawal period, not picked after an interval."""
    return product.sector != Sector.CROPS


def gathered(product: Product) -> str:
    """What taking this product is called: 采收, 出栏, 捕捞, 收蛋, 挤奶."""
    return str(_GATHERED.get(product.category) or _GATHERED[product.sector])


def amount(row: Any) -> str:
    """1,200.5 公斤."""
    return f"{plain_number(row.quantity)} {row.unit}"


def line(row: Record) -> str:
    """What a record says, in one line without its day."""
    parts = [
        getattr(row, "name", ""),
        getattr(row, "pest", ""),
        getattr(row, "vaccine", ""),
        row.get_work_display() if hasattr(row, "work") else "",  # type: ignore[attr-defined]  # a choice
        getattr(row, "product", None),
        getattr(row, "plot", None),
        amount(row) if getattr(row, "quantity", None) is not None else "",
        _("%(count)s 件") % {"count": row.pieces} if hasattr(row, "pieces") else "",
        getattr(row, "collection_point", ""),
        getattr(row, "buyer", ""),
    ]
    if hasattr(row, "passed"):
        parts.append(_("合格") if row.passed else _("不合格"))
    return " · ".join(str(part) for part in parts if part)


_SHOWN = (
    "kind", "name", "ingredient", "registration_number", "batch_number", "manufacturer", "supplier",
    "pack_quantity", "pack_unit", "product", "number", "plot", "production", "variety", "origin", "disease",
    "vaccine", "mark_range", "pest", "severity", "treatment", "target", "cause", "work", "method", "area_mu",
    "batch", "way", "harvest", "quantity", "head_count", "quarantine_number", "pieces", "packages", "agent",
    "agent_dose", "place", "handler", "proof_number", "collection_point", "receipt_number", "dilution",
    "stopped_on", "interval_days", "interval_source", "degree_days", "water_temperature", "harvest_from",
    "meat_from", "milk_from", "egg_from", "standard", "items", "laboratory", "report_number", "passed",
    "disposal_due_on", "disposed_on", "disposal", "buyer", "trace_code", "operator", "procedure", "ended_on",
    "reason", "remark",
)  # fmt: skip


_OF_ANIMALS = {"interval_days": gettext_lazy("休药期（天）"), "harvest_from": gettext_lazy("最早可上市日")}


def facts(row: Any) -> list[tuple[str, str]]:
    """Everything a record holds, as pairs for a list of facts; what was left empty is left out."""
    names = {field.name for field in row._meta.get_fields()}
    pairs = [(str(row._meta.get_field("occurred_on").verbose_name), full_date(row.occurred_on))]
    for name in _SHOWN:
        if name in names and (said := _said(row, name)):
            pairs.append((_named(row, name), said))
    return pairs


def _named(row: Any, name: str) -> str:
    """What a fact is called; animals wait for a withdrawal period, and go to market."""
    animals = name in _OF_ANIMALS and of_animals(row.product)
    return str(_OF_ANIMALS[name] if animals else row._meta.get_field(name).verbose_name)


def _said(row: Any, name: str) -> str:
    value = getattr(row, name)
    if value is None or value == "":
        return ""
    if name == "quantity":
        return amount(row)
    if name == "passed":
        return _("合格") if value else _("不合格")
    if isinstance(value, datetime.date):
        return full_date(value)
    if isinstance(value, Decimal):
        return plain_number(value)
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else value)
