"""What a label means for one use: days to wait, and whether the use lies within it (农药管理条例 art. 34).

The label of the product used is the authority. The catalogue speaks where an officer has read that label;
otherwise its days are a hint (参考，未核对标签) that is shown and never applied.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.formats import plain_number
from archives.inputs import Rulebook
from archives.models import Commodity, Doubt, InputKind, InputLabel, IntervalSource, Product, Toxicity
from archives.services.catalogue import Known, commodity_of, expired
from archives.services.records.units import measured

NEEDS_INTERVAL = {InputKind.PESTICIDE.value, InputKind.VETERINARY_DRUG.value}
POISONS = {Toxicity.EXTREME.value, Toxicity.HIGH.value}
NO_POISON_ON = {"蔬菜", "水果", "茶叶", "食用菌", "中草药材"}
"""Where extremely and highly toxic pesticides must not be used (农药管理条例 art. 34)."""
COMMODITY_FIELDS = {
    Commodity.MEAT.value: "meat_days",
    Commodity.MILK.value: "milk_days",
    Commodity.EGG.value: "egg_days",
}


@dataclass
class Interval:
    """The days that hold for a use, None when nobody said any; ``others`` by field of the draft."""

    days: int | None
    source: str
    doubts: list[str] = field(default_factory=list)
    others: dict[str, int | None] = field(default_factory=dict)


def interval_of(draft: Any, product: Product | None, known: Known) -> Interval:
    """The longer of what the user read on the label and what the catalogue's checked label says.

    Degree-days (度日) are divided by the water's temperature and rounded up to whole days.
    """
    if product is None:
        return Interval(draft.interval_days, IntervalSource.LABEL)
    others = {name: _other(draft, product, known, what) for what, name in COMMODITY_FIELDS.items()}
    said = _said(draft, product)
    checked = _checked(draft, product, known)
    if said is None and checked is None:
        return Interval(None, IntervalSource.NONE, others=others)
    if checked is not None and (said is None or said < checked):
        doubts = [] if said is None else [Doubt.SHORT_INTERVAL.value]
        return Interval(checked, IntervalSource.CATALOGUE, doubts, others)
    return Interval(said, IntervalSource.LABEL, others=others)


def _said(draft: Any, product: Product) -> int | None:
    """What the user entered for the product itself: days, degree-days, or its commodity's own field."""
    own = COMMODITY_FIELDS.get(commodity_of(product))
    return _longest(
        draft.interval_days,
        in_days(draft.degree_days, draft.water_temperature),
        getattr(draft, own) if own is not None else None,
    )


def _checked(draft: Any, product: Product, known: Known) -> int | None:
    """What the checked label says, its degree-days by the temperature of the user's water."""
    if not known.verified:
        return None
    return _longest(known.days(product), in_days(known.degree_days(product), draft.water_temperature))


def needs_temperature(draft: Any, product: Product | None, known: Known) -> int | None:
    """The degree-days of a checked label that only the water's temperature turns into days."""
    if product is None or not known.verified or draft.water_temperature is not None:
        return None
    return known.degree_days(product)


def in_days(degree_days: int | None, temperature: Decimal | None) -> int | None:
    """Whole days that degree-days mean at a temperature in ℃, rounded up; None when one is not known."""
    if degree_days is None or not temperature:
        return None
    return int((Decimal(degree_days) / temperature).to_integral_value(rounding=ROUND_CEILING))


def _longest(*days: int | None) -> int | None:
    return max((each for each in days if each is not None), default=None)


def _other(draft: Any, product: Product, known: Known, commodity: str) -> int | None:
    """The days of meat, milk or eggs of the same animals: entered, or of the checked label; the longer."""
    checked = known.days(product, commodity) if known.verified and product.animal else None
    return _longest(getattr(draft, COMMODITY_FIELDS[commodity]), checked)


def hint(product: Product | None, known: Known) -> str:
    """What the catalogue says of the days, marked as checked or as an unverified hint; empty if nothing."""
    if product is None or known.item is None:
        return ""
    said = [_line(row) for row in known.on(product)]
    days = "、".join(dict.fromkeys(filter(None, said)))
    if not days:
        return ""
    if known.verified:
        return _("目录（已核对标签）：%(days)s。") % {"days": days}
    return _("参考，未核对标签：%(days)s。以您手上的标签为准。") % {"days": days}


def _line(row: InputLabel) -> str:
    """鸡（肉）28天, 草鱼500度日, 蔬菜4–7天; "" for a line that says no period."""
    of = row.crop or _("各种作物")
    if row.commodity in COMMODITY_FIELDS:
        of = _("%(animal)s（%(commodity)s）") % {
            "animal": row.crop or _("各种动物"),
            "commodity": row.get_commodity_display(),
        }
    said = []
    if row.interval_days is not None:
        least = "" if row.least_days is None else f"{row.least_days}–"
        said.append(_("%(days)s天") % {"days": f"{least}{row.interval_days}"})
    if row.degree_days is not None:
        said.append(_("%(days)s度日") % {"days": row.degree_days})
    return f"{of}{'/'.join(said)}" if said else ""


def outside(draft: Any, product: Product, known: Known, rules: Rulebook, day: datetime.date) -> str:
    """Why a use is outside the law's or the label's scope, "" when nothing is known against it.

    Looks at restrictions by name and ingredient, at toxicity, and at the crops and dose of a checked label.
    """
    item = known.item
    names = [draft.name, draft.ingredient, *((item.name, item.ingredient) if known.verified and item else ())]
    for text in dict.fromkeys(filter(None, names)):
        rule = rules.restricted_on(
            text, day, category=product.category, product=product.name, kind=draft.kind
        )
        if rule is not None:
            said = {"name": rule.name, "product": product.name, "basis": rule.basis}
            return _("“%(name)s”不得用于%(product)s（%(basis)s）") % said
    if item is not None and item.toxicity in POISONS and product.category in NO_POISON_ON:
        return _("%(toxicity)s农药不得用于%(product)s（农药管理条例第三十四条）") % {
            "toxicity": item.get_toxicity_display(),
            "product": product.name,
        }
    return _off_label(draft, product, known) if known.verified and known.labels else ""


def cited(why: str, kind: str) -> str:
    """A sentence about a use beyond its label, with the clause that asks for the label to be kept to."""
    clauses = {
        InputKind.PESTICIDE.value: _("农药管理条例第三十四条"),
        InputKind.VETERINARY_DRUG.value: _("兽药管理条例第三十八条"),
    }
    clause = clauses.get(kind)
    return _("%(why)s（%(clause)s）") % {"why": why, "clause": clause} if why and clause else why


def _off_label(draft: Any, product: Product, known: Known) -> str:
    lines = known.on(product)
    if not lines:
        return cited(_("标签没有登记用于%(product)s") % {"product": product.name}, draft.kind)
    area = getattr(draft, "area_mu", None)
    most = [(row.dose_max, row.dose_unit) for row in lines if row.dose_max is not None]
    if not area or not most or len(most) < len(lines):
        return ""
    measure, amount = measured(draft.quantity / area, draft.unit)
    limits = [measured(dose, unit) for dose, unit in most]
    comparable = [limit for what, limit in limits if what == measure]
    if len(comparable) == len(limits) and amount > max(comparable):
        dose, unit = max(most)
        said = {"dose": plain_number(dose), "unit": unit}
        return cited(_("每亩用量超过标签的最高用量%(dose)s%(unit)s") % said, draft.kind)
    return ""


def doubts_of(item: Any, day: datetime.date) -> list[str]:
    """What an officer should look at: a registration that had run out by the day."""
    return [Doubt.EXPIRED.value] if expired(item, day) else []
