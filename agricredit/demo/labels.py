"""Labels of the demo city, said to be generated: meat, milk, eggs and fish each wait their own days."""

from __future__ import annotations

from archives.models import InputItem, InputLabel
from archives.services.catalogue import code_of
from archives.services.catalogue_labels import ItemLines, check_label, covered_names, keep_many

SOURCE = "演示数据，不是真实标签"
ITEMS = (  # kind, name, form, registration number, [(crop or animal, commodity, days, degree-days)]
    ("veterinary_drug", "氟苯尼考粉", "10%", "兽药字演示0001", (
        ("猪", "meat", 20, None), ("鸡", "meat", 5, None), ("鸡", "egg", 7, None),
        ("水产品", "aquatic", None, 375),
    )),
    ("veterinary_drug", "阿莫西林可溶性粉", "10%", "兽药字演示0002", (
        ("鸡", "meat", 7, None), ("鸡", "egg", 5, None), ("牛", "milk", 3, None), ("牛", "meat", 28, None),
    )),
    ("pesticide", "阿维菌素乳油", "1.8%", "PD20159901", (
        ("蔬菜", "crop", 7, None), ("水果", "crop", 14, None),
    )),
)  # fmt: skip


def make() -> None:
    """Three items whose labels count as checked; those that are there stay."""
    known = set(InputItem.objects.values_list("registration_number", flat=True))
    names, kept = covered_names(), []
    for kind, name, form, number, lines in ITEMS:
        if number in known:
            continue
        item = InputItem(
            kind=kind, name=name, form=form, registration_number=number, verified=True, source=SOURCE,
            ingredient=name.removesuffix("粉").removesuffix("乳油").removesuffix("可溶性"),
        )  # fmt: skip
        item.code = code_of(item)
        rows = [
            InputLabel(item=item, crop=crop, commodity=what, interval_days=days, degree_days=degrees)
            for crop, what, days, degrees in lines
        ]
        for row in rows:
            check_label(row, names)
        kept.append(ItemLines(item, rows))
    if kept:
        keep_many(kept)
