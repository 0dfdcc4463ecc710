"""Decisions on grades: what was noticed, what was answered, and the second person's act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from rating.admin.forms import ConfirmForm, ReasonForm, StatementForm
from rating.models import Decision
from rating.services import decisions

COLOURS = {
    Decision.State.NOTICED: "warning",
    Decision.State.CONFIRMED: "success",
    Decision.State.WITHDRAWN: "info",
}


class Act(NamedTuple):
    """A button of the decision's page."""

    permission: str
    label: str | Promise
    says: str | Promise
    form: type[forms.Form]
    act: Callable[..., Decision]


ACTS = {
    "confirm": Act(
        "rating.confirm_decision",
        _("作出认定"),
        _("等级即时生效；本人告知的事项须由另一人认定，且陈述申辩期已满。"),
        ConfirmForm,
        decisions.confirm,
    ),
    "statement": Act(
        "rating.notice_decision",
        _("登记陈述申辩"),
        _("记下主体在期限内所作的陈述申辩。"),
        StatementForm,
        decisions.state_defence,
    ),
    "withdraw": Act(
        "rating.notice_decision",
        _("撤回告知"),
        _("撤回后原等级不变，结果仍待认定。"),
        ReasonForm,
        decisions.withdraw,
    ),
}


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Read only but for the acts."""

    list_display = (
        "producer",
        "grade",
        "ground",
        "state_word",
        "noticed_on",
        "statement_until",
        "decided_on",
    )
    list_filter = ("state", "ground", "run__year")
    list_select_related = ("producer",)
    search_fields = ("producer__name", "producer__key")
    ordering = ("-id",)
    change_form_outer_before_template = "admin/rating/decision/acts.html"
    fields = (
        *("producer", "run", "grade", "ground", "state_word", "reasons", "basis", "noticed_by", "noticed_on"),
        *("statement_until", "statement", "decided_by", "decided_on", "outcome_reason"),
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """A page for each act."""
        view = self.admin_site.admin_view(self.act_view)
        own = [path("<int:pk>/act/<slug:name>/", view, name="rating_decision_act")]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The decision under the acts that are open to this person."""
        decision = self.get_object(request, object_id)
        offered = [
            {
                "label": str(act.label),
                "url": reverse("admin:rating_decision_act", args=[object_id, name]),
                "variant": "primary" if name == "confirm" else "default",
            }
            for name, act in ACTS.items()
            if decision is not None
            and decision.state == Decision.State.NOTICED
            and request.user.has_perm(act.permission)
        ]
        context = {"steps": offered, **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask, then act."""
        decision = get_object_or_404(self.get_queryset(request).select_related("producer"), pk=pk)
        chosen = ACTS.get(name)
        if chosen is None or not request.user.has_perm(chosen.permission):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            changed = chosen.act(decision=decision, actor=request.user, **values)
            return gettext("%(producer)s的拟认定事项现为“%(state)s”。") % {
                "producer": changed.producer,
                "state": changed.get_state_display(),
            }

        return act_page(
            request,
            title=f"{chosen.label} · {decision.producer}",
            lines=[str(chosen.says)],
            button=str(chosen.label),
            form=chosen.form(request.POST if request.method == "POST" else None),
            act=act,
            back=reverse("admin:rating_decision_change", args=[decision.pk]),
        )

    # Unfold ships no types
    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]
    def state_word(self, decision: Decision) -> tuple[str, str]:
        """The state in words."""
        return Labelled(decision.state, decision.get_state_display())
