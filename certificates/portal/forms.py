"""Forms of 卖货开证 and of voiding."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from certificates.models import Basis

REASONS = [
    ("数量或产品开错了", _("数量或产品开错了")),
    ("这批没有卖成", _("这批没有卖成")),
    ("发现质量问题，已停止销售", _("发现质量问题，已停止销售")),
    ("other", _("其他，写在下面")),
]


class SellForm(forms.Form):
    """How much of a batch, to whom, on which basis; ``uid`` makes sending twice the same as once."""

    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    quantity = forms.DecimalField(
        label=_("卖多少（公斤）"), min_value=Decimal("0.001"), max_digits=12, decimal_places=3
    )
    over_quantity_reason = forms.CharField(
        label=_("数量偏多，请写明原因"), max_length=200, required=False, help_text=_("如：采收时少记了一筐")
    )
    buyer = forms.CharField(
        label=_("卖给谁"),
        max_length=120,
        required=False,
        help_text=_("市场、收购商或公司的名称；写了才算去向清楚"),
    )
    bases = forms.MultipleChoiceField(
        label=_("凭什么承诺合格"), choices=Basis.choices, widget=forms.CheckboxSelectMultiple
    )

    once_more = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].widget.attrs.update({"inputmode": "decimal", "step": "any"})

    def drop_reason(self) -> None:
        """Nobody is asked for a reason before there is more sold than harvested."""
        if "over_quantity_reason" in self.fields and not self.asks_reason:
            self.fields["over_quantity_reason"].widget = forms.HiddenInput()

    def renew(self, sentence: str) -> None:
        """The page was sent twice with different content: say so; sent again it is another sale."""
        del self.errors["uid"]
        fresh = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        fresh["uid"] = str(uuid4())
        self.data = fresh
        self.add_error(None, sentence)

    def ask_again(self, sentence: str) -> None:
        """The same was certified just now (the phone's back button): pressed once more it is another sale."""
        repeated = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        repeated["once_more"] = "1"
        self.data = repeated
        self.add_error(None, sentence)

    @property
    def asks_reason(self) -> bool:
        """Whether the quantity was refused for want of a reason, or one has been written."""
        refused = any(error.code == "over_quantity" for error in self.errors.as_data().get("quantity", []))
        return refused or bool(self.data.get("over_quantity_reason"))


class VoidForm(forms.Form):
    """Why a certificate is voided: one of the usual reasons, or another."""

    choice = forms.ChoiceField(label=_("为什么作废"), choices=REASONS, widget=forms.RadioSelect)
    reason = forms.CharField(label=_("其他原因"), max_length=200, required=False)

    def clean(self) -> None:
        """The words that are kept."""
        if self.cleaned_data.get("choice") != "other":
            self.cleaned_data["reason"] = self.cleaned_data.get("choice", "")
        elif not self.cleaned_data.get("reason", "").strip():
            self.add_error("reason", _("请写明作废原因。"))
