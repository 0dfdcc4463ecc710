"""The input catalogue and the rules on substances: officers keep them, every version stays in the history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from agricredit.foundation.common.admin import ScopedModelAdmin
from archives.admin.sheets import InItsSheet
from archives.models import InputItem, InputLabel, SubstanceRule
from archives.services.catalogue import check_item, check_rule, keep_item, keep_rule
from archives.services.catalogue_labels import check_label, covered_names
from archives.services.sheets.columns import JOINT, parts

NAMES = _("农产品目录中的产品或类别，几个的用“、”分开。")


class NamesField(forms.CharField):
    """Several names in one line, separated by any sign of a list."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        """A list in one line; what was typed as it was typed."""
        return JOINT.join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The names."""
        return value if isinstance(value, list) else parts(value or "")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other names stand there."""
        return bool(list(initial or []) != self.to_python(data))


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """An item; the service's refusals stand beside their fields."""

    class Meta:
        model = InputItem
        fields = (
            "kind", "name", "english", "ingredient", "form", "registration_number", "manufacturer",
            "toxicity", "valid_until", "verified", "source",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """What the service asks."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for name, value in given.items():
                setattr(self.instance, name, value)
            _refused(self, lambda: check_item(self.instance))
        return given


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """A rule on a substance, likewise."""

    covers = NamesField(label=_("不得用于"), required=False, help_text=NAMES)
    excepted = NamesField(label=_("除外"), required=False, help_text=NAMES)

    class Meta:
        model = SubstanceRule
        fields = ("sort", "kind", "name", "covers", "excepted", "begins", "ends", "basis", "confirmed")

    def clean(self) -> dict[str, Any]:
        """What the service asks."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for name, value in given.items():
                setattr(self.instance, name, value)
            _refused(self, lambda: check_rule(self.instance))
        return given


def _refused(form: Any, check: Any) -> None:
    try:
        check()
    except ValidationError as refusal:
        form.add_error(None, refusal)


class LabelForm(forms.ModelForm):  # type: ignore[type-arg]  # no parameters at run time
    """A line of a label, likewise."""

    covers = NamesField(
        label=_("对应的产品或类别"), required=False,
        help_text=_("农产品目录中的产品、类别或动物，几个的用“、”分开；不填按作物或动物的名称。"),
    )  # fmt: skip

    class Meta:
        model = InputLabel
        fields = (
            "crop", "target", "covers", "commodity", "least_days", "interval_days", "degree_days", "max_uses",
            "dose_min", "dose_max", "dose_unit",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """What the service asks; a line that names a crop covers that crop."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and self.has_changed():
            for name, value in given.items():
                if name in self.Meta.fields:
                    setattr(self.instance, name, value)
            _refused(self, lambda: check_label(self.instance, covered_names()))
            given["covers"] = self.instance.covers
        return given


class LabelInline(StackedInline):  # type: ignore[misc]  # Unfold ships no types
    """What the label says, one crop or animal a line."""

    model = InputLabel
    form = LabelForm
    extra = 1
    fields = (
        ("crop", "commodity"), "covers", "target", ("least_days", "interval_days"),
        ("degree_days", "max_uses"), ("dose_min", "dose_max"), "dose_unit",
    )  # fmt: skip


@admin.register(InputItem)
class InputItemAdmin(InItsSheet, ScopedModelAdmin):
    """Found by registration number, name or pinyin initials; what stands in records is never deleted."""

    form = ItemForm
    list_display = ("name", "form_shown", "kind", "registration_number", "verified", "source", "updated_at")
    list_filter = (("kind", ChoicesDropdownFilter), "verified")
    list_filter_submit = True
    search_fields = ("name",)
    search_help_text = _("登记证号、通用名或拼音首字母")
    ordering = ("kind", "initials", "pk")
    inlines = (LabelInline,)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The catalogue's own search, on its indexes."""
        term = search_term.strip()
        return (queryset.search(term) if term else queryset), False

    def save_model(self, request: HttpRequest, obj: InputItem, form: Any, change: bool) -> None:
        """Through the service, which writes the audit."""
        keep_item(item=obj, actor=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: InputItem | None = None) -> bool:
        """Nobody."""
        return False

    @admin.display(description=_("含量剂型"), ordering="form")
    def form_shown(self, item: InputItem) -> str:
        """Strength and formulation (``form`` is the admin's own word for its form class)."""
        return item.form


@admin.register(SubstanceRule)
class SubstanceRuleAdmin(ScopedModelAdmin):
    """What must not be used, on what, from when; a rule that ends is given its day, not deleted."""

    form = RuleForm
    list_display = ("name", "sort", "kind", "begins", "ends", "basis", "confirmed")
    list_filter = (("sort", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), "confirmed")
    list_filter_submit = True
    search_fields = ("name", "basis")
    ordering = ("kind", "sort", "-begins", "pk")

    def save_model(self, request: HttpRequest, obj: SubstanceRule, form: Any, change: bool) -> None:
        """Through the service, which writes the audit."""
        keep_rule(rule=obj, actor=request.user)

    def has_delete_permission(self, request: HttpRequest, obj: SubstanceRule | None = None) -> bool:
        """Nobody."""
        return False
