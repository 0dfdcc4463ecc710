"""What an officer writes down of a label: checked line by line, and kept for many items at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Func
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from archives.models import Commodity, InputItem, InputKind, InputLabel, Product
from archives.services.catalogue import index_item

LINE = ("crop", "commodity", "target")
"""By what a line of a label is recognised within its item."""
SAID = (
    "covers", "least_days", "interval_days", "degree_days", "max_uses", "dose_min", "dose_max", "dose_unit",
)  # fmt: skip
OF_ANIMALS = frozenset({Commodity.MEAT, Commodity.MILK, Commodity.EGG, Commodity.AQUATIC})


@lru_cache(maxsize=1)
def crop_groups() -> dict[str, list[str]]:
    """What a crop word of labels covers among the products (叶菜: 菜心, 生菜 …), as it ships."""
    text = (resources.files("archives") / "data" / "inputs.yaml").read_text(encoding="utf-8")
    groups: dict[str, list[str]] = yaml.safe_load(text)["crops"]
    return groups


def covered_names() -> set[str]:
    """What a line may cover: products, their categories, animals, and what lines cover already; two queries.

    The hints that ship name crops of other provinces too: an export of them must be importable.
    """
    rows = Product.objects.values_list("name", "category", "animal").distinct()
    covered = InputLabel.objects.annotate(name=Func(F("covers"), function="unnest"))
    return {name for row in rows for name in row if name} | set(
        covered.values_list("name", flat=True).distinct()
    )


def check_label(label: InputLabel, names: Collection[str]) -> None:
    """Refuse a line that makes no sense, field by field; fills in what its crop or animal covers.

    An empty ``covers`` means every product: a line that names a crop never gets that by being left empty.
    """
    faults: dict[str, str] = {}
    if not label.covers and label.crop:
        label.covers = crop_groups().get(label.crop, [label.crop])
    unknown = [name for name in label.covers if name not in names]
    if unknown:
        said = {"text": "、".join(unknown)}
        faults["covers"] = (
            _("农产品目录中没有“%(text)s”：请写农产品、类别或动物的名称，各种都可用的留空。") % said
        )
    if label.least_days is not None and (
        label.interval_days is None or label.least_days > label.interval_days
    ):
        faults["least_days"] = _("间隔期下限不能大于间隔期。")
    if label.degree_days is not None and label.commodity != Commodity.AQUATIC:
        faults["degree_days"] = _("只有水产的休药期按度日计算。")
    if (label.item.kind == InputKind.VETERINARY_DRUG) != (label.commodity in OF_ANIMALS):
        faults["commodity"] = _("兽药请选肉、奶、蛋或水产，其他投入品选作物。")
    if label.dose_min is not None and label.dose_max is not None and label.dose_min > label.dose_max:
        faults["dose_max"] = _("最高用量不能小于最低用量。")
    if not label.dose_unit and (label.dose_min is not None or label.dose_max is not None):
        faults["dose_unit"] = _("写了用量就要写单位。")
    if faults:
        raise ValidationError({field: [message] for field, message in faults.items()})


@dataclass
class ItemLines:
    """An item of a file with the lines of its label; both may be new (no key) or changed."""

    item: InputItem
    lines: list[InputLabel]


@transaction.atomic
def keep_many(given: Sequence[ItemLines], *, actor: Any = None) -> None:
    """Save items that were checked, with their lines; one line in the audit.

    The versions before stay in the tables' histories. From here on a load leaves the items alone.
    """
    for one in given:
        one.item.shipped = False
        index_item(one.item)
    items = [one.item for one in given]
    known = [item for item in items if item.pk is not None]
    InputItem.objects.bulk_create([item for item in items if item.pk is None])
    InputItem.objects.bulk_update(known, [*_ITEM, "shipped", "name_folded", "name_grams", "initials"])
    lines = [line for one in given for line in one.lines]
    for one in given:
        for line in one.lines:
            line.item = one.item
    standing = [line for line in lines if line.pk is not None]
    InputLabel.objects.bulk_create([line for line in lines if line.pk is None])
    InputLabel.objects.bulk_update(standing, SAID)
    record(verb="inputs.imported", actor=actor, count=len(items), lines=len(lines))


_ITEM = (
    "name", "english", "ingredient", "form", "registration_number", "manufacturer", "toxicity", "valid_until",
    "verified", "source",
)  # fmt: skip
