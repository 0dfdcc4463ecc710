"""Production records as sheets, one a noun: see ``entries`` for how a record is recognised."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives.models import (
    HarmlessCause,
    HarmlessMethod,
    Harvest,
    HarvestWay,
    InputKind,
    PackingWork,
    Plot,
    Procedure,
    Producer,
    Product,
    ProductionBatch,
    TestMethod,
)
from archives.services import records
from archives.services.sheets.base import Row, Seen, Verdict, find_producers, owner_of
from archives.services.sheets.columns import (
    JOINT,
    Column,
    amount,
    choice,
    day,
    named_in,
    whole,
    words,
    yes_no,
)
from archives.services.sheets.entries import CODE, OCCURRED, PRODUCER, REMARK, UID, EntrySheet, record_uid

PRODUCT = words("product", gettext_lazy("农产品"), 80, required=True, example=gettext_lazy("长豇豆"),
                note=gettext_lazy("名称或代码，须是该主体档案中登记的产品。"))  # fmt: skip
PLOT = words("plot", gettext_lazy("地块"), 80, note=gettext_lazy("该主体档案中登记的地块名称。"))
QUANTITY = amount("quantity", gettext_lazy("数量"), required=True, example="500")
UNIT = words("unit", gettext_lazy("单位"), 16, required=True, example=gettext_lazy("公斤"))
REASON = words("reason", gettext_lazy("数量说明"), 240,
               note=gettext_lazy("数量对不上、没到日子就采收、说不清卖的是哪一批的，写明原因。"))  # fmt: skip
PRODUCTION = words("production", gettext_lazy("生产批次号"), 40, text=True)
HARVEST = words("harvest", gettext_lazy("采收批次号"), 64, text=True)
_INPUT = (
    choice("kind", gettext_lazy("投入品类别"), dict(InputKind.choices), required=True,
           example=InputKind.PESTICIDE.label),
    words("name", gettext_lazy("通用名"), 80, required=True, example=gettext_lazy("阿维菌素")),
    words("ingredient", gettext_lazy("有效成分"), 120),
    words("registration_number", gettext_lazy("登记证号"), 40, text=True, example="PD20000001"),
    words("manufacturer", gettext_lazy("生产企业"), 120, example=gettext_lazy("示例农药厂")),
)  # fmt: skip


class RecordSheet(EntrySheet):
    """One noun's records."""

    def __init__(self, noun: str, title: str | Promise, *own: Column, later: Sequence[Column] = ()) -> None:
        self.name = f"record_{noun}"  # type: ignore[misc]  # one class serves all
        self.title = title  # type: ignore[misc]  # one object for each noun
        self.noun = records.NOUNS[noun]
        self.model = self.noun.model  # type: ignore[misc]  # one object for each noun
        self.columns = (UID, PRODUCER, CODE, OCCURRED, *own, *later, REASON, REMARK)
        self.later = frozenset(column.field for column in later)

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Look up what the rows name, tell known records from new ones, check these as entry does."""
        for row in rows:
            self.read(row)
        producers = find_producers(rows, actor)
        named = _Named(self, rows, producers)
        for row in rows:
            if row.number in producers:
                row.plan = named.draft(row, producers[row.number])
                self.look_for_repeats(row, seen)
        self._judge_outlines([row for row in rows if row.plan is None], producers)
        # Whoever sends the same at this moment waits here, and is then told that it is there already.
        records.hold({producer.pk for producer in producers.values()})
        self.compare_known([row for row in rows if row.sound])
        new = [row for row in rows if row.sound and row.verdict is Verdict.NEW]
        for fault in records.judge(self.noun, [row.plan for row in new]):
            new[fault.index].refuse(fault.field, fault.message)

    def _judge_outlines(self, rows: Sequence[Row], producers: dict[int, Producer]) -> None:
        """Of rows that cannot be read whole: whether the producer may record, and on that day."""
        dated = [row for row in rows if row.number in producers and "occurred_on" in row.values]
        drafts = [
            records.RecordDraft(
                producer_id=producers[row.number].pk, occurred_on=row.values["occurred_on"], entry=row.entry
            )
            for row in dated
        ]
        for fault in records.judge_outline(drafts):
            dated[fault.index].refuse(fault.field, fault.message)

    def look_for_repeats(self, row: Row, seen: Seen) -> None:
        """A batch number is given once, too."""
        super().look_for_repeats(row, seen)
        batch = getattr(row.plan, "batch", "")
        if batch and row.sound:
            before = seen.first(row, "batch", row.plan.producer_id, batch)
            if before is not None:
                row.refuse("batch", _("%(place)s已有这个批次号。") % {"place": before})

    def means_same(self, record: Any, field: str, given: str) -> bool:
        """A product may be named by its code, a procedure by its title alone, plots in any order."""
        if field == "plots":
            there = {plot.name for plot in record.plots.all()}
            return set(named_in(given, there)) == there
        if field == "procedure":
            return record.procedure is not None and given == record.procedure.title
        return field == "product" and given == str(record.product.code)

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """Through the one way in for records."""
        records.record_many(self.noun.name, [row.plan for row in rows], actor=actor)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """With what the noun's rows point at."""
        fields = {"producer", "product", "plot", "production", "harvest", "purchase", "procedure"}
        names = [f.name for f in self.model._meta.fields if f.name in fields]
        rows = queryset.select_related(None).select_related(*names)
        return rows.prefetch_related("plots") if self.column("plots") is not None else rows

    def cells_of(self, record: Any) -> list[str]:
        """What a record names is written by its name or number."""
        own = {
            **owner_of(record.producer),
            "uid": str(record.uid),
            "product": getattr(getattr(record, "product", None), "name", ""),
            "plot": getattr(getattr(record, "plot", None), "name", ""),
            "plots": _plot_names(record) if self.column("plots") is not None else "",
            "production": getattr(getattr(record, "production", None), "number", ""),
            "harvest": getattr(getattr(record, "harvest", None), "batch", ""),
            "procedure": str(getattr(record, "procedure", None) or ""),
            "purchase": str(getattr(getattr(record, "purchase", None), "uid", "")),
        }
        return self.cells(record, own)


class _Named:
    """What the rows of a set name: products, plots, purchases and batches, in one query each."""

    def __init__(self, sheet: RecordSheet, rows: Sequence[Row], producers: dict[int, Producer]) -> None:
        self.sheet, self.noun = sheet, sheet.noun
        names = {row.values["product"] for row in rows if "product" in row.values}
        self.products = {p.name: p.pk for p in Product.objects.filter(name__in=names)}
        self.products |= {p.code: p.pk for p in Product.objects.filter(code__in=names)}
        owners = {producer.pk for producer in producers.values()}
        plots = {row.values[field] for row in rows for field in ("plot", "plots") if field in row.values}
        found = Plot.objects.filter(producer_id__in=owners) if plots else Plot.objects.none()
        if not any("plots" in row.values for row in rows):
            found = found.filter(name__in=plots)
        self.plots = {(plot.producer_id, plot.name): plot.pk for plot in found}
        self.plots_of: dict[int, dict[str, int]] = {}
        for (owner, name), pk in self.plots.items():
            self.plots_of.setdefault(owner, {})[name] = pk
        self.productions: dict[tuple[int, str], uuid.UUID] = {}
        numbers = {row.values["production"] for row in rows if "production" in row.values}
        if numbers:
            running = ProductionBatch.objects.active().filter(producer_id__in=owners, number__in=numbers)
            self.productions = {(b.producer_id, b.number): b.uid for b in running}
        self.procedures = _procedures(owners, rows)
        self.batches: dict[tuple[int, str], uuid.UUID] = {}
        named = {row.values["harvest"] for row in rows if "harvest" in row.values}
        if named:
            standing = Harvest.objects.active().filter(producer_id__in=owners, batch__in=named)
            self.batches = {(h.producer_id, h.batch): h.uid for h in standing}

    def draft(self, row: Row, producer: Producer) -> Any:
        """The draft of a row; None, with faults, when what it names is not there."""
        given = {k: v for k, v in row.values.items() if k not in ("producer", "credit_code", "uid")}
        for name, found, sentence in (
            ("product", self.products.get(given.get("product", "")), _("农产品目录中没有“%(text)s”。")),
            ("plot", self.plots.get((producer.pk, given.get("plot", ""))),
             _("该主体没有“%(text)s”这个地块。")),
            ("procedure", self.procedures.get((producer.pk, given.get("procedure", ""))),
             _("该主体的档案中没有“%(text)s”这份操作规程，或有几个版本，请写明版本。")),
            ("harvest", self.batches.get((producer.pk, given.get("harvest", ""))),
             _("该主体没有“%(text)s”这个采收批次，请先导入采收记录。")),
            ("production", self.productions.get((producer.pk, given.get("production", ""))),
             _("该主体没有“%(text)s”这个生产批次，请先导入生产批次。")),
        ):  # fmt: skip
            if name in given:
                text = given.pop(name)
                given[name if name in ("harvest", "production") else f"{name}_id"] = found
                if found is None:
                    row.refuse(name, sentence % {"text": text})
        if "plots" in given:
            given["plot_ids"] = self._plots(row, producer, given.pop("plots"))
        if "purchase" in given:
            given["purchase"] = record_uid(producer, "purchase", given["purchase"])
        if not row.sound:
            return None
        number = row.values.get("uid") or self.sheet.content_of(row)
        uid = record_uid(producer, self.noun.name, number)
        made = records.DRAFTS[self.noun.name]
        return made(producer_id=producer.pk, uid=uid, entry=row.entry, **given)

    def _plots(self, row: Row, producer: Producer, text: str) -> tuple[int, ...]:
        """The plots that a cell lists, in the order in which they were registered."""
        own = self.plots_of.get(producer.pk, {})
        names = named_in(text, own)
        missing = [name for name in names if name not in own]
        if missing:
            row.refuse("plots", _("该主体没有“%(text)s”这个地块。") % {"text": JOINT.join(missing)})
        return tuple(sorted(own[name] for name in names if name in own))


def _plot_names(record: Any) -> str:
    return JOINT.join(plot.name for plot in sorted(record.plots.all(), key=lambda plot: plot.pk))


def _procedures(owners: set[int], rows: Sequence[Row]) -> dict[tuple[int, str], int]:
    """Procedures by title and version, and by title alone where there is but one."""
    if not any("procedure" in row.values for row in rows):
        return {}
    found: dict[tuple[int, str], int] = {}
    titles: dict[tuple[int, str], list[int]] = {}
    for one in Procedure.objects.open().filter(producer_id__in=owners):
        found[one.producer_id, str(one)] = one.pk
        titles.setdefault((one.producer_id, one.title), []).append(one.pk)
    return {key: ids[0] for key, ids in titles.items() if len(ids) == 1} | found


PURCHASES = RecordSheet(
    "purchase", gettext_lazy("投入品购买"), *_INPUT,
    words("batch_number", gettext_lazy("生产批号"), 40, text=True),
    words("supplier", gettext_lazy("供应商"), 120, example=gettext_lazy("示例农资店")),
    amount("quantity", gettext_lazy("数量"), required=True, example="10"),
    words("unit", gettext_lazy("单位"), 16, required=True, example=gettext_lazy("瓶")),
    later=(
        amount("pack_quantity", gettext_lazy("每件含量"), note=gettext_lazy("如一瓶100毫升，填100。")),
        words("pack_unit", gettext_lazy("含量单位"), 16, example=gettext_lazy("毫升")),
    ),
)  # fmt: skip
USES = RecordSheet(
    "use", gettext_lazy("投入品使用"), *_INPUT, PRODUCT, PLOT, PRODUCTION,
    words("purchase", gettext_lazy("采购记录编号"), 64, text=True,
          note=gettext_lazy("投入品购买表中的记录编号。")),
    words("target", gettext_lazy("防治对象"), 80, example=gettext_lazy("蓟马")),
    words("method", gettext_lazy("用法"), 80, example=gettext_lazy("喷雾")),
    amount("quantity", gettext_lazy("用量"), required=True, example="2"),
    words("unit", gettext_lazy("单位"), 16, required=True, example=gettext_lazy("瓶")),
    words("dilution", gettext_lazy("稀释倍数"), 40),
    day("stopped_on", gettext_lazy("停用日期")),
    whole("interval_days", gettext_lazy("安全间隔期（天）"), 365, example="7",
          note=gettext_lazy("农药、兽药必填，按标签。")),
    yes_no("on_label", gettext_lazy("在登记范围内使用"), gettext_lazy("是"), gettext_lazy("否"),
           example=gettext_lazy("是")),
    words("operator", gettext_lazy("操作人"), 40),
    words("batch_number", gettext_lazy("生产批号"), 40, text=True),
    amount("area_mu", gettext_lazy("用药面积（亩）")),
    whole("meat_days", gettext_lazy("休药期：肉（天）"), 365),
    whole("milk_days", gettext_lazy("弃奶期（天）"), 365),
    whole("egg_days", gettext_lazy("弃蛋期（天）"), 365),
    later=(
        whole("degree_days", gettext_lazy("休药期：度日"), 9_999,
              note=gettext_lazy("渔药按度日标注的填写，并填水温。")),
        amount("water_temperature", gettext_lazy("水温（℃）"), 1),
    ),
)  # fmt: skip
PESTS = RecordSheet(
    "pest", gettext_lazy("病虫害与疫病"), PRODUCT, PLOT, PRODUCTION,
    words("pest", gettext_lazy("病虫害或疫病"), 80, required=True, example=gettext_lazy("蓟马")),
    words("severity", gettext_lazy("发生程度"), 40), words("treatment", gettext_lazy("防治措施"), 240),
)  # fmt: skip
HARVESTS = RecordSheet(
    "harvest", gettext_lazy("采收、出栏、捕捞"), PRODUCT, PLOT, PRODUCTION,
    words("batch", gettext_lazy("批次号"), 40, text=True, example="20260315-01",
          note=gettext_lazy("在主体内不重复；不填则自动编号。")),
    QUANTITY, UNIT, words("standard", gettext_lazy("执行标准"), 80),
    later=(
        choice("way", gettext_lazy("收获方式"), dict(HarvestWay.choices),
               note=gettext_lazy("不填则按产品定；畜禽出栏、屠宰的请填写。")),
        whole("head_count", gettext_lazy("头（只）数"), 99_999_999, note=gettext_lazy("出栏填写。")),
        words("quarantine_number", gettext_lazy("检疫证明编号"), 60, text=True,
              note=gettext_lazy("出栏填写动物检疫合格证明编号。")),
    ),
)  # fmt: skip
SELF_TESTS = RecordSheet(
    "self_test", gettext_lazy("自行检测"), PRODUCT, HARVEST,
    choice("method", gettext_lazy("检测方式"), dict(TestMethod.choices), required=True,
           example=TestMethod.RAPID.label),
    words("items", gettext_lazy("检测项目"), 160), words("laboratory", gettext_lazy("检测机构"), 120,
          note=gettext_lazy("委托检测必填。")),
    words("report_number", gettext_lazy("报告编号"), 60, text=True),
    yes_no("passed", gettext_lazy("检测结论"), gettext_lazy("合格"), gettext_lazy("不合格"), required=True,
           example=gettext_lazy("合格")),
)  # fmt: skip
SALES = RecordSheet(
    "sale", gettext_lazy("销售"), PRODUCT, HARVEST,
    words("buyer", gettext_lazy("购买方"), 120, example=gettext_lazy("示例批发市场")), QUANTITY, UNIT,
    words("trace_code", gettext_lazy("追溯码"), 64, text=True),
)  # fmt: skip
BATCHES = RecordSheet(
    "batch", gettext_lazy("生产批次"), PRODUCT,
    words("number", gettext_lazy("生产批次号"), 40, text=True, example="2026-A",
          note=gettext_lazy("在主体内不重复；不填则自动编号。")),
    words("variety", gettext_lazy("品种"), 80), words("origin", gettext_lazy("种苗来源"), 120),
    words("quarantine_number", gettext_lazy("检疫证明编号"), 60, text=True),
    amount("quantity", gettext_lazy("投放数量")), words("unit", gettext_lazy("单位"), 16),
    words("procedure", gettext_lazy("操作规程"), 200,
          note=gettext_lazy("该主体档案中登记的规程名称；有几个版本的写“名称 版本”。")),
    later=(
        words("plots", gettext_lazy("地块、栏舍或塘口"), 800, example=gettext_lazy("1号地、2号地"),
              note=gettext_lazy("该主体档案中登记的名称，几个的用“、”分开。")),
    ),
)  # fmt: skip
IMMUNISATIONS = RecordSheet(
    "immunisation", gettext_lazy("防疫免疫"), PRODUCT, PLOT, PRODUCTION,
    words("disease", gettext_lazy("防疫病种"), 80, required=True, example=gettext_lazy("口蹄疫")),
    words("vaccine", gettext_lazy("疫苗名称"), 80, required=True, example=gettext_lazy("口蹄疫灭活疫苗")),
    words("batch_number", gettext_lazy("疫苗批号"), 40, text=True),
    words("manufacturer", gettext_lazy("生产企业"), 120), QUANTITY, UNIT,
    words("mark_range", gettext_lazy("畜禽标识号段"), 120, text=True),
    words("operator", gettext_lazy("操作人"), 40),
)  # fmt: skip
HARMLESS = RecordSheet(
    "harmless", gettext_lazy("无害化处理"), PRODUCT, PLOT, PRODUCTION,
    choice("cause", gettext_lazy("原因"), dict(HarmlessCause.choices), required=True,
           example=HarmlessCause.DIED.label),
    choice("method", gettext_lazy("处理方式"), dict(HarmlessMethod.choices), required=True,
           example=HarmlessMethod.BURIED.label),
    QUANTITY, UNIT, words("handler", gettext_lazy("处理单位"), 120),
    words("proof_number", gettext_lazy("处理凭证编号"), 60, text=True),
)  # fmt: skip
PACKINGS = RecordSheet(
    "packing", gettext_lazy("加工包装"), PRODUCT, HARVEST,
    choice("work", gettext_lazy("工序"), dict(PackingWork.choices), required=True,
           example=PackingWork.PACKED.label),
    QUANTITY, UNIT, whole("packages", gettext_lazy("包装件数"), 99_999_999),
    words("agent", gettext_lazy("保鲜剂、防腐剂或添加剂"), 80), words("agent_dose", gettext_lazy("用量"), 40),
    words("place", gettext_lazy("场所"), 80),
)  # fmt: skip
PACKAGING = RecordSheet(
    "packaging", gettext_lazy("包装废弃物交回"),
    whole("pieces", gettext_lazy("件数"), 1_000_000, required=True, example="12"),
    words("collection_point", gettext_lazy("回收点"), 120, required=True, example=gettext_lazy("村回收点")),
    words("receipt_number", gettext_lazy("回收凭证编号"), 60, text=True),
)  # fmt: skip
RECORD_SHEETS = (
    BATCHES, PURCHASES, USES, PESTS, HARVESTS, SELF_TESTS, SALES, IMMUNISATIONS, HARMLESS, PACKINGS,
    PACKAGING,
)  # fmt: skip
__all__ = ["RECORD_SHEETS", "RecordSheet"]
