"""The questions of batches begun, immunisation, harmless disposal, packing and packaging handed back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.templatetags.formats import near_date, plain_number
from archives.models import HarmlessCause, HarmlessMethod, PackingWork
from archives.portal.asking import Ask, Question
from archives.portal.questions import PlotQuestion, choose, in_trade, text
from archives.services.records.husbandry import PIECES_LIMIT

BATCH_UNITS = ("株", "亩", "公斤", "粒", "头", "只", "羽", "尾", "万尾")


class ProductionQuestion(Question):
    """Which running batch; not asked where none is running."""

    slug = "production"
    title = gettext_lazy("属于哪个生产批次？")
    production = forms.ChoiceField(label=gettext_lazy("生产批次"), widget=forms.RadioSelect)

    @classmethod
    def needed(cls, ask: Ask) -> bool:
        """Only where a batch of the product is running."""
        return bool(ask.productions)

    def prepare(self) -> None:
        """The running batches, the one of the last record or the newest chosen."""
        rows = [(str(row.uid), production_label(row)) for row in self.ask.productions]
        choose(self.fields["production"], [*rows, ("none", _("不分批次"))])
        last = getattr(self.ask.last, "production_id", None)
        chosen = [str(row.uid) for row in self.ask.productions if row.pk == last]
        self.initial["production"] = (chosen or [uid for uid, _label in rows] or ["none"])[0]

    def values(self) -> dict[str, Any]:
        """The batch itself."""
        return {"production": self._row()}

    def said(self) -> str:
        """Its label."""
        row = self._row()
        return production_label(row) if row else _("不分批次")

    def _row(self) -> Any:
        chosen = self.cleaned_data["production"]
        return next((row for row in self.ask.productions if str(row.uid) == chosen), None)


class GroundQuestion(PlotQuestion):
    """Where a batch begins: one plot, pen or pond."""

    def values(self) -> dict[str, Any]:
        """As the list that a batch has."""
        return {"plots": [self.ask.plot] if self.ask.plot else []}


class BegunQuestion(Question):
    """What was sown, planted, stocked or released."""

    slug = "begun"
    title = gettext_lazy("种下或投放了什么？")
    variety = text(gettext_lazy("品种"), 80)
    origin = text(gettext_lazy("种苗从哪里来"), 120, hint=gettext_lazy("种苗场或自留；写了来源才清楚"))
    quantity = forms.DecimalField(
        label=gettext_lazy("数量"),
        min_value=Decimal("0.001"),
        max_digits=12,
        decimal_places=3,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("单位"), choices=[(unit, unit) for unit in BATCH_UNITS], required=False
    )

    def prepare(self) -> None:
        """The last origin and unit; animals come with a quarantine certificate."""
        if "livestock" in self.ask.producer.sectors or "aquaculture" in self.ask.producer.sectors:
            self.fields["quarantine_number"] = text(_("检疫证明编号"), 60, hint=_("买进的苗种、畜禽才有"))
        if self.ask.last is not None:
            self.initial.update({"origin": self.ask.last.origin, "unit": self.ask.last.unit})

    @property
    def heading(self) -> str:
        """Plants are set, animals are brought in."""
        return in_trade(
            self.ask, self.title, livestock=_("补进了什么畜禽？"), aquaculture=_("投放了什么苗种？")
        )

    def values(self) -> dict[str, Any]:
        """A unit means something only beside a number."""
        found = super().values()
        if found["quantity"] is None:
            found["unit"] = ""
        return found

    def said(self) -> str:
        """Variety and number."""
        given = self.cleaned_data
        number = f"{plain_number(given['quantity'])} {given['unit']}" if given["quantity"] else ""
        return " · ".join(filter(None, [given["variety"], number, given["origin"]])) or _("没填")


class ImmunisedQuestion(Question):
    """Against what, with which vaccine."""

    slug = "vaccine"
    title = gettext_lazy("打了什么疫苗？")
    disease = text(
        gettext_lazy("防什么病"), 80, required=True, hint=gettext_lazy("如：口蹄疫、禽流感、小反刍兽疫")
    )
    vaccine = text(gettext_lazy("疫苗名称"), 80, required=True)
    batch_number = text(gettext_lazy("疫苗批号"), 40)

    def prepare(self) -> None:
        """As the last time."""
        if self.ask.last is not None:
            self.initial.update({"disease": self.ask.last.disease, "vaccine": self.ask.last.vaccine})

    def said(self) -> str:
        """Disease and vaccine."""
        return f"{self.cleaned_data['disease']} · {self.cleaned_data['vaccine']}"


class HarmlessQuestion(Question):
    """Why, how and by whom."""

    slug = "harmless"
    title = gettext_lazy("怎么处理的？")
    cause = forms.ChoiceField(
        label=gettext_lazy("为什么要处理"), widget=forms.RadioSelect, choices=HarmlessCause.choices
    )
    method = forms.ChoiceField(
        label=gettext_lazy("处理方式"), widget=forms.RadioSelect, choices=HarmlessMethod.choices
    )
    handler = text(gettext_lazy("处理单位"), 120, hint=gettext_lazy("交专业处理场的才填"))

    def prepare(self) -> None:
        """As the last time."""
        if self.ask.last is not None:
            self.initial.update({"method": self.ask.last.method, "handler": self.ask.last.handler})

    def clean(self) -> None:
        """Whoever collects has a name."""
        given = self.cleaned_data
        if given.get("method") == HarmlessMethod.COLLECTED and not given.get("handler", "").strip():
            self.add_error("handler", _("请写明交给哪个处理场。"))

    def said(self) -> str:
        """Cause and method in words."""
        given = self.cleaned_data
        return f"{HarmlessCause(given['cause']).label} · {HarmlessMethod(given['method']).label}"


class PackedQuestion(Question):
    """What was done after harvest, and with which agent."""

    slug = "work"
    title = gettext_lazy("做了什么？")
    work = forms.ChoiceField(
        label=gettext_lazy("工序"), widget=forms.RadioSelect, choices=PackingWork.choices
    )
    packages = forms.IntegerField(label=gettext_lazy("包装件数"), min_value=1, required=False)
    agent = text(gettext_lazy("用了保鲜剂、防腐剂或添加剂的，写名称"), 80, hint=gettext_lazy("没用就不填"))

    def prepare(self) -> None:
        """As the last time."""
        if self.ask.last is not None:
            self.initial.update({"work": self.ask.last.work, "agent": self.ask.last.agent})

    def said(self) -> str:
        """The work's word."""
        return str(PackingWork(self.cleaned_data["work"]).label)


class ReturnedQuestion(Question):
    """How many pieces, to which collection point."""

    slug = "returned"
    title = gettext_lazy("交回多少空瓶空袋？")
    pieces = forms.IntegerField(
        label=gettext_lazy("件数"),
        min_value=1,
        max_value=PIECES_LIMIT,
        help_text=gettext_lazy("瓶、袋都算一件"),
    )
    collection_point = text(
        gettext_lazy("交到哪里"), 120, required=True, hint=gettext_lazy("农资店或村回收点")
    )

    def prepare(self) -> None:
        """The last collection point."""
        if self.ask.last is not None:
            self.initial["collection_point"] = self.ask.last.collection_point

    def said(self) -> str:
        """Pieces and place."""
        said = {"count": self.cleaned_data["pieces"]}
        return f"{_('%(count)s 件') % said} · {self.cleaned_data['collection_point']}"


def production_label(row: Any) -> str:
    """P20261101-A1B2C3 · 11月1日开始."""
    return _("%(number)s · %(day)s开始") % {"number": row.number, "day": near_date(row.occurred_on)}
