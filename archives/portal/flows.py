"""Which questions make up each noun, the last page that writes, what to warn of and what to tell."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import month_day, near_date
from archives.inputs import rulebook
from archives.models import InputUse, Product
from archives.portal import husbandry_questions as of_farm
from archives.portal import input_questions as of_inputs
from archives.portal import questions as ask_for
from archives.portal.asking import Ask, Question, Walk
from archives.portal.questions import OTHER, amount_field, choose, text
from archives.portal.wording import of_animals
from archives.services.records import UseDraft, earliest_harvest
from archives.services.records.labels import outside
from archives.services.records.unbatched import taken_sentence
from archives.services.records.waiting import stop_sentence

DAYS_BACK = 3
YES_NO = [("", gettext_lazy("没注意")), ("yes", gettext_lazy("是")), ("no", gettext_lazy("不是"))]


class WhenQuestion(Question):
    """The last page: the day, a few facts that make the record complete, the summary above it."""

    slug = "when"
    title = gettext_lazy("哪天的事？")
    day = forms.ChoiceField(label=gettext_lazy("日期"), widget=forms.RadioSelect)
    occurred_on = forms.DateField(
        label=gettext_lazy("其他日期"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = text(gettext_lazy("写明原因"), 240)
    remark = text(gettext_lazy("备注"), 240)

    def prepare(self) -> None:
        """The last three days at one tap, today chosen."""
        today = clock.today()
        words = (_("今天"), _("昨天"), _("前天"))
        days = [today - datetime.timedelta(days=back) for back in range(DAYS_BACK)]
        field = self.fields["day"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        field.choices = [
            *(
                (day.isoformat(), f"{word}（{month_day(day)}）")
                for day, word in zip(days, words, strict=True)
            ),
            (OTHER, _("更早，在下面选日期")),
        ]
        self.initial["day"] = today.isoformat()

    def clean(self) -> None:
        """One day, chosen or picked."""
        if self.cleaned_data.get("day") == OTHER and not self.cleaned_data.get("occurred_on"):
            if "occurred_on" not in self.errors:
                self.add_error("occurred_on", _("请选日期。"))
        elif self.cleaned_data.get("day"):
            chosen = self.cleaned_data["day"]
            if chosen != OTHER:
                self.cleaned_data["occurred_on"] = datetime.date.fromisoformat(chosen)

    def values(self) -> dict[str, Any]:
        """The day and whatever else was filled in."""
        return {key: value for key, value in super().values().items() if key != "day"}

    def main(self) -> list[forms.BoundField]:
        """The fields that answer the question; the reason stands there once it is asked for."""
        asked = [self["reason"]] if self._reasoned else []
        return [self["day"], self["occurred_on"], *asked]

    @property
    def _reasoned(self) -> bool:
        return bool(self.errors.get("reason") or self.ask.answers.get("reason"))

    def further(self) -> list[forms.BoundField]:
        """What is good to have, folded away."""
        folded = [field for field in self if field.name not in ("day", "occurred_on", "reason")]
        return sorted(folded, key=lambda field: field.name == "remark")


class WhenBought(WhenQuestion):
    """A purchase: batch and ingredient of the label."""

    ingredient = text(gettext_lazy("有效成分"), 120)
    batch_number = text(gettext_lazy("生产批号"), 40)
    pack_quantity = amount_field(
        gettext_lazy("每瓶（袋）净含量"), hint=gettext_lazy("标签上有，如：100 毫升")
    )
    pack_unit = forms.ChoiceField(
        label=gettext_lazy("净含量单位"),
        choices=[("", "—"), *((unit, unit) for unit in ("毫升", "克", "公斤", "升"))],
        required=False,
    )


class WhenUsed(WhenQuestion):
    """A use: who did it, how diluted, when it ended, whether the label allows it on this crop."""

    operator = text(gettext_lazy("谁打的药"), 40)
    dilution = text(gettext_lazy("稀释倍数"), 40, hint=gettext_lazy("如：1500 倍"))
    area_mu = amount_field(gettext_lazy("打了几亩"))
    stopped_on = forms.DateField(
        label=gettext_lazy("最后一天（连用几天的）"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    on_label = forms.ChoiceField(
        label=gettext_lazy("标签上写着可用于这种作物吗"), choices=YES_NO, required=False
    )

    def prepare(self) -> None:
        """The last operator."""
        super().prepare()
        if self.ask.last is not None:
            self.initial["operator"] = self.ask.last.operator

    def values(self) -> dict[str, Any]:
        """Yes, no or not noticed."""
        answer = self.cleaned_data.get("on_label")
        return {**super().values(), "on_label": {"yes": True, "no": False}.get(answer or "")}


class WhenHarvested(WhenQuestion):
    """A harvest: the standard it was grown to; of animals how many, and their quarantine certificate."""

    standard = text(gettext_lazy("执行标准"), 80, hint=gettext_lazy("如：NY/T 5078"))

    @property
    def _reasoned(self) -> bool:
        return super()._reasoned or self.ask.waits_until is not None

    def prepare(self) -> None:
        """The last standard."""
        super().prepare()
        if self.ask.product is not None and self.ask.product.sector == "livestock":
            self.fields["head_count"] = forms.IntegerField(label=_("头（只）数"), min_value=1, required=False)
            self.fields["quarantine_number"] = text(_("检疫证明编号"), 60)
        if self.ask.last is not None:
            self.initial["standard"] = self.ask.last.standard


class WhenSold(WhenQuestion):
    """A sale: why no batch is named, where one must be."""

    @property
    def _reasoned(self) -> bool:
        found = self.ask.unbatched
        stopped = found is not None and (found.batch is None or not found.batch.interval_kept)
        return super()._reasoned or stopped


class WhenTested(WhenQuestion):
    """A test: what was tested for, and the report."""

    items = text(gettext_lazy("检测项目"), 160, hint=gettext_lazy("如：农药残留 13 项"))
    report_number = text(gettext_lazy("报告编号"), 60)

    def prepare(self) -> None:
        """The last items."""
        super().prepare()
        if self.ask.last is not None:
            self.initial["items"] = self.ask.last.items


class WhenBegun(WhenQuestion):
    """A batch: its number and the operating procedure that it follows."""

    number = text(gettext_lazy("批次号"), 40, hint=gettext_lazy("不填自动编号"))
    procedure = forms.ChoiceField(
        label=gettext_lazy("操作规程"), required=False,
        help_text=gettext_lazy("按哪份规程生产；规程在“我的档案”里登记"),
    )  # fmt: skip

    def prepare(self) -> None:
        """The procedures on file for the product, the one of the last batch chosen."""
        super().prepare()
        rows = [(str(row.pk), str(row)) for row in self.ask.procedures]
        choose(self.fields["procedure"], [("", _("没有按规程")), *rows])
        last = getattr(self.ask.last, "procedure_id", None)
        if any(str(last) == key for key, _label in rows):
            self.initial["procedure"] = str(last)

    def values(self) -> dict[str, Any]:
        """The row itself."""
        chosen = self.cleaned_data.get("procedure")
        found = next((row for row in self.ask.procedures if str(row.pk) == chosen), None)
        return {**super().values(), "procedure": found}


class WhenImmunised(WhenQuestion):
    """An immunisation: by whom, with whose vaccine, which ear tags."""

    operator = text(gettext_lazy("谁打的疫苗"), 40)
    manufacturer = text(gettext_lazy("生产企业"), 120)
    mark_range = text(gettext_lazy("畜禽标识号段"), 120)


class WhenHarmless(WhenQuestion):
    """A harmless disposal: its proof."""

    proof_number = text(gettext_lazy("处理凭证编号"), 60)


class WhenPacked(WhenQuestion):
    """Packing: where, and how much of an agent."""

    place = text(gettext_lazy("场所"), 80)
    agent_dose = text(gettext_lazy("保鲜剂等的用量"), 40)


class WhenReturned(WhenQuestion):
    """Packaging handed back: the receipt."""

    receipt_number = text(gettext_lazy("回收凭证编号"), 60)


NO_PRODUCT = frozenset({"purchase", "packaging"})
"""Nouns that are of no product."""
FLOWS: dict[str, tuple[type[Question], ...]] = {
    "purchase": (
        of_inputs.BoughtQuestion,
        of_inputs.MatchQuestion,
        ask_for.AmountQuestion,
        of_inputs.SupplierQuestion,
        WhenBought,
    ),
    "use": (
        ask_for.ProductQuestion,
        ask_for.PlotQuestion,
        of_farm.ProductionQuestion,
        of_inputs.UsedQuestion,
        of_inputs.MatchQuestion,
        ask_for.AmountQuestion,
        of_inputs.IntervalQuestion,
        of_inputs.MethodQuestion,
        WhenUsed,
    ),
    "pest": (
        ask_for.ProductQuestion,
        ask_for.PlotQuestion,
        of_farm.ProductionQuestion,
        ask_for.PestQuestion,
        ask_for.TreatmentQuestion,
        WhenQuestion,
    ),
    "harvest": (
        ask_for.ProductQuestion,
        ask_for.PlotQuestion,
        of_farm.ProductionQuestion,
        ask_for.AmountQuestion,
        WhenHarvested,
    ),
    "self_test": (ask_for.ProductQuestion, ask_for.BatchQuestion, ask_for.TestQuestion, WhenTested),
    "sale": (
        ask_for.ProductQuestion,
        ask_for.BatchQuestion,
        ask_for.AmountQuestion,
        ask_for.BuyerQuestion,
        WhenSold,
    ),
    "batch": (ask_for.ProductQuestion, of_farm.GroundQuestion, of_farm.BegunQuestion, WhenBegun),
    "immunisation": (
        ask_for.ProductQuestion,
        ask_for.PlotQuestion,
        of_farm.ProductionQuestion,
        of_farm.ImmunisedQuestion,
        ask_for.AmountQuestion,
        WhenImmunised,
    ),
    "harmless": (
        ask_for.ProductQuestion,
        ask_for.PlotQuestion,
        of_farm.ProductionQuestion,
        of_farm.HarmlessQuestion,
        ask_for.AmountQuestion,
        WhenHarmless,
    ),
    "packing": (
        ask_for.ProductQuestion,
        ask_for.BatchQuestion,
        of_farm.PackedQuestion,
        ask_for.AmountQuestion,
        WhenPacked,
    ),
    "packaging": (of_farm.ReturnedQuestion, WhenReturned),
}


def fields_of(answered: list[Question]) -> dict[str, Any]:
    """The answers as the record service takes them; a product not asked for is the only one."""
    values: dict[str, Any] = {}
    for form in answered:
        values |= form.values()
    ask = answered[-1].ask
    if ask.noun not in NO_PRODUCT and "product" not in values:
        values["product"] = ask.product
    return values


def warnings(walk: Walk, answered: list[Question]) -> list[str]:
    """What will count against the producer if it is saved as it stands; it may still be the truth."""
    ask = walk.ask
    if ask.noun == "harvest" and ask.product is not None and ask.waits_until is not None:
        return [stop_sentence(ask.product, ask.waits_until)]
    if ask.noun == "sale" and ask.unbatched is not None:
        found = ask.unbatched
        return (
            [taken_sentence(found.batch)] if found.batch else ["".join(said for _field, said in found.faults)]
        )
    if ask.noun == "use" and len(answered) == len(walk.questions) - 1:
        return _out_of_scope(fields_of(answered), ask)
    return []


def _out_of_scope(values: Mapping[str, Any], ask: Ask) -> list[str]:
    draft = UseDraft(
        producer_id=ask.producer.pk,
        occurred_on=clock.today(),
        product_id=values["product"].pk,
        **{key: values[key] for key in ("kind", "name", "quantity", "unit")},
        ingredient=values.get("ingredient", ""),
    )
    why = outside(draft, values["product"], ask.known, rulebook(), draft.occurred_on)
    return [_("%(why)s；保存后会记为超范围用药。") % {"why": why}] if why else []


def first_day(row: InputUse) -> str:
    """From which day it may be harvested: 3号地的长豇豆 8月12日起可采收; of animals 可上市."""
    return _("；").join(_first_day_of(row, product) for product in (row.product, *_of_same_animals(row)))


def _of_same_animals(row: InputUse) -> list[Product]:
    """What else the treated animals give: hens' meat waits longer than their eggs."""
    if not row.product.animal:
        return []
    others = Product.objects.filter(growers__producer=row.producer_id, animal=row.product.animal)
    return list(others.exclude(pk=row.product_id).order_by("code"))


def _first_day_of(row: InputUse, product: Product) -> str:
    first = earliest_harvest(producer=row.producer, product=product, plot=row.plot, production=row.production)
    place = _("%(plot)s的") % {"plot": row.plot} if row.plot else ""
    said = {"place": place, "product": product, "day": near_date(first) if first else ""}
    animals = of_animals(product)
    if first is None:
        now = _("%(place)s%(product)s现在可以上市") if animals else _("%(place)s%(product)s现在可以采收")
        return now % said
    later = (
        _("%(place)s%(product)s %(day)s起可上市") if animals else _("%(place)s%(product)s %(day)s起可采收")
    )
    return later % said
