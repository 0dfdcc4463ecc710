"""Watching ourselves: ask for a report, read it in plain words and bars. For those above the watched."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ReadOnlyAdmin
from agricredit.foundation.common.clock import today
from archives.models import Producer, ProducerKind, Region
from rating.services.exporting import decimal_text
from supervision.models import WatchReport
from supervision.services import watch

SHOWN = 12
_LINE = _(
    "%(group)s：%(grade)s级线（%(cut)s分）上一分内有 %(above)s 家，下一分内有 %(below)s 家，"
    "上面约多出 %(excess)s 家"
)
_LENIENT = _(
    "%(county)s %(name)s：%(number)s 次检查发现问题 %(found)s 次，同类主体一般应有约 %(expected)s 次，偏松"
)
_STRICT = _(
    "%(county)s %(name)s：%(number)s 次检查发现问题 %(found)s 次，同类主体一般应有约 %(expected)s 次，偏严"
)
_DRIFT = _(
    "%(county)s：同一人第三次起再去同一主体的 %(late)s 人次检查，发现问题 %(found)s 次，"
    "按前两次应有约 %(expected)s 次"
)


class AskForm(forms.Form):
    """Where and for which year."""

    region_code = forms.RegexField(
        r"^\d{2,12}$", label=_("行政区划代码"), widget=UnfoldAdminTextInputWidget, help_text=_("含其下级区划")
    )
    year = forms.IntegerField(
        label=_("年度"), min_value=2000, max_value=2999, widget=UnfoldAdminIntegerFieldWidget
    )


@admin.register(WatchReport)
class WatchReportAdmin(ReadOnlyAdmin):
    """Asked on a page of its own, never changed; the queryset shows nothing to the watched."""

    list_display = ("__str__", "region_code", "year", "asked_by", "asked_at", "answered_at")
    list_filter = ("year",)
    list_select_related = ("asked_by",)
    change_form_outer_before_template = "admin/supervision/watchreport/result.html"
    fields = ("region_code", "year", "asked_by", "asked_at", "answered_at")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may ask."""
        return bool(request.user.has_perm("supervision.add_watchreport"))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask; a worker answers."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        initial = {"region_code": getattr(request.user, "region_code", ""), "year": today().year - 1}
        asked: list[WatchReport] = []

        def act(values: dict[str, Any]) -> str:
            asked.append(watch.ask(**values, actor=request.user))  # type: ignore[arg-type]  # logged in
            return gettext("已开始分析，稍候可以看到结果。")

        return act_page(
            request,
            title=gettext("监管自查"),
            lines=[
                gettext("分析评分是否在等级线上扎堆、检查尺度是否一致、常去的主体是否查得松。"),
                gettext("结果只是提示，不是对任何人的认定；只有市级、省级监管人员看得到。"),
            ],
            button=gettext("分析"),
            form=AskForm(request.POST or None, initial=initial),
            act=act,
            back=reverse("admin:supervision_watchreport_changelist"),
            done=lambda: reverse("admin:supervision_watchreport_change", args=[asked[0].pk]),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The answers above what was asked."""
        row = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if row is not None:
            context["told"] = told(row.result, request.user) if row.result else None
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response


def told(result: dict[str, Any], user: Any) -> dict[str, Any]:
    """The report in words; what it says of the reader's own work is left out."""
    level = result["level"]
    own = [one for one in result["officers"] if one["officer"] != user.pk]
    met = [one for one in result["pairs"] if one["officer"] != user.pk]
    codes = {one["county"] for name in ("lines", "officers", "drifts", "pairs") for one in result[name]}
    regions = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    people = {one["officer"] for one in own + met}
    names = {one.pk: one.get_full_name() or one.username for one in User.objects.filter(pk__in=people)}
    lines = [_line(one, regions) for one in result["lines"] if one["chance"] < level]
    unlike = [_officer(one, regions, names) for one in own if one["chance"] < level]
    drifts = [_drift(one, regions) for one in result["drifts"] if one["chance"] < level]
    return {
        "headline": _headline(len(lines) + len(unlike) + len(drifts), result),
        "lines": lines,
        "officers": unlike,
        "drifts": drifts,
        "severity": _severity(own, regions, names),
        "pairs": _pairs(met, names, user),
        "made": {name: len(result[name]) for name in ("lines", "officers", "drifts")},
    }


def _headline(alarms: int, result: dict[str, Any]) -> str:
    if not result["tests"]:
        return gettext("样本太少，没有可作的比较")
    if not alarms:
        return gettext("作了 %(tests)s 项比较，没有发现异常") % {"tests": result["tests"]}
    return gettext("作了 %(tests)s 项比较，%(alarms)s 项值得核实") % {
        "tests": result["tests"],
        "alarms": alarms,
    }


def _line(one: dict[str, Any], regions: dict[str, str]) -> str:
    kind = dict(ProducerKind.choices).get(one["kind"], "")
    group = f"{regions.get(one['county'], one['county'])}{kind}" or gettext("全部主体")
    return str(_LINE) % {
        "group": group,
        "grade": one["grade"],
        "cut": decimal_text(one["cut"], 2),
        "above": one["above"],
        "below": one["below"],
        "excess": round(one["above"] - one["below"] - one["expected"]),
    }


def _officer(one: dict[str, Any], regions: dict[str, str], names: dict[int, str]) -> str:
    says = str(_LENIENT) if one["found"] < one["expected"] else str(_STRICT)
    return says % {
        "county": regions.get(one["county"], one["county"]),
        "name": names.get(one["officer"], "—"),
        "number": one["inspections"],
        "found": one["found"],
        "expected": round(one["expected"]),
    }


def _drift(one: dict[str, Any], regions: dict[str, str]) -> str:
    return str(_DRIFT) % {
        "county": regions.get(one["county"], one["county"]),
        "late": one["late"],
        "found": one["found"],
        "expected": round(one["expected"]),
    }


def _severity(
    officers: list[dict[str, Any]], regions: dict[str, str], names: dict[int, str]
) -> list[dict[str, Any]]:
    """Found as a percentage of expected, the most lenient first."""
    ranked = sorted(officers, key=lambda one: one["found"] / one["expected"])[:SHOWN]
    return [
        {
            "label": f"{regions.get(one['county'], one['county'])} {names.get(one['officer'], '—')}",
            "value": one["found"] / one["expected"],
            "text": gettext("发现 %(found)s 次，应有约 %(expected)s 次")
            % {"found": one["found"], "expected": round(one["expected"])},
        }
        for one in ranked
    ]


def _pairs(met: list[dict[str, Any]], names: dict[int, str], user: Any) -> list[str]:
    ids = [one["producer"] for one in met]
    producers = dict(Producer.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "name"))
    return [
        gettext("%(name)s 去 %(producer)s %(visits)s 次，发现问题 %(found)s 次")
        % {
            "name": names.get(one["officer"], "—"),
            "producer": producers[one["producer"]],
            "visits": one["visits"],
            "found": one["found"],
        }
        for one in met
        if one["producer"] in producers
    ]
