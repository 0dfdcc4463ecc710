"""The questions about inputs (投入品): bought, used, how, from whom, and the label's interval."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import near_date, plain_number
from archives.inputs import rulebook
from archives.models import Commodity, InputKind, InputUse, Product, Sector
from archives.portal.asking import Ask, Question
from archives.portal.questions import OTHER, choose, in_trade, text
from archives.services.catalogue import Known, commodity_of
from archives.services.records.checks import INTERVAL_LIMIT, permitted_input
from archives.services.records.labels import COMMODITY_FIELDS, NEEDS_INTERVAL, hint

LABELLED = ("kind", "name", "ingredient", "registration_number", "batch_number", "manufacturer")
"""What a use takes over from the purchase that it comes from."""
KINDS_OF_SECTOR = {
    "crops": ("pesticide", "fertiliser", "seed"),
    "livestock": ("veterinary_drug", "feed", "seed"),
    "aquaculture": ("veterinary_drug", "feed", "seed"),
}


def kinds(ask: Ask) -> list[tuple[str, str]]:
    """Kinds of inputs that the producer's trades use, the last one bought or used first."""
    own = [kind for sector in ask.producer.sectors for kind in KINDS_OF_SECTOR[sector]]
    names = dict.fromkeys([*own, "other"]) if own else dict.fromkeys(InputKind.values)
    return [(name, str(InputKind(name).label)) for name in names]


class BoughtQuestion(Question):
    """What was bought: the kind, the name and the number on its label."""

    slug = "what"
    title = gettext_lazy("买了什么？")
    owns = ("ingredient",)
    kind = forms.ChoiceField(label=gettext_lazy("类别"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        """Kinds of the trade; the last kind chosen."""
        choose(self.fields["kind"], kinds(self.ask))
        self.fields["name"] = text(_("名称"), 80, required=True, hint=_example(self.ask))
        self.fields["registration_number"] = text(
            _("登记证号"), 40, hint=_("标签上 PD、WP 或肥料、兽药证号开头的那一串")
        )
        if self.ask.last is not None:
            self.initial["kind"] = self.ask.last.kind

    def clean(self) -> None:
        """A banned input is refused at once, where its name stands."""
        _refuse_banned(self, self.cleaned_data.get("kind", ""), self.cleaned_data.get("name", ""))

    def said(self) -> str:
        """Kind and name."""
        return f"{InputKind(self.cleaned_data['kind']).label} · {self.cleaned_data['name']}"


class MatchQuestion(Question):
    """Which item of the catalogue a name typed in part or in pinyin initials means."""

    slug = "match"
    title = gettext_lazy("是目录里的哪一种？")
    item = forms.ChoiceField(
        label=gettext_lazy("目录"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("有几种相近的，请选是哪一种；都不是，就选最后一项。")},
    )

    @classmethod
    def needed(cls, ask: Ask) -> bool:
        """Only where the catalogue has something like it."""
        return bool(ask.matches)

    def prepare(self) -> None:
        """The likeliest first and chosen."""
        rows = [(str(row.pk), str(row)) for row in self.ask.matches]
        choose(self.fields["item"], [*rows, ("none", _("都不是，按我写的记"))])
        self.initial["item"] = rows[0][0] if rows else "none"

    def clean(self) -> None:
        """What initials turn out to mean may be banned."""
        row = self.ask.match
        if row is not None:
            _refuse_banned(self, row.kind, row.name, field="item")

    def values(self) -> dict[str, Any]:
        """The item's own words in place of what was typed."""
        row = self.ask.match
        if row is None:
            return {}
        found = {"name": row.name, "ingredient": row.ingredient}
        own = {"registration_number": row.registration_number, "manufacturer": row.manufacturer}
        return found | {key: value for key, value in own.items() if value}

    def said(self) -> str:
        """The item."""
        return str(self.ask.match or _("按我写的记"))


class UsedQuestion(Question):
    """What was used: from a purchase on record, or something else named here."""

    slug = "what"
    title = gettext_lazy("用了什么？")
    owns = ("purchase", "ingredient", "registration_number", "batch_number", "manufacturer")
    refers: ClassVar[dict[str, str]] = {"what": "purchase"}
    what = forms.ChoiceField(label=gettext_lazy("从买来的里面选"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        """The last purchases, then free text; the last use's input is chosen."""
        rows = [(str(row.uid), _purchase(row)) for row in self.ask.purchases]
        choose(self.fields["what"], [*rows, (OTHER, _("其他，写在下面"))])
        self.fields["kind"] = forms.ChoiceField(label=_("类别"), choices=kinds(self.ask), required=False)
        self.fields["name"] = text(_("名称"), 80, hint=_("选了“其他”才填，照着标签上的通用名写"))
        self.fields["manufacturer"] = text(_("生产企业"), 120, hint=_("选了“其他”才填，标签上有"))
        self.initial["what"] = rows[0][0] if rows else OTHER
        last = self.ask.last
        if last is not None:
            known = [str(row.uid) for row in self.ask.purchases if row.name == last.name]
            self.initial["what"] = known[0] if known else OTHER
            if not known:
                self.initial.update({"name": last.name, "kind": last.kind, "manufacturer": last.manufacturer})

    def clean(self) -> None:
        """Free text needs a name; a banned input is refused at once."""
        purchase = self.ask.purchase
        if purchase is not None:
            _refuse_banned(self, purchase.kind, purchase.name, field="what")
            return
        name, kind = self.cleaned_data.get("name", ""), self.cleaned_data.get("kind", "")
        if self.cleaned_data.get("what") == OTHER and not name.strip():
            self.add_error("name", _("请写下用了什么。"))
        elif name and not kind:
            self.add_error("kind", _("请选择类别。"))
        _refuse_banned(self, kind, name)

    def values(self) -> dict[str, Any]:
        """What the label says, taken from the purchase where there is one."""
        row = self.ask.purchase
        if row is None:
            return {key: self.cleaned_data[key] for key in ("kind", "name", "manufacturer")}
        return {
            "purchase": row,
            **{key: getattr(row, key) for key in LABELLED},
        }

    def said(self) -> str:
        """The name."""
        row = self.ask.purchase
        return row.name if row is not None else str(self.cleaned_data["name"])


class IntervalQuestion(Question):
    """The label's interval in days; only for what has one."""

    slug = "interval"
    title = gettext_lazy("标签上写的安全间隔期是几天？")
    interval_days = forms.IntegerField(
        label=gettext_lazy("天数"),
        min_value=0,
        max_value=INTERVAL_LIMIT,
        help_text=gettext_lazy("农药看“安全间隔期”，兽药看“休药期”；标签上没有的填 0。"),
    )
    WITHDRAWALS: ClassVar[dict[str, Any]] = {
        "meat_days": gettext_lazy("肉的休药期（天）"),
        "milk_days": gettext_lazy("弃奶期（天）"),
        "egg_days": gettext_lazy("弃蛋期（天）"),
    }

    @property
    def heading(self) -> str:
        """Drugs for animals have a withdrawal period."""
        title = _("标签上写的休药期是几天？")
        return in_trade(self.ask, self.title, livestock=title, aquaculture=title)

    @classmethod
    def needed(cls, ask: Ask) -> bool:
        """Fertiliser, feed and seed have none."""
        kind = ask.purchase.kind if ask.purchase else ask.answers.get("kind", "")
        return kind in NEEDS_INTERVAL or not ask.answers.get("what")

    def prepare(self) -> None:
        """The checked label's days, else those of the last use of the same input; hints are only shown."""
        product, known = self.ask.product, self.ask.known
        self._ask_further(product)
        self._fill_in(product, known)
        said = hint(product, known)
        if said:
            self.fields["interval_days"].help_text = f"{self.fields['interval_days'].help_text}{said}"

    def _fill_in(self, product: Product | None, known: Known) -> None:
        """What the checked label says, else what was said of the same input the last time."""
        if product is not None and known.verified:
            checked = {name: known.days(product, what) for what, name in COMMODITY_FIELDS.items()}
            self.initial.update(checked)
            self.initial["interval_days"] = known.days(product)
            self.initial["degree_days"] = known.degree_days(product)
            return
        name = self.ask.purchase.name if self.ask.purchase else self.ask.answers.get("name", "")
        if not name:
            return
        uses = InputUse.objects.active().filter(producer=self.ask.producer, name=name)
        last = uses.exclude(interval_days=None).order_by("-occurred_on", "-id").first()
        if last is not None:
            self.initial.update(days_said(last))

    def _ask_further(self, product: Product | None) -> None:
        """Milk, eggs and meat of the same animals each have days of their own; fish may have degree-days."""
        if product is None:
            return
        own = COMMODITY_FIELDS.get(commodity_of(product))
        kept = {commodity_of(row) for row in self.ask.products if row.animal and row.animal == product.animal}
        if own is not None:
            self.fields["interval_days"].label = self.WITHDRAWALS[own]
        for commodity, name in COMMODITY_FIELDS.items():
            offered = commodity in kept or (own is not None and commodity == Commodity.MEAT)
            if offered and name != own and product.animal:
                self.fields[name] = _days(self.WITHDRAWALS[name], required=commodity in kept)
        if product.sector == Sector.AQUACULTURE:
            self.fields["interval_days"].required = False
            self.fields["degree_days"] = _days(_("或：休药期（度日）"), most=32767)
            self.fields["water_temperature"] = forms.DecimalField(
                label=_("水温（℃）"), min_value=1, max_value=45, decimal_places=1, required=False,
                help_text=_("按度日计算的才填"),
            )  # fmt: skip

    def said(self) -> str:
        """The days."""
        given = self.cleaned_data
        days, degrees = given["interval_days"], given.get("degree_days")
        if days is None and degrees is not None:
            said = {"days": degrees, "temperature": plain_number(given["water_temperature"] or 0)}
            return _("%(days)s 度日 · 水温 %(temperature)s℃") % said
        if days is None:
            return _("没填")
        further = [
            f"{self.fields[name].label} {given[name]}"
            for name in self.WITHDRAWALS
            if given.get(name) is not None
        ]
        return " · ".join([_("%(days)s 天") % {"days": days}, *further])

    def clean(self) -> None:
        """Degree-days mean days only with the water's temperature; one of both is asked of fish."""
        given = self.cleaned_data
        if self.errors:
            return
        if given.get("degree_days") is not None and given.get("water_temperature") is None:
            self.add_error("water_temperature", _("按度日计算的，请填水温。"))
        elif (
            given["interval_days"] is None
            and given.get("degree_days") is None
            and not self.ask.known.verified
        ):
            self.add_error("interval_days", _("请填天数，或者填度日和水温；标签上没有的填 0。"))


class MethodQuestion(Question):
    """How and against what it was used; a harvest's record is complete only with it."""

    slug = "method"
    title = gettext_lazy("怎么用的？")
    METHODS: ClassVar[dict[str, tuple[str, ...]]] = {
        "crops": ("喷雾", "灌根", "撒施", "冲施", "拌种"),
        "livestock": ("饮水", "拌料", "注射", "喷洒"),
        "aquaculture": ("泼洒", "拌料", "浸泡"),
    }
    method = forms.ChoiceField(label=gettext_lazy("用法"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        """Ways of the trade; the last one chosen."""
        own = [way for sector in self.ask.producer.sectors for way in self.METHODS[sector]]
        if self.ask.last is not None and self.ask.last.method:
            own.append(self.ask.last.method)
            self.initial["method"] = self.ask.last.method
        known = self.ask.answers.get("method", "")[:80]
        names = dict.fromkeys([*own, *([known] if known else [])]) or {"使用": None}
        choose(self.fields["method"], [(name, name) for name in names])
        self.fields["target"] = text(_("防治什么"), 80, hint=_target_hint(self.ask))


class SupplierQuestion(Question):
    """From whom it was bought; the last supplier stands there already."""

    slug = "supplier"
    title = gettext_lazy("从哪里买的？")
    supplier = text(gettext_lazy("供应商"), 120, hint=gettext_lazy("农资店或公司的名称"))
    manufacturer = text(gettext_lazy("生产企业"), 120, hint=gettext_lazy("标签上有；填了才算来源可溯"))

    def prepare(self) -> None:
        """The last supplier; the manufacturer only of the same thing."""
        last = self.ask.last
        if last is not None:
            self.initial["supplier"] = last.supplier
            if last.name == self.ask.answers.get("name"):
                self.initial["manufacturer"] = last.manufacturer
        if self.ask.known.item is not None and self.ask.known.item.manufacturer:
            self.initial["manufacturer"] = self.ask.known.item.manufacturer


def days_said(row: InputUse) -> dict[str, Any]:
    """The periods of a use as its user entered them: degree-days in place of the days that they came to."""
    names = ["degree_days", "water_temperature"] if row.degree_days is not None else ["interval_days"]
    return {
        name: value
        for name in (*names, *COMMODITY_FIELDS.values())
        if (value := getattr(row, name)) is not None
    }


def _example(ask: Ask) -> str:
    return in_trade(
        ask,
        _("照着标签上的通用名写，如：阿维菌素"),
        livestock=_("照着标签上的通用名写，如：氟苯尼考、育肥猪配合饲料"),
        aquaculture=_("照着标签上的通用名写，如：聚维酮碘、对虾配合饲料"),
    )


def _target_hint(ask: Ask) -> str:
    return in_trade(
        ask,
        _("如：豆荚螟；施肥、喂料可以不填"),
        livestock=_("如：大肠杆菌病；喂料可以不填"),
        aquaculture=_("如：细菌性肠炎；喂料可以不填"),
    )


def _days(label: Any, most: int = INTERVAL_LIMIT, *, required: bool = False) -> forms.IntegerField:
    hint = _("标签上没有的填 0。") if required else ""
    return forms.IntegerField(label=label, min_value=0, max_value=most, required=required, help_text=hint)


def _purchase(row: Any) -> str:
    said = {
        "name": row.name,
        "amount": f"{plain_number(row.quantity)} {row.unit}",
        "day": near_date(row.occurred_on),
    }
    return _("%(name)s · %(amount)s，%(day)s买") % said


def _refuse_banned(form: Question, kind: str, name: str, field: str = "name") -> None:
    """The sentence of the record service, said already where the name stands."""
    if kind not in InputKind.values or not name:
        return
    draft = SimpleNamespace(kind=kind, name=name, ingredient="", occurred_on=clock.today())
    for _field, sentence in permitted_input(draft, rulebook()):
        form.add_error(field, sentence)
