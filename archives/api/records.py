"""Serializers of the six nouns: what stands in a row, and what a client sends."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agricredit.foundation.accounts.api.fields import VisibleField
from archives.models import (
    EntryWay,
    Harvest,
    InputKind,
    InputPurchase,
    InputUse,
    PestObservation,
    Plot,
    Producer,
    Product,
    Record,
    Sale,
    SelfTest,
    TestMethod,
)

COMMON = ["uid", "producer", "occurred_on", "entered_at", "entry", "status", "reverse_reason", "remark"]
_READ: dict[str, Callable[[], serializers.Field[Any, Any, Any, Any]]] = {
    "producer": lambda: serializers.CharField(source="producer.key", read_only=True, label=_("主体编号")),
    "product": lambda: serializers.CharField(source="product.code", read_only=True, label=_("产品代码")),
    "plot": lambda: serializers.CharField(
        source="plot.name", read_only=True, allow_null=True, default=None, label=_("地块")
    ),
    "purchase": lambda: serializers.UUIDField(
        source="purchase.uid", read_only=True, allow_null=True, default=None, label=_("采购记录编号")
    ),
    "harvest": lambda: serializers.UUIDField(
        source="harvest.uid", read_only=True, allow_null=True, default=None, label=_("采收记录编号")
    ),
}
_INPUT = "kind name ingredient registration_number manufacturer quantity unit"
_OWN = {
    InputPurchase: f"{_INPUT} batch_number supplier",
    InputUse: f"{_INPUT} purchase product plot target method dilution stopped_on interval_days harvest_from"
    " on_label operator",
    PestObservation: "product plot pest severity treatment",
    Harvest: "product plot batch quantity unit standard interval_kept",
    SelfTest: "product harvest method items laboratory report_number passed disposal_due_on disposed_on"
    " disposal",
    Sale: "product harvest buyer quantity unit trace_code",
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


class _Grown(_Entry):
    product = VisibleField(slug_field="code", queryset=Product.objects.all(), label=_("产品代码"))


class _Placed(_Grown):
    plot = VisibleField(
        slug_field="id", queryset=Plot.objects.all(), required=False, allow_null=True, label=_("地块编号")
    )


def _quantity() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=3, label=_("数量"))


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


class PestEntry(_Placed):
    """A pest or disease seen."""

    pest = _text(80, _("病虫害或疫病"), needed=True)
    severity = _text(40, _("发生程度"))
    treatment = _text(240, _("防治措施"))


class HarvestEntry(_Placed):
    """A batch harvested."""

    batch = _text(40, _("批次号"))
    quantity = _quantity()
    unit = _text(16, _("单位"), needed=True)
    standard = _text(80, _("执行标准"))


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
