"""The input catalogue: loading what ships, officers' changes, and what is known of an input on a crop."""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.grams import fold, grams, initials
from archives.inputs import shipped_rules
from archives.models import Commodity, InputItem, InputKind, InputLabel, Product, SubstanceRule

_COMPARED = ("kind", "name", "english", "ingredient", "form", "source")
REFERENCE = "参考"
# Whose interval a product of the catalogue's category waits for.
COMMODITIES = {
    "畜禽": Commodity.MEAT,
    "禽蛋": Commodity.EGG,
    "生鲜乳": Commodity.MILK,
    "水产品": Commodity.AQUATIC,
}


@dataclass(frozen=True)
class Loaded:
    """How many items and rules a load wrote (0 and 0 when everything stood there already)."""

    items: int
    rules: int


@transaction.atomic
def load_inputs(*, actor: Any = None, migrating: bool = False) -> Loaded:
    """Bring shipped rows to what the project ships; rows that officers changed or added stay as they are.

    Written to the audit unless it is part of ``migrate``, which is a change of the software itself.
    """
    loaded = Loaded(_load_items(), _load_rules())
    if (loaded.items or loaded.rules) and not migrating:
        record(verb="inputs.loaded", actor=actor, count=loaded.items, rules=loaded.rules)
    return loaded


def _load_items() -> int:
    known = {row.code: row for row in InputItem.objects.filter(code__startswith=REFERENCE)}
    written: list[InputItem] = []
    labels: list[InputLabel] = []
    for item, uses in _shipped_items():
        before = known.get(item.code)
        if before is not None and (not before.shipped or _same(before, item)):
            continue
        if before is not None:
            item.pk = before.pk
        written.append(item)
        labels += uses
    saved = InputItem.objects.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[*_COMPARED, "name_folded", "name_grams", "initials", "updated_at"],
    )
    keys = dict(InputItem.objects.filter(code__in=[row.code for row in saved]).values_list("code", "pk"))
    InputLabel.objects.filter(item_id__in=keys.values()).delete()
    for label in labels:
        label.item_id = keys[label.item.code]
    InputLabel.objects.bulk_create(labels)
    return len(written)


def _same(before: InputItem, item: InputItem) -> bool:
    return all(getattr(before, name) == getattr(item, name) for name in _COMPARED)


def _shipped_items() -> Iterator[tuple[InputItem, list[InputLabel]]]:
    text = (resources.files("archives") / "data" / "inputs.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text)
    for name, english, form, source, crops in document["pesticide"]:
        said = document["sources"][source]
        item = _item("pesticide", name, english=english, form=form, ingredient=name, source=said)
        yield item, [_hint(item, crop, days, document["crops"]) for crop, days in crops.items()]
    for kind in ("veterinary_drug", "fertiliser", "feed"):
        for name in document[kind]:
            yield _item(kind, name, source=document["sources"]["memory"]), []


def _item(kind: str, name: str, **fields: Any) -> InputItem:
    code = "-".join(filter(None, [REFERENCE, kind, name, fields.get("form", "")]))
    item = InputItem(code=code, kind=kind, name=name, shipped=True, **fields)
    index_item(item)
    return item


def _hint(item: InputItem, crop: str, days: Any, groups: dict[str, list[str]]) -> InputLabel:
    least, most = days if isinstance(days, list) else (None, days)
    covers = groups.get(crop, [crop] if crop else [])
    return InputLabel(item=item, crop=crop, covers=covers, least_days=least, interval_days=most)


def index_item(item: InputItem) -> None:
    """Fill in what the item is found by."""
    item.name_folded, item.name_grams = fold(item.name), grams(item.name)
    item.initials = initials(item.name)


def _load_rules() -> int:
    known = {
        (row.sort, row.kind, row.name, row.begins or datetime.date.min, row.basis)
        for row in SubstanceRule.objects.all()
    }
    written = []
    for rule in shipped_rules():
        if (rule.sort, rule.kind, rule.name, rule.begins, rule.basis) in known:
            continue
        written.append(
            SubstanceRule(
                sort=rule.sort,
                kind=rule.kind,
                name=rule.name,
                basis=rule.basis,
                begins=None if rule.begins == datetime.date.min else rule.begins,
                ends=rule.ends,
                covers=sorted(rule.on),
                excepted=sorted(rule.excepted),
                confirmed=rule.confirmed,
                shipped=True,
            )
        )
    SubstanceRule.objects.bulk_create(written)
    return len(written)


@transaction.atomic
def keep_item(*, item: InputItem, actor: Any) -> InputItem:
    """Save an officer's entry or change; a label is marked as checked only with its registration number.

    The version before it stays in the table's history. From here on a load leaves the item alone.
    """
    check_item(item)
    item.shipped = False
    index_item(item)
    item.save()
    record(verb="input.kept", actor=actor, target=item)
    return item


def check_item(item: InputItem) -> None:
    """Refuse what cannot be kept; gives the item its code and its registration number one spelling."""
    if not item.name.strip() or item.kind not in InputKind.values:
        raise ValidationError({"name": _("请填写通用名和类别。")})
    item.registration_number = spelt(item.registration_number)
    if item.verified and not item.registration_number:
        raise ValidationError({"verified": _("核对标签须填写登记证号：同名产品的标签可能不同。")})
    if not item.code:
        item.code = code_of(item)
    twin = InputItem.objects.exclude(pk=item.pk).filter(kind=item.kind)
    if item.registration_number and twin.filter(registration_number=item.registration_number).exists():
        raise ValidationError({"registration_number": _("目录里已有这个登记证号。")})
    if InputItem.objects.exclude(pk=item.pk).filter(code=item.code).exists():
        raise ValidationError({"name": _("目录里已有同名同剂型的投入品。")})


def spelt(registration_number: str) -> str:
    """A registration number in its one spelling: half-width, without blanks, in capitals."""
    return "".join(unicodedata.normalize("NFKC", registration_number).split()).upper()


def code_of(item: InputItem) -> str:
    """The code of an item of officers: its registration number, else kind, name and form."""
    return item.registration_number or "-".join(filter(None, [item.kind, item.name, item.form]))


@transaction.atomic
def keep_rule(*, rule: SubstanceRule, actor: Any) -> SubstanceRule:
    """Save an officer's entry or change of a rule on a substance, with the announcement it rests on."""
    check_rule(rule)
    rule.shipped = False
    rule.save()
    record(verb="substance.kept", actor=actor, target=rule, basis=rule.basis)
    return rule


def check_rule(rule: SubstanceRule) -> None:
    """Refuse a rule without name or basis, of wrong order of days, or whose scope does not fit its sort."""
    if not rule.name.strip() or not rule.basis.strip():
        raise ValidationError({"basis": _("请填写名称和公告文号。")})
    if rule.ends is not None and rule.begins is not None and rule.ends < rule.begins:
        raise ValidationError({"ends": _("废止日期不能早于施行日期。")})
    if (rule.sort == "restricted") != bool(rule.covers or rule.excepted):
        raise ValidationError({"covers": _("部分范围禁止的要写明不得用于什么或除外什么；其他规定不写。")})


@dataclass(frozen=True)
class Known:
    """What the catalogue says of an input: the item (None when it is not there) and its label lines."""

    item: InputItem | None
    labels: tuple[InputLabel, ...] = ()

    @property
    def verified(self) -> bool:
        """Whether an officer has read the label; otherwise everything here is a hint."""
        return self.item is not None and self.item.verified

    def on(self, product: Product) -> list[InputLabel]:
        """Label lines that speak of the product, its category or the animal that gives it."""
        names = {product.name, product.category, product.animal} - {""}
        return [row for row in self.labels if not row.covers or names & set(row.covers)]

    def days(self, product: Product, commodity: str = "") -> int | None:
        """The longest interval of the lines on the product (policy.md §3.2: the largest), None if unknown."""
        rows = self.waiting(product, commodity)
        return max((row.interval_days for row in rows if row.interval_days is not None), default=None)

    def degree_days(self, product: Product) -> int | None:
        """The longest withdrawal in degree-days (度日: days × water's temperature), None if none is given."""
        rows = self.waiting(product)
        return max((row.degree_days for row in rows if row.degree_days is not None), default=None)

    def waiting(self, product: Product, commodity: str = "") -> list[InputLabel]:
        """Lines on the product that count for the commodity (the product's own unless named)."""
        wanted = commodity or commodity_of(product)
        return [row for row in self.on(product) if row.commodity == wanted]


UNKNOWN = Known(None)


def commodity_of(product: Product) -> str:
    """What of the product the interval is counted for."""
    return str(COMMODITIES.get(product.category, Commodity.CROP).value)


def known_inputs(named: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], Known]:
    """What the catalogue has of inputs given as (kind, registration number, name); two queries for all.

    A registration number is looked for first; a name finds references only, since labels differ by product.
    """
    wanted = set(named)
    numbers = {(kind, spelt(number)) for kind, number, _name in wanted if number}
    names = {(kind, name) for kind, _number, name in wanted}
    rows = InputItem.objects.filter(registration_number__in={number for _kind, number in numbers})
    rows |= InputItem.objects.filter(registration_number="", name__in={name for _kind, name in names})
    by_number: dict[tuple[str, str], Known] = {}
    by_name: dict[tuple[str, str], Known] = {}
    for row in rows.prefetch_related("labels").order_by("pk"):
        if row.registration_number:
            by_number[row.kind, row.registration_number] = Known(row, tuple(row.labels.all()))
        else:  # several strengths of one name: all their lines together are the hint
            before = by_name.get((row.kind, row.name), UNKNOWN)
            by_name[row.kind, row.name] = Known(before.item or row, (*before.labels, *row.labels.all()))
    return {
        key: by_number.get((key[0], spelt(key[1]))) or by_name.get((key[0], key[2])) or UNKNOWN
        for key in wanted
    }


def known_input(*, kind: str, name: str, registration_number: str = "") -> Known:
    """:func:`known_inputs` of one."""
    key = kind, registration_number, name
    return known_inputs([key])[key]


def candidates(text: str, *, kind: str = "", limit: int = 6) -> list[InputItem]:
    """Items that a registration number, a part of a name or pinyin initials may mean; the shortest first."""
    found = list(InputItem.objects.of_kind(kind).search(text)[:50])
    return sorted(found, key=lambda row: (not row.verified, len(row.name), row.pk))[:limit]


def expired(item: InputItem | None, day: datetime.date) -> bool:
    """Whether the registration had run out by the day."""
    return item is not None and item.valid_until is not None and item.valid_until < day
