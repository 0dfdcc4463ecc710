"""Pages of rows that change by acts only: a button, a page that asks, a service that refuses or acts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from archives.admin.finding import ProducerSearch


class RowAct(NamedTuple):
    """A button of a row's page: in which states it stands there, what it says, asks and calls."""

    states: tuple[str, ...]
    label: str | Promise
    says: str | Promise
    form: type[forms.Form]
    act: Callable[..., Any]


class ActedAdmin(ProducerSearch, ReadOnlyAdmin):
    """Read only but for ``acts``; all of them need ``act_permission``. A service is called with the row under
    ``act_row``, the form's values and the actor."""

    acts: ClassVar[dict[str, RowAct]] = {}
    act_permission = ""
    act_row = ""
    list_select_related: tuple[str, ...] = ("producer",)
    list_filter_submit = True
    change_form_outer_before_template = "admin/rating/decision/acts.html"

    def get_urls(self) -> list[URLPattern]:
        """A page for each act."""
        view = self.admin_site.admin_view(self.act_view)
        own = [path("<int:pk>/act/<slug:name>/", view, name=self._act_url)]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    @property
    def _act_url(self) -> str:
        return f"rating_{self.model._meta.model_name}_act"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The row under the acts that are open to this person."""
        row = self.get_object(request, object_id)
        offered = [
            {
                "label": str(act.label),
                "url": reverse(f"admin:{self._act_url}", args=[object_id, name]),
                "variant": "default",
            }
            for name, act in self.acts.items()
            if row is not None and row.state in act.states and request.user.has_perm(self.act_permission)
        ]
        context = {"steps": offered, **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask, then act."""
        row = get_object_or_404(self.get_queryset(request).select_related("producer"), pk=pk)
        chosen = self.acts.get(name)
        if chosen is None or not request.user.has_perm(self.act_permission):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            changed = chosen.act(actor=request.user, **{self.act_row: row}, **values)
            return f"{changed.producer} · {changed.get_state_display()}"

        return act_page(
            request,
            title=f"{chosen.label} · {row.producer}",
            lines=[str(chosen.says)],
            button=str(chosen.label),
            form=self._form(request, chosen, row),
            act=act,
            back=reverse(f"admin:rating_{self.model._meta.model_name}_change", args=[row.pk]),
        )

    def _form(self, request: HttpRequest, chosen: RowAct, row: Any) -> forms.Form:
        """The act's form, as sent or with what stands there already."""
        if request.method == "POST":
            return chosen.form(request.POST, request.FILES)
        return chosen.form(initial=self.asked(row))

    def asked(self, row: Any) -> dict[str, Any]:
        """What stands in the act's form already."""
        return {}
