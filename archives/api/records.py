"""Serializers of the nouns: what stands in a row, and what a client sends."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agricredit.foundation.accounts.api.fields import VisibleField
from archives.models import (
    EntryWay,
    HarmlessCause,
    HarmlessDisposal,
    HarmlessMethod,
    Harvest,
    HarvestWay,
    Immunisation,
    InputKind,
    InputPurchase,
    InputUse,
    PackagingReturn,
    Packing,
    PackingWork,
    PestObservation,
    Plot,
    Procedure,
    Producer,
    Product,
    ProductionBatch,
    Record,
    Sale,
    SelfTest,
    TestMethod,
)

COMMON = ["uid", "producer", "occurred_on", "entered_at", "entry", "status", "reverse_reason", "remark",
          "reason", "doubts"]  # fmt: skip
_READ: dict[str, Callable[[], serializers.Field[Any, Any, Any, Any]]] = {
    "producer": lambda: serializers.CharField(source="producer.key", read_only=True, label=_("主体编号")),
    "product": lambda: serializers.CharField(source="product.code", read_only=True, label=_("产品代码")),
    "plot": lambda: serializers.CharField(
        source="plot.name", read_only=True, allow_null=True, default=None, label=_("地块")
    ),
    "purchase": lambda: serializers.UUIDField(
        source="purchase.uid", read_only=True, allow_null=True, default=None, label=_("采购记录编号")
    ),
    "production": lambda: serializers.UUIDField(
        source="production.uid", read_only=True, allow_null=True, default=None, label=_("生产批次编号")
    ),
    "procedure": lambda: serializers.PrimaryKeyRelatedField(read_only=True, label=_("操作规程编号")),
    "item": lambda: serializers.CharField(
        source="item.code", read_only=True, allow_null=True, default=None, label=_("投入品目录编号")
    ),
    "harvest": lambda: serializers.UUIDField(
        source="harvest.uid", read_only=True, allow_null=True, default=None, label=_("采收记录编号")
    ),
}
_INPUT = "kind name ingredient registration_number manufacturer quantity unit"
_OWN = {
    InputPurchase: f"{_INPUT} batch_number supplier pack_quantity pack_unit item",
    InputUse: f"{_INPUT} purchase product plot production target method dilution stopped_on interval_days"
    " harvest_from on_label operator batch_number area_mu interval_source degree_days water_temperature"
    " meat_from milk_from egg_from item",
    PestObservation: "product plot production pest severity treatment",
    Harvest: "product plot production batch quantity unit standard interval_kept way head_count"
    " quarantine_number",
    SelfTest: "product harvest method items laboratory report_number passed disposal_due_on disposed_on"
    " disposal",
    Sale: "product harvest buyer quantity unit trace_code",
    ProductionBatch: "product number variety origin quarantine_number quantity unit procedure ended_on",
    Immunisation: "product plot production disease vaccine batch_number manufacturer quantity unit mark_range"
    " operator",
    HarmlessDisposal: "product plot production cause method quantity unit handler proof_number",
    Packing: "product harvest work quantity unit packages agent agent_dose place",
    PackagingReturn: "pieces collection_point receipt_number",
}
RELATED = frozenset(_READ)


@cache
def reading(model: type[Record]) -> type[serializers.ModelSerializer[Any]]:
    """The serializer of a noun's rows; related rows by their natural keys."""
    names = [*COMMON, *_OWN[model].split()]
    related = {name: make() for name, make in _READ.items() if name in names}
    meta = type("Meta", (), {"model": model, "fields": names, "read_only_fields": names})
    body: dict[str, Any] = {"__doc__": f"One {model.__name__}.", **related, "Meta": meta}
    return type(f"{model.__name__}Serializer", (serializers.ModelSerializer,), body)


class _Entry(serializers.Serializer[Any]):
    """What every record is sent with. ``uid`` is drawn by the client: sending twice records once."""

    uid = serializers.UUIDField(help_text=_("由调用方生成；同一编号重复提交只记一次"))
    producer = VisibleField(slug_field="key", queryset=Producer.objects.all(), label=_("主体编号"))
    occurred_on = serializers.DateField(label=_("发生日期"))
    entry = serializers.ChoiceField(choices=EntryWay.choices, default=EntryWay.API.value, label=_("录入方式"))
    remark = serializers.CharField(max_length=240, required=False, allow_blank=True, label=_("备注"))
    reason = serializers.CharField(max_length=240, required=False, allow_blank=True, label=_("情况说明"))


class _Grown(_Entry):
    product = VisibleField(slug_field="code", queryset=Product.objects.all(), label=_("产品代码"))


class _Placed(_Grown):
    plot = VisibleField(
        slug_field="id", queryset=Plot.objects.all(), required=False, allow_null=True, label=_("地块编号")
    )


def _quantity() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=3, label=_("数量"))


def _decimal(label: Any, places: int = 3) -> serializers.DecimalField:
    return serializers.DecimalField(
        max_digits=10, decimal_places=places, required=False, allow_null=True, label=label
    )


def _whole(label: Any) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, allow_null=True, min_value=0, label=label)


def _production() -> VisibleField:
    rows = ProductionBatch.objects.all()
    return VisibleField(
        slug_field="uid", queryset=rows, required=False, allow_null=True, label=_("生产批次编号")
    )


def _text(length: int, label: Any, *, needed: bool = False) -> serializers.CharField:
    return serializers.CharField(max_length=length, required=needed, allow_blank=not needed, label=label)


def _batch() -> VisibleField:
    rows = Harvest.objects.all()
    return VisibleField(
        slug_field="uid", queryset=rows, required=False, allow_null=True, label=_("采收记录编号")
    )


class PurchaseEntry(_Entry):
    """Inputs bought."""

    kind = serializers.ChoiceField(choices=InputKind.choices, label=_("投入品类别"))
    name = _text(80, _("通用名"), needed=True)
    ingredient = _text(120, _("有效成分"))
    registration_number = _text(40, _("登记证号"))
    batch_number = _text(40, _("生产批号"))
    manufacturer = _text(120, _("生产企业"))
    supplier = _text(120, _("供应商"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    pack_quantity = _decimal(_("每件净含量"))
    pack_unit = _text(16, _("净含量单位"))


class UseEntry(_Placed):
    """Inputs used; ``interval_days`` is the label's."""

    purchase = VisibleField(
        slug_field="uid",
        queryset=InputPurchase.objects.all(),
        required=False,
        allow_null=True,
        label=_("采购记录编号"),
    )
    kind = serializers.ChoiceField(choices=InputKind.choices, label=_("投入品类别"))
    name = _text(80, _("通用名"), needed=True)
    ingredient = _text(120, _("有效成分"))
    registration_number = _text(40, _("登记证号"))
    manufacturer = _text(120, _("生产企业"))
    target = _text(80, _("防治对象"))
    method = _text(80, _("用法"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    dilution = _text(40, _("稀释倍数"))
    stopped_on = serializers.DateField(required=False, label=_("停用日期"))
    interval_days = serializers.IntegerField(required=False, min_value=0, label=_("安全间隔期（天）"))
    on_label = serializers.BooleanField(required=False, allow_null=True, label=_("在登记范围内使用"))
    operator = _text(40, _("操作人"))
    production = _production()
    batch_number = _text(40, _("生产批号"))
    area_mu = _decimal(_("用药面积（亩）"), 2)
    meat_days = _whole(_("休药期：肉（天）"))
    milk_days = _whole(_("弃奶期（天）"))
    egg_days = _whole(_("弃蛋期（天）"))
    degree_days = _whole(_("休药期（度日）"))
    water_temperature = _decimal(_("水温（℃）"), 1)


class PestEntry(_Placed):
    """A pest or disease seen."""

    pest = _text(80, _("病虫害或疫病"), needed=True)
    severity = _text(40, _("发生程度"))
    treatment = _text(240, _("防治措施"))
    production = _production()


class HarvestEntry(_Placed):
    """A batch harvested."""

    batch = _text(40, _("批次号"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    standard = _text(80, _("执行标准"))
    production = _production()
    way = serializers.ChoiceField(choices=HarvestWay.choices, required=False, label=_("收获方式"))
    head_count = _whole(_("头（只）数"))
    quarantine_number = _text(60, _("检疫证明编号"))


class SelfTestEntry(_Grown):
    """A producer's own or entrusted test."""

    harvest = _batch()
    method = serializers.ChoiceField(choices=TestMethod.choices, label=_("检测方式"))
    items = _text(160, _("检测项目"))
    laboratory = _text(120, _("检测机构"))
    report_number = _text(60, _("报告编号"))
    passed = serializers.BooleanField(label=_("合格"))


class SaleEntry(_Grown):
    """A sale."""

    harvest = _batch()
    buyer = _text(120, _("购买方"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    trace_code = _text(64, _("追溯码"))


class BatchEntry(_Grown):
    """A production batch begun."""

    plots = VisibleField(
        slug_field="id", queryset=Plot.objects.all(), many=True, required=False, label=_("地块编号")
    )
    number = _text(40, _("生产批次号"))
    variety = _text(80, _("品种"))
    origin = _text(120, _("种苗来源"))
    quarantine_number = _text(60, _("检疫证明编号"))
    quantity = _decimal(_("投放数量"))
    unit = _text(16, _("单位"))
    procedure = VisibleField(
        slug_field="id", queryset=Procedure.objects.all(), required=False, allow_null=True,
        label=_("操作规程编号"),
    )  # fmt: skip


class ImmunisationEntry(_Placed):
    """Animals immunised."""

    disease = _text(80, _("防疫病种"), needed=True)
    vaccine = _text(80, _("疫苗名称"), needed=True)
    batch_number = _text(40, _("疫苗批号"))
    manufacturer = _text(120, _("生产企业"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    mark_range = _text(120, _("畜禽标识号段"))
    operator = _text(40, _("操作人"))
    production = _production()


class HarmlessEntry(_Placed):
    """Dead animals or unfit products made harmless."""

    cause = serializers.ChoiceField(choices=HarmlessCause.choices, label=_("原因"))
    method = serializers.ChoiceField(choices=HarmlessMethod.choices, label=_("处理方式"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    handler = _text(120, _("处理单位"))
    proof_number = _text(60, _("处理凭证编号"))
    production = _production()


class PackingEntry(_Grown):
    """A batch processed or packed."""

    harvest = _batch()
    work = serializers.ChoiceField(choices=PackingWork.choices, label=_("工序"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    packages = _whole(_("包装件数"))
    agent = _text(80, _("保鲜剂、防腐剂或添加剂"))
    agent_dose = _text(40, _("用量"))
    place = _text(80, _("场所"))


class PackagingEntry(_Entry):
    """Empty packaging of inputs handed back."""

    pieces = serializers.IntegerField(min_value=1, label=_("件数"))
    collection_point = _text(120, _("回收点"), needed=True)
    receipt_number = _text(60, _("回收凭证编号"))
