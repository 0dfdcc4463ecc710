"""The questions that several kinds of records share, in the farmer's words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.templatetags.formats import mu, near_date, plain_number
from archives.models import TestMethod
from archives.portal.asking import Ask, Question

OTHER = "other"
UNITS = {
    "purchase": ("瓶", "袋", "包", "公斤", "克", "毫升", "升", "箱"),
    "use": ("毫升", "克", "公斤", "升", "瓶", "袋", "包"),
    "harvest": ("公斤", "斤", "吨", "头", "只", "盒", "箱"),
    "sale": ("公斤", "斤", "吨", "头", "只", "盒", "箱"),
    "immunisation": ("头", "只", "羽", "尾"),
    "harmless": ("头", "只", "羽", "尾", "公斤", "斤"),
    "packing": ("公斤", "斤", "吨", "箱", "盒", "袋"),
}


def text(label: Any, length: int, *, required: bool = False, hint: Any = "") -> forms.CharField:
    """A line of text."""
    return forms.CharField(label=label, max_length=length, required=required, help_text=hint)


def amount_field(label: Any, *, hint: Any = "") -> forms.DecimalField:
    """A number that may be left out."""
    return forms.DecimalField(
        label=label,
        min_value=Decimal("0.001"),
        max_digits=10,
        decimal_places=3,
        required=False,
        help_text=hint,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )


def in_trade(ask: Ask, any_trade: Any, **words: Any) -> str:
    """The words of those who are of one trade only (``livestock=…``), else those for any."""
    sectors = ask.producer.sectors
    return str(words.get(sectors[0], any_trade) if len(sectors) == 1 else any_trade)


class ProductQuestion(Question):
    """Which product; not asked of those who grow but one."""

    slug = "product"
    title = gettext_lazy("哪种产品？")
    product = forms.ChoiceField(label=gettext_lazy("产品"), widget=forms.RadioSelect)

    @classmethod
    def needed(cls, ask: Ask) -> bool:
        """With one product there is nothing to choose."""
        return len(ask.products) != 1

    def prepare(self) -> None:
        """The producer's products, the last one chosen."""
        choose(self.fields["product"], [(str(row.pk), row.name) for row in self.ask.products])
        if self.ask.last is not None:
            self.initial["product"] = str(self.ask.last.product_id)

    def values(self) -> dict[str, Any]:
        """The row itself."""
        return {"product": self.ask.product}

    def said(self) -> str:
        """Its name."""
        return str(self.ask.product)


class PlotQuestion(Question):
    """Which plot; not asked of those who have none."""

    slug = "plot"
    title = gettext_lazy("哪块地？")
    plot = forms.ChoiceField(label=gettext_lazy("地块"), widget=forms.RadioSelect)

    @classmethod
    def needed(cls, ask: Ask) -> bool:
        """Without plots on file there is nothing to choose."""
        return bool(ask.plots)

    def prepare(self) -> None:
        """The producer's plots with their areas, the last one chosen."""
        rows = [(str(row.pk), _plot(row)) for row in self.ask.plots]
        choose(self.fields["plot"], [*rows, ("none", self.undivided)])
        self.fields["plot"].label = in_trade(
            self.ask, self.fields["plot"].label, livestock=_("栏舍"), aquaculture=_("塘口")
        )
        if hasattr(self.ask.last, "plot_id"):  # a batch may stand on several
            self.initial["plot"] = str(self.ask.last.plot_id or "none")
        elif len(self.ask.plots) == 1:
            self.initial["plot"] = str(self.ask.plots[0].pk)

    def values(self) -> dict[str, Any]:
        """The row itself, none for the whole holding."""
        return {"plot": self.ask.plot}

    def said(self) -> str:
        """Its name."""
        return str(self.ask.plot or self.undivided)

    @property
    def undivided(self) -> str:
        """The whole holding."""
        return in_trade(self.ask, _("不分地块"), livestock=_("不分栏舍"), aquaculture=_("不分塘口"))

    @property
    def heading(self) -> str:
        """A shed, a pond or a plot."""
        return in_trade(self.ask, self.title, livestock=_("哪个栏舍？"), aquaculture=_("哪口塘？"))


class AmountQuestion(Question):
    """How much; the unit is that of the last time."""

    slug = "amount"
    title = gettext_lazy("一共多少？")
    quantity = forms.DecimalField(
        label=gettext_lazy("数量"), min_value=Decimal("0.001"), max_digits=12, decimal_places=3
    )
    unit = forms.ChoiceField(label=gettext_lazy("单位"))

    def prepare(self) -> None:
        """Units of the noun; those of the last record and of the purchase come first."""
        self.fields["quantity"].widget.attrs.update({"inputmode": "decimal", "step": "any"})
        last = self.ask.last
        known = [last.unit] if last is not None else []
        if self.ask.answers.get("unit"):
            known.append(self.ask.answers["unit"][:16])
        names = dict.fromkeys([*UNITS[self.ask.noun], *known])
        choose(self.fields["unit"], [(name, name) for name in names])
        if last is not None:
            self.initial["unit"] = last.unit

    def said(self) -> str:
        """Number and unit."""
        return f"{plain_number(self.cleaned_data['quantity'])} {self.cleaned_data['unit']}"


class PestQuestion(Question):
    """What was seen and how bad it is."""

    slug = "pest"
    title = gettext_lazy("看到了什么病虫害？")
    LEVELS = ("轻", "中", "重")
    pest = text(gettext_lazy("病虫害或疫病"), 80, required=True, hint=gettext_lazy("如：豆荚螟、霜霉病"))
    severity = forms.ChoiceField(
        label=gettext_lazy("严重吗"),
        widget=forms.RadioSelect,
        choices=[("轻", gettext_lazy("轻")), ("中", gettext_lazy("中")), ("重", gettext_lazy("重"))],
        initial="轻",
    )

    def prepare(self) -> None:
        """An example of the trade."""
        self.fields["pest"].help_text = in_trade(
            self.ask,
            self.fields["pest"].help_text,
            livestock=_("如：拉稀、咳嗽，或已确诊的病名"),
            aquaculture=_("如：肠炎、白斑，或翻塘死鱼"),
        )

    @property
    def heading(self) -> str:
        """Animals have no pests."""
        return in_trade(self.ask, self.title, livestock=_("看到了什么病？"), aquaculture=_("看到了什么病？"))


class TreatmentQuestion(Question):
    """What was done about it."""

    slug = "treatment"
    title = gettext_lazy("怎么处理的？")
    treatment = text(
        gettext_lazy("措施"), 240, hint=gettext_lazy("如：挂黄板、摘除病叶；打药请另记一笔“打药施肥”")
    )

    def prepare(self) -> None:
        """An example of the trade."""
        self.fields["treatment"].help_text = in_trade(
            self.ask,
            self.fields["treatment"].help_text,
            livestock=_("如：隔离、消毒、请兽医；用药请另记一笔“用兽药饲料”"),
            aquaculture=_("如：换水、消毒、捞出死鱼；用药请另记一笔“用渔药饲料”"),
        )


class BatchQuestion(Question):
    """Which batch; not asked when the product has none yet."""

    slug = "batch"
    title = gettext_lazy("哪一批？")
    refers: ClassVar[dict[str, str]] = {"harvest": "harvest"}
    harvest = forms.ChoiceField(label=gettext_lazy("批次"), widget=forms.RadioSelect)

    @classmethod
    def needed(cls, ask: Ask) -> bool:
        """Batches are known once the product is."""
        return ask.product is None or bool(ask.batches)

    def prepare(self) -> None:
        """The product's last batches, the newest chosen."""
        rows = [(str(row.uid), batch_label(row)) for row in self.ask.batches]
        choose(self.fields["harvest"], [*rows, ("none", _("不是上面的批次"))])
        if rows:
            self.initial["harvest"] = rows[0][0]

    def values(self) -> dict[str, Any]:
        """The batch itself."""
        return {"harvest": self._batch()}

    def said(self) -> str:
        """Its label."""
        batch = self._batch()
        return batch_label(batch) if batch else _("不分批次")

    def _batch(self) -> Any:
        chosen = self.cleaned_data["harvest"]
        return next((row for row in self.ask.batches if str(row.uid) == chosen), None)


class TestQuestion(Question):
    """How it was tested and what came out."""

    __test__ = False  # pytest must not take it for a test class
    slug = "test"
    title = gettext_lazy("检测结果怎么样？")
    passed = forms.ChoiceField(
        label=gettext_lazy("结果"),
        widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("合格")), ("no", gettext_lazy("不合格"))],
    )
    method = forms.ChoiceField(
        label=gettext_lazy("怎么测的"),
        widget=forms.RadioSelect,
        choices=TestMethod.choices,
        initial=TestMethod.RAPID,
    )
    laboratory = text(gettext_lazy("检测机构"), 120, hint=gettext_lazy("委托检测才填"))

    def prepare(self) -> None:
        """The last way of testing."""
        if self.ask.last is not None:
            self.initial.update({"method": self.ask.last.method, "laboratory": self.ask.last.laboratory})

    def clean(self) -> None:
        """An entrusted test names its laboratory."""
        if self.cleaned_data.get("method") == TestMethod.ENTRUSTED and not self.cleaned_data.get(
            "laboratory"
        ):
            self.add_error("laboratory", _("委托检测请写明检测机构。"))

    def values(self) -> dict[str, Any]:
        """The result as yes or no."""
        return {**super().values(), "passed": self.cleaned_data["passed"] == "yes"}

    def said(self) -> str:
        """Result and method."""
        fields = self.fields["passed"], self.fields["method"]
        words = [dict(field.choices) for field in fields]  # type: ignore[attr-defined]  # they are choice fields
        return f"{words[0][self.cleaned_data['passed']]} · {words[1][self.cleaned_data['method']]}"


class BuyerQuestion(Question):
    """To whom it was sold; the last buyer stands there already."""

    slug = "buyer"
    title = gettext_lazy("卖给谁？")
    buyer = text(gettext_lazy("购买方"), 120, hint=gettext_lazy("市场、收购商或公司的名称；写了才算去向清楚"))

    def prepare(self) -> None:
        """The last buyer."""
        if self.ask.last is not None:
            self.initial["buyer"] = self.ask.last.buyer


def batch_label(row: Any) -> str:
    """11月20日 · 1号地 · 120 公斤."""
    parts = [
        near_date(row.occurred_on),
        row.plot and str(row.plot),
        f"{plain_number(row.quantity)} {row.unit}",
    ]
    return " · ".join(filter(None, parts))


def _plot(row: Any) -> str:
    return f"{row.name} · {mu(row.area_mu)}" if row.area_mu else str(row.name)


def choose(field: forms.Field, choices: list[tuple[str, str | Promise]] | list[tuple[str, str]]) -> None:
    """Offer the choices in a field declared without them."""
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
    field.choices = choices
