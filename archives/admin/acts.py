"""Acts on one row of the archives: a button on its page, a page that asks, one service that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ScopedModelAdmin


class RowForm(forms.Form):
    """A form whose choices depend on the row."""

    def prepare(self, row: Any) -> None:
        """Fill in what the row allows."""


@dataclass(frozen=True)
class Act:
    """A button: who may press it, what it says, when it is offered, and the service behind it."""

    permission: str
    label: str | Promise
    says: str | Promise
    done: str | Promise
    form: type[forms.Form]
    act: Callable[..., Any]
    offered: Callable[[Any], bool]


class ActsAdmin(ScopedModelAdmin):
    """A page with acts. ``target`` is the keyword by which the services take the row."""

    acts: Mapping[str, Act] = {}
    target = "row"
    change_form_outer_before_template = "admin/archives/acts.html"

    def get_urls(self) -> list[URLPattern]:
        """A page for each act."""
        view = self.admin_site.admin_view(self.act_view)
        own = [path("<int:pk>/act/<slug:name>/", view, name=self._url_name)]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The row under the acts that are open to this person."""
        row = self.get_object(request, object_id)
        offered = self.links(row) if row is not None else []
        offered += [
            {"label": str(act.label), "url": reverse(f"admin:{self._url_name}", args=[row.pk, name])}
            for name, act in self.acts.items()
            if row is not None and request.user.has_perm(act.permission) and act.offered(row)
        ]
        context = {"acts": offered, **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """GET asks, POST acts; a refusal stands on the page and nothing has changed."""
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        act = self.acts.get(name)
        if act is None or not request.user.has_perm(act.permission):
            raise PermissionDenied
        form = act.form(request.POST if request.method == "POST" else None)
        if isinstance(form, RowForm):
            form.prepare(row)

        def done(_values: dict[str, Any]) -> str:
            act.act(**{self.target: row}, **self.arguments(request, form), actor=request.user)
            return str(act.done)

        return act_page(
            request,
            title=f"{act.label} · {row}",
            lines=[str(act.says)],
            button=str(act.label),
            form=form,
            act=done,
            back=reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk]),
        )

    def links(self, row: Any) -> list[dict[str, str]]:
        """Other pages about the row that stand before its acts: ``label`` and ``url``."""
        return []

    def arguments(self, request: HttpRequest, form: forms.Form) -> dict[str, Any]:
        """The service's arguments out of the form; rows named in it must be visible to the person."""
        return form.cleaned_data

    @property
    def _url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_act"
