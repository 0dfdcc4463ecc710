"""One page for every act: what will happen, what must be said, one button; a refusal is a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe


def breakable(text: str, every: int = 8) -> SafeString:
    """A long word that may be broken after every eighth character, so that it fits a phone."""
    pieces = ((text[first : first + every],) for first in range(0, len(text), every))
    return format_html_join(mark_safe("<wbr>"), "{}", pieces)


def act_page(
    request: HttpRequest,
    *,
    title: str,
    lines: Sequence[str],
    button: str,
    form: forms.Form,
    act: Callable[[dict[str, Any]], str],
    back: str,
    done: Callable[[], str] | None = None,
    template: str = "admin/act.html",
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """GET asks, POST acts. ``act`` is handed the cleaned form and returns the sentence that says it is done.

    A refusal (ValidationError) is shown beside the form and nothing has changed; PermissionDenied is a 403.
    ``done`` gives the address of what was made. ``template`` extends the act's page, ``more`` is for it.
    """
    if request.method == "POST" and form.is_valid():
        try:
            sentence = act(form.cleaned_data)
        except ValidationError as refusal:
            _beside_fields(form, refusal)
        else:
            messages.success(request, sentence)
            return HttpResponseRedirect(done() if done else back)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": title,
        "lines": lines,
        "button": button,
        "form": form,
        "back": back,
        **(more or {}),
    }
    return TemplateResponse(request, template, context)


def _beside_fields(form: forms.Form, refusal: ValidationError) -> None:
    """What is wrong with a field stands beside it, the rest above the form."""
    if not hasattr(refusal, "error_dict"):
        form.add_error(None, refusal.messages)
        return
    for field, errors in refusal.message_dict.items():
        form.add_error(field if field in form.fields else None, errors)
