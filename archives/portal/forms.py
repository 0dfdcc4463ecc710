"""Forms of single pages, and how a service's refusal becomes a form's errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.clock import today


class ReverseForm(forms.Form):
    """Why a record is taken back."""

    reason = forms.CharField(
        label=_("为什么撤销"), max_length=240, help_text=_("如：数量写错了、记到别的地块了")
    )


class DisposalForm(forms.Form):
    """What became of a failed batch."""

    disposal = forms.CharField(
        label=_("怎么处置的"), max_length=240, help_text=_("如：整批销毁、改作饲料、停止销售后复检")
    )
    on = forms.DateField(
        label=_("哪天处置的"),
        initial=today,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, None when the page is only looked at; an empty answer is an answer."""
    return request.POST if request.method == "POST" else None


def uploads(request: HttpRequest) -> Any:
    """The files that were sent, None when the page is only looked at."""
    return request.FILES if request.method == "POST" else None


def take(form: Any, act: Callable[[], object]) -> bool:
    """Whether the service took it; its refusals become the form's errors, beside their fields."""
    try:
        act()
    except ValidationError as refusal:
        for field, errors in refusals(refusal).items():
            form.add_error(field if field in form.fields else None, errors)
        return False
    return True


def done(request: HttpRequest, form: Any, act: Callable[..., object], **fixed: Any) -> bool:
    """Whether a valid form was sent and the service took it, as this user; ``fixed`` says of what."""
    if request.method != "POST" or not form.is_valid():
        return False
    return take(form, lambda: act(**fixed, actor=request.user, **form.cleaned_data))


def refusals(refusal: ValidationError) -> dict[str, list[ValidationError]]:
    """A service's refusal by field, "" for what concerns the whole."""
    if hasattr(refusal, "error_dict"):
        return {field: list(errors) for field, errors in refusal.error_dict.items()}
    return {"": list(refusal.error_list)}
