"""Forms of an input shop's pages; the services check everything again."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.clock import today
from archives.models import InputKind, ShopSaleWay
from archives.services.catalogue import spelt


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _amount() -> forms.NumberInput:
    return forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"})


class EntryForm(forms.Form):
    """What every entry begins with; ``uid`` makes sending twice the same as sending once."""

    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    occurred_on = forms.DateField(label=_("日期"), initial=today, widget=_day())


class BuyInForm(EntryForm):
    """One lot bought in: the columns of the purchase ledger (农药管理条例 art. 26)."""

    kind = forms.ChoiceField(label=_("投入品类别"), choices=InputKind.choices)
    registration_number = forms.CharField(
        label=_("登记证号"),
        max_length=40,
        required=False,
        help_text=_("农药必填，如PD20150001"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    name = forms.CharField(label=_("通用名"), max_length=80, help_text=_("如：阿维菌素、尿素"))
    ingredient = forms.CharField(label=_("有效成分"), max_length=120, required=False)
    manufacturer = forms.CharField(
        label=_("生产企业"), max_length=120, required=False, help_text=_("农药必填")
    )
    batch_number = forms.CharField(
        label=_("生产批号"), max_length=40, required=False, help_text=_("农药必填")
    )
    specification = forms.CharField(
        label=_("规格"), max_length=60, required=False, help_text=_("如：100克/瓶")
    )
    quantity = forms.DecimalField(
        label=_("数量"), min_value=Decimal("0.001"), max_digits=12, decimal_places=3, widget=_amount()
    )
    unit = forms.CharField(label=_("单位"), max_length=16, help_text=_("最小销售单位，如：瓶、袋"))
    expires_on = forms.DateField(label=_("质量保证期至"), required=False, widget=_day())
    supplier = forms.CharField(label=_("供货人"), max_length=120)
    supplier_contact = forms.CharField(label=_("供货人联系方式"), max_length=60, required=False)
    restricted = forms.BooleanField(
        label=_("标签标注“限制使用”"), required=False, help_text=_("限制使用农药只能由定点店实名销售")
    )

    def clean_registration_number(self) -> str:
        """In the one spelling in which the catalogue has it."""
        return spelt(self.cleaned_data["registration_number"])


class GoodsForm(forms.Form):
    """A number typed or scanned before the rest is filled in."""

    number = forms.CharField(
        label=_("先输入或扫登记证号，自动带出品名和厂家"),
        max_length=400,
        required=False,
        help_text=_("大小写、空格都可以，如 pd 2015 0001；没有证号的直接填下面"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


class SellForm(EntryForm):
    """A part of a lot sold, and to whom (农药管理条例 art. 27)."""

    quantity = forms.DecimalField(
        label=_("数量"), min_value=Decimal("0.001"), max_digits=12, decimal_places=3, widget=_amount()
    )
    buyer = forms.CharField(
        label=_("购买主体的号码"),
        max_length=40,
        required=False,
        help_text=_("信用代码、手机号、身份证号或主体编号都可以；已建档的自动记到对方的购买记录"),
    )
    buyer_name = forms.CharField(
        label=_("购买人姓名"),
        max_length=60,
        required=False,
        help_text=_("没有建档的购买人填写；农药必须写明"),
    )
    purpose = forms.CharField(
        label=_("用于（作物、病虫）"), max_length=120, required=False, help_text=_("如：豇豆蓟马")
    )
    unit_code = forms.CharField(
        label=_("农药标签二维码"),
        max_length=400,
        required=False,
        help_text=_("只卖一包时可以扫码，一码一包，不会重复登记；整箱不用扫"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WriteOffForm(EntryForm):
    """Goods lost or sent back."""

    quantity = forms.DecimalField(
        label=_("数量"), min_value=Decimal("0.001"), max_digits=12, decimal_places=3, widget=_amount()
    )
    way = forms.ChoiceField(
        label=_("去向"),
        choices=[(way.value, way.label) for way in (ShopSaleWay.LOSS, ShopSaleWay.RETURN)],
        widget=forms.RadioSelect,
        initial=ShopSaleWay.LOSS,
    )
    reason = forms.CharField(label=_("理由"), max_length=240, help_text=_("如：过期、破损、退货"))
