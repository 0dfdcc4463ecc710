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
from archives.models import Commodity, Doubt, InputKind, IntervalSource, Product, Toxicity
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
    checked = known.days(product) if known.verified else None
    if said is None and checked is None:
        return Interval(None, IntervalSource.NONE, others=others)
    if checked is not None and (said is None or said < checked):
        doubts = [] if said is None else [Doubt.SHORT_INTERVAL.value]
        return Interval(checked, IntervalSource.CATALOGUE, doubts, others)
    return Interval(said, IntervalSource.LABEL, others=others)


def _said(draft: Any, product: Product) -> int | None:
    """What the user entered for the product itself: days, degree-days, or its commodity's own field."""
    days: int | None = draft.interval_days
    if days is None and draft.degree_days is not None and draft.water_temperature:
        quotient = Decimal(draft.degree_days) / draft.water_temperature
        days = int(quotient.to_integral_value(rounding=ROUND_CEILING))
    name = COMMODITY_FIELDS.get(commodity_of(product))
    if days is None and name is not None:
        days = getattr(draft, name)
    return days


def _other(draft: Any, product: Product, known: Known, commodity: str) -> int | None:
    """The days of meat, milk or eggs of the same animals: entered, or of the checked label; the longer."""
    days = [getattr(draft, COMMODITY_FIELDS[commodity])]
    if known.verified and product.animal:
        days.append(known.days(product, commodity))
    return max((each for each in days if each is not None), default=None)


def hint(product: Product | None, known: Known) -> str:
    """What the catalogue says of the days, marked as checked or as an unverified hint; empty if nothing."""
    if product is None or known.item is None:
        return ""
    rows = [row for row in known.on(product) if row.interval_days is not None]
    if not rows:
        return ""
    days = "、".join(
        dict.fromkeys(
            f"{row.crop or _('各种作物')}"
            f"{'' if row.least_days is None else f'{row.least_days}–'}{row.interval_days}{_('天')}"
            for row in rows
        )
    )
    if known.verified:
        return _("目录（已核对标签）：%(days)s。") % {"days": days}
    return _("参考，未核对标签：%(days)s。以您手上的标签为准。") % {"days": days}


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
