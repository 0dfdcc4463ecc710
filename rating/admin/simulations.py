"""What-if for officers: ask over a past run, then a page that colleagues of the region can open too."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from agricredit.foundation.common.acts import act_page, breakable
from agricredit.foundation.common.admin import ReadOnlyAdmin
from archives.models import Producer, Region
from rating.engine.parsing import SchemeError
from rating.models import RatingRun, Scheme, Simulation
from rating.services import simulation
from rating.services.exporting import decimal_text
from rating.services.verifying import VERIFIABLE

SHOWN_MOVERS = 100
RUNS_OFFERED = 100


class AskForm(forms.Form):
    """Which scheme over which run, where, under which title."""

    scheme = forms.ModelChoiceField(
        Scheme.objects.none(), label=_("评价方案"), widget=UnfoldAdminSelectWidget
    )
    run = forms.ModelChoiceField(
        RatingRun.objects.none(), label=_("所据评价"), widget=UnfoldAdminSelectWidget
    )
    region = forms.CharField(
        label=_("行政区划代码"),
        max_length=12,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("含其下级区划"),
    )
    title = forms.CharField(
        label=_("标题"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, data: Any, *, user: Any, **kwargs: Any) -> None:
        """Only schemes and runs that the user may see."""
        super().__init__(data, **kwargs)
        rows = Scheme.objects.visible_to(user).exclude(state=Scheme.State.RETIRED)
        self.fields["scheme"].queryset = rows  # type: ignore[attr-defined]  # a model choice
        self.fields["scheme"].label_from_instance = _scheme_label  # type: ignore[attr-defined]  # a form's field, found by name
        mine = RatingRun.objects.visible_to(user).filter(state__in=VERIFIABLE).select_related("scheme")
        ids = list(mine.values_list("pk", flat=True)[:RUNS_OFFERED])
        self.fields["run"].queryset = mine.filter(pk__in=ids)  # type: ignore[attr-defined]  # a form's field, found by name
        self.initial.setdefault("region", getattr(user, "region_code", ""))


def _scheme_label(scheme: Scheme) -> str:
    return f"{scheme} {scheme.version} · {scheme.get_state_display()}"


@admin.register(Simulation)
class SimulationAdmin(ReadOnlyAdmin):
    """Asked on a page of its own, never changed."""

    list_display = ("title", "run", "region_code", "scheme_code", "scheme_version", "asked_by", "asked_at")
    list_select_related = ("run__scheme", "asked_by")
    ordering = ("-id",)
    change_form_outer_before_template = "admin/rating/simulation/result.html"
    fields = ("run", "region_code", "scheme_code", "scheme_version", "fingerprint", "asked_by", "asked_at")
    readonly_fields = fields

    @admin.display(description=_("内容指纹（SHA-256）"))
    def fingerprint(self, row: Simulation) -> SafeString:
        """The sha256 of the document that was tried, which a phone may break."""
        return breakable(row.sha256)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may ask."""
        return bool(request.user.has_perm("rating.add_simulation"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask; a worker answers."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asked: list[Simulation] = []
        given = {name: request.GET[name] for name in ("scheme", "run", "region") if name in request.GET}
        form = AskForm(request.POST or None, user=request.user, initial=given)

        def act(values: dict[str, Any]) -> str:
            asked.append(_ask(request, values))
            return gettext("已开始试算，几秒钟后可以看到结果。")

        return act_page(
            request,
            title=gettext("方案试算"),
            lines=[gettext("用所选方案重新计算一次已有的评价，只看结果，不影响任何等级，也不对外公开。")],
            button=gettext("试算"),
            form=form,
            act=act,
            back=reverse("admin:rating_simulation_changelist"),
            done=lambda: reverse("admin:rating_simulation_change", args=[asked[0].pk]),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The result above what it was asked of."""
        row = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if row is not None:
            context["trial"] = shown(row.result, request.user) if row.result else None
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


def _ask(request: HttpRequest, values: dict[str, Any]) -> Simulation:
    try:
        row = simulation.ask(
            document=values["scheme"].document,
            run=values["run"],
            region=values["region"],
            title=values["title"],
            actor=request.user,  # type: ignore[arg-type]  # logged in
        )
    except SchemeError as broken:
        raise ValidationError(broken.faults) from None
    simulation.enqueue(row, request.user)  # type: ignore[arg-type]  # logged in: the page lets nobody else through
    return row


def shown(result: dict[str, Any], user: Any, movers: int = SHOWN_MOVERS) -> dict[str, Any]:
    """A trial's result as the tables of a page; producers only as the user may see them."""
    not_rated = gettext("未评价")
    before = [label or not_rated for label in result["before"]]
    after = [label or not_rated for label in result["after"]]
    totals = [sum(row) for row in result["matrix"]]
    return {
        "headline": _headline(result),
        "cost": _cost(result),
        "same": len(before) if before == after else None,
        "matrix": {
            "headers": [gettext("原等级＼试算等级"), *after, gettext("合计")],
            "rows": [[label, *row, sum(row)] for label, row in zip(before, result["matrix"], strict=True)]
            + [[gettext("合计"), *map(sum, zip(*result["matrix"], strict=True)), sum(totals)]],
        },
        "counties": _parts(result["counties"], gettext("县（市、区）"), _counties(result), before, after),
        "kinds": _parts(result["kinds"], gettext("主体类型"), dict(Producer.Kind.choices), before, after),
        "movers": _movers(result["movers"][:movers], user, not_rated),
    }


def _headline(result: dict[str, Any]) -> str:
    if result["changed"] is None:
        return gettext("%(total)s家主体按另一套等级试算") % {"total": result["producers"]}
    return gettext("%(total)s家主体中%(changed)s家等级变动：%(up)s家上升，%(down)s家下降") % {
        "total": result["producers"],
        "changed": result["changed"],
        "up": result["up"],
        "down": result["down"],
    }


def _cost(result: dict[str, Any]) -> list[str]:
    visits, samples = result["visits"], [(count + 50) // 100 for count in result["samples"]]
    change = {"before": visits[0], "after": visits[1], "more": f"{visits[1] - visits[0]:+d}"}
    sampling = {"before": samples[0], "after": samples[1], "more": f"{samples[1] - samples[0]:+d}"}
    return [
        gettext("全年检查：由%(before)s次变为%(after)s次（%(more)s）") % change,
        gettext("全年抽样：由%(before)s家变为%(after)s家（%(more)s）") % sampling,
    ]


def _counties(result: dict[str, Any]) -> dict[str, str]:
    codes = [row["of"] for row in result["counties"]]
    return dict(Region.objects.filter(pk__in=codes).values_list("pk", "name"))


def _parts(
    parts: list[dict[str, Any]], title: str, names: dict[Any, Any], before: list[str], after: list[str]
) -> dict[str, Any]:
    """A row a county or kind: how many have each grade by the draft, and before where that differs."""
    rows = []
    for part in parts:
        cells: list[Any] = [str(names.get(part["of"], part["of"]))]
        for place, count in enumerate(part["after"]):
            was = part["before"][place] if before == after else count
            cells.append(count if was == count else f"{was} → {count}")
        rows.append(cells)
    return {"headers": [title, *after], "rows": rows}


def _movers(movers: list[dict[str, Any]], user: Any, not_rated: str) -> dict[str, Any]:
    ids = [mover["producer"] for mover in movers]
    names = dict(Producer.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "name"))
    rows = []
    for mover in movers:
        if mover["producer"] not in names:
            continue
        address = reverse("admin:archives_producer_change", args=[mover["producer"]])
        rows.append(
            [
                format_html('<a class="text-link" href="{}">{}</a>', address, names[mover["producer"]]),
                mover["was"] or not_rated,
                mover["becomes"] or not_rated,
                decimal_text(mover["score_before"], 2),
                decimal_text(mover["score_after"], 2),
            ]
        )
    headers = [
        gettext("主体"),
        gettext("原等级"),
        gettext("试算等级"),
        gettext("原得分"),
        gettext("试算得分"),
    ]
    return {"headers": headers, "rows": rows}
