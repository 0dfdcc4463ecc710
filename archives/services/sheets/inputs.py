"""The input catalogue with its labels as a sheet: a row is one line of a label (投入品目录和标签).

An item is recognised by its registration number, without one by kind, name and form; a line of its label by
crop or animal, commodity and target. Cells left empty say nothing: what is there stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.exporting import pages
from archives.models import Commodity, InputItem, InputKind, InputLabel, Toxicity
from archives.services.catalogue import code_of, spelt
from archives.services.catalogue_labels import LINE, SAID, ItemLines, check_label, covered_names, keep_many
from archives.services.sheets.base import Row, Seen, Sheet, Verdict
from archives.services.sheets.columns import (
    JOINT,
    amount,
    choice,
    day,
    parts,
    whole,
    words,
    yes_no,
)

_ITEM = (
    "english", "ingredient", "manufacturer", "toxicity", "valid_until", "verified", "source",
)  # fmt: skip
Key = tuple[str, str, str, str]
"""Kind and registration number, or kind, name and form."""


class InputSheet(Sheet):
    """Items and what their labels say, withdrawal of meat, milk, eggs and fish each on a line of its own."""

    name = "inputs"
    title = gettext_lazy("投入品目录和标签")
    permission = "archives.change_inputitem"
    explains = gettext_lazy(
        "一行是标签上的一种作物或动物；兽药的肉、奶、蛋、水产各写一行。留空的格子不改动原有内容。"
    )
    model = InputItem
    columns = (
        choice("kind", gettext_lazy("投入品类别"), dict(InputKind.choices), required=True,
               example=InputKind.VETERINARY_DRUG.label),
        words("name", gettext_lazy("通用名"), 80, required=True, example=gettext_lazy("氟苯尼考粉")),
        words("registration_number", gettext_lazy("登记证号"), 40, text=True,
              note=gettext_lazy("登记证号或批准文号；已核对标签的必填。")),
        words("form", gettext_lazy("含量剂型"), 60, example=gettext_lazy("10%粉剂")),
        words("english", gettext_lazy("英文通用名"), 80),
        words("ingredient", gettext_lazy("有效成分"), 120),
        words("manufacturer", gettext_lazy("生产企业"), 120),
        choice("toxicity", gettext_lazy("毒性"), dict(Toxicity.choices)),
        day("valid_until", gettext_lazy("登记有效期至")),
        yes_no("verified", gettext_lazy("已核对标签"), gettext_lazy("是"), gettext_lazy("否"),
               note=gettext_lazy("看过这个产品的标签填是；不填为否，只作参考。")),
        words("source", gettext_lazy("资料来源"), 160, example=gettext_lazy("产品标签")),
        words("crop", gettext_lazy("作物或动物"), 40, example=gettext_lazy("鸡")),
        words("target", gettext_lazy("防治对象"), 80),
        words("covers", gettext_lazy("对应的产品或类别"), 400,
              note=gettext_lazy("农产品目录中的产品、类别或动物，几个的用“、”分开；不填按作物或动物的名称。")),
        choice("commodity", gettext_lazy("间隔期对象"), dict(Commodity.choices), example=Commodity.MEAT.label,
               note=gettext_lazy("不填为作物；兽药必填。")),
        whole("least_days", gettext_lazy("间隔期下限（天）"), 365),
        whole("interval_days", gettext_lazy("间隔期（天）"), 365, example="5",
              note=gettext_lazy("安全间隔期、休药期、弃奶期、弃蛋期。")),
        whole("degree_days", gettext_lazy("休药期（度日）"), 9_999, note=gettext_lazy("只用于水产。")),
        whole("max_uses", gettext_lazy("每季最多使用次数"), 99),
        amount("dose_min", gettext_lazy("每亩最低用量")),
        amount("dose_max", gettext_lazy("每亩最高用量")),
        words("dose_unit", gettext_lazy("用量单位"), 16),
    )  # fmt: skip

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Items and lines that are there are recognised; what the rows would change is said."""
        for row in rows:
            self.read(row)
            row.label = str(row.values.get("name", ""))
            _spell(row)
        sound = [row for row in rows if row.sound]
        items, names = _known(sound), covered_names()
        for row in sound:
            self._judge(row, items.get(_key(row.values)), names, seen)

    def _judge(self, row: Row, item: InputItem | None, names: set[str], seen: Seen) -> None:
        _look_for_repeats(row, seen)
        before = item if item is not None else InputItem(kind=row.values["kind"])
        if _asked(row, "verified", before) and not row.values.get("registration_number"):
            row.refuse("verified", _("核对标签须填写登记证号：同名产品的标签可能不同。"))
        line = _line(row, item)
        if line is not None:
            _refuse_line(row, line, names)
        if not row.sound:
            return
        if item is None:
            row.verdict = Verdict.NEW
            return
        standing = None if line is None or line.pk is None else line
        row.changes = [*_differing(row, item, _ITEM), *(_differing(row, standing, SAID) if standing else ())]
        new_line = line is not None and line.pk is None
        row.verdict = Verdict.CHANGED if row.changes or new_line else Verdict.UNCHANGED

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """The rows of one item together."""
        items = _known(rows)
        kept: dict[Key, ItemLines] = {}
        names = covered_names()
        for row in rows:
            key = _key(row.values)
            one = kept.setdefault(key, ItemLines(items.get(key) or _made(row), []))
            for name in _ITEM:
                if name in row.values:
                    setattr(one.item, name, row.values[name])
            line = _line(row, items.get(key))
            if line is not None:
                line.item = one.item
                _fill(row, line)
                check_label(line, names)
                one.lines.append(line)
        keep_many(list(kept.values()), actor=actor)

    def rows_of(self, queryset: QuerySet[Any]) -> Iterator[list[Any]]:
        """A row for each line, one without a line for items of which no label is known."""
        for page in pages(queryset.prefetch_related("labels")):
            for item in page:
                for line in item.labels.all() or [None]:
                    yield self._cells(item, line)

    def _cells(self, item: InputItem, line: InputLabel | None) -> list[str]:
        of_line = {*LINE, *SAID}
        found: list[str] = []
        for column in self.columns:
            holder: Any = line if column.field in of_line else item
            value = "" if holder is None else getattr(holder, column.field)
            found.append(column.cell(JOINT.join(value) if column.field == "covers" else value))
        return found


def _spell(row: Row) -> None:
    if "registration_number" in row.values:
        row.values["registration_number"] = spelt(row.values["registration_number"])
    if "covers" in row.values:
        row.values["covers"] = parts(row.values["covers"])


def _key(values: Any) -> Key:
    number = values.get("registration_number", "")
    return values["kind"], number, *(("", "") if number else (values["name"], values.get("form", "")))


def _known(rows: Sequence[Row]) -> dict[Key, InputItem]:
    """The items that the rows name, with their lines; two queries."""
    numbers = {row.values["registration_number"] for row in rows if row.values.get("registration_number")}
    named = {row.values["name"] for row in rows if not row.values.get("registration_number")}
    wanted = Q(registration_number__in=numbers) | Q(registration_number="", name__in=named)
    return {_key(item.__dict__): item for item in InputItem.objects.filter(wanted).prefetch_related("labels")}


def _made(row: Row) -> InputItem:
    values = row.values
    item = InputItem(kind=values["kind"], name=values["name"], form=values.get("form", ""))
    item.registration_number = values.get("registration_number", "")
    item.code = code_of(item)
    return item


def _asked(row: Row, name: str, item: InputItem) -> Any:
    return row.values[name] if name in row.values else getattr(item, name)


def _look_for_repeats(row: Row, seen: Seen) -> None:
    """A line stands once in a file; rows of one item do not contradict each other."""
    key = _key(row.values)
    before = seen.first(row, "line", key, *(row.values.get(name) for name in LINE))
    if before is not None:
        row.refuse("crop", _("%(place)s已有同一种投入品的这一行。") % {"place": before})
    for name in _ITEM:
        if name not in row.values:
            continue
        said = seen.kept(f"{key}:{name}")
        if said and said[0][1] != row.values[name]:
            row.refuse(name, _("和%(place)s同一种投入品写的不一样。") % {"place": said[0][0]})
        elif not said:
            seen.keep(f"{key}:{name}", [(row.where, row.values[name])])


def _line(row: Row, item: InputItem | None) -> InputLabel | None:
    """The line of the item's label that the row means: the one there is, a new one, or none."""
    if not any(name in row.values for name in (*LINE, *SAID)):
        return None
    wanted = {name: row.values.get(name, "") for name in LINE}
    wanted["commodity"] = wanted["commodity"] or Commodity.CROP.value
    if item is not None:
        lines: Iterable[InputLabel] = item.labels.all()
        for line in lines:
            if all(getattr(line, name) == value for name, value in wanted.items()):
                return line
    return InputLabel(**wanted)


def _fill(row: Row, line: InputLabel) -> None:
    for name in SAID:
        if name in row.values:
            setattr(line, name, row.values[name])


def _refuse_line(row: Row, line: InputLabel, names: set[str]) -> None:
    """What is wrong with the line as it would stand, beside its column; the line itself stays as it is."""
    tried = InputLabel(**{name: getattr(line, name) for name in (*LINE, *SAID)})
    tried.item = InputItem(kind=row.values["kind"])
    _fill(row, tried)
    try:
        check_label(tried, names)
    except ValidationError as refusal:
        for field, messages in refusal.message_dict.items():
            for message in messages:
                row.refuse(field, message)


def _differing(row: Row, there: Any, fields: Sequence[str]) -> list[tuple[str, str, str]]:
    return [
        (name, _text(getattr(there, name)), _text(row.values[name]))
        for name in fields
        if name in row.values and row.values[name] != getattr(there, name)
    ]


def _text(value: Any) -> str:
    return JOINT.join(value) if isinstance(value, list) else "" if value is None else str(value)
