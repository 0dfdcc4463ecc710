"""How complete and how alive the register is, by division: charts over figures counted once a night."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import Scope, region_q, scope_of
from agricredit.foundation.common.templatetags.charts import per_mille, share
from agricredit.foundation.jobs import services as jobs
from agricredit.pages.city import region_name
from agricredit.pages.office.beside import (
    around,
    beside,
    child_length,
    is_alone,
    names_beside,
    ordered,
    own_of,
    titled,
)
from agricredit.pages.office.figures import GREEN, PALE, RED, Chart, Series
from archives.models import Figure, TownshipFigure
from archives.tasks import FIGURES_JOB as MEASURE_REGISTER
from certificates.tasks import FIGURES_JOB as MEASURE_ISSUED

AMBER = "#b35c00"
BLUE = "#0b5cab"
MOST_BARS = 40

Counts = dict[str, dict[str, int]]


def overview(request: HttpRequest) -> HttpResponse:
    """The charts of the officer's own division."""
    if not request.user.has_perm("archives.view_producer"):
        raise PermissionDenied
    if request.method == "POST" and request.POST.get("act") == "count":
        return _count_now(request)
    scope = scope_of(request.user)
    counts, measured = figures_of(scope)
    context = {
        **admin.site.each_context(request),
        "title": _("档案完整和活跃情况"),
        "place": region_name(scope.region_code),
        "measured": measured,
        "charts": [one(counts, scope) for one in (completeness, activity, records, certificates)],
        "back": reverse("admin:archives_producer_changelist"),
    }
    return TemplateResponse(request, "admin/file/overview.html", context)


def _count_now(request: HttpRequest) -> HttpResponse:
    """Both counts as background jobs; while one waits or runs, that one."""
    user: Any = request.user  # the admin lets staff in only
    for kind, title in (
        (MEASURE_REGISTER, _("统计各乡镇档案完整和活跃情况")),
        (MEASURE_ISSUED, _("统计各乡镇开证情况")),
    ):
        jobs.enqueue(kind=kind, title=title, key=kind, created_by=user)
    messages.success(request, _("已开始统计，完成后刷新本页。"))
    return HttpResponseRedirect(request.path)


def figures_of(scope: Scope) -> tuple[Counts, datetime.datetime | None]:
    """The figures by the divisions just below one (a township's beside its county's), and when counted."""
    length = child_length(scope)
    counts: Counts = {}
    measured = None
    rows = TownshipFigure.objects.filter(region_q(around(scope), "region_code"))
    for code, name, value, moment in rows.values_list("region_code", "name", "value", "measured_at"):
        row = counts.setdefault(code[:length], {})
        row[name] = row.get(name, 0) + value
        measured = moment if measured is None else min(measured, moment)
    return beside({code: row for code, row in counts.items() if row.get(Figure.PRODUCERS)}, scope), measured


def completeness(counts: Counts, scope: Scope) -> Chart:
    """Where are files incomplete?"""
    if not counts:
        return _nothing("completeness", _("档案完整度"))
    names, own = names_beside(counts, scope), own_of(counts, scope)
    order = _ordered(counts, scope, Figure.COMPLETE)
    facts = {"total": f"{own[Figure.PRODUCERS]:,}", "overdue": f"{own.get(Figure.OVERDUE, 0):,}"}
    facts["share"] = _share(own, Figure.COMPLETE)
    title = _("%(total)s个主体中，档案完整的占%(share)s；%(overdue)s个超过半年没有确认") % facts
    return Chart(
        "completeness",
        titled(title, scope, _("完整的占%(share)s") % {"share": _share(counts[order[-1]], Figure.COMPLETE)}),
        [names[code] for code in order],
        [
            _series(counts, order, Figure.COMPLETE, GREEN),
            _series(counts, order, Figure.PARTLY, AMBER),
            _series(counts, order, Figure.POOR, RED),
        ],
        head=_("地区"),
    )


def activity(counts: Counts, scope: Scope) -> Chart:
    """Where do producers keep records at all?"""
    own = own_of(counts, scope) if counts else {}
    if not own.get(Figure.KEEPING_90):
        return _nothing("activity", _("记录活跃"))
    names = names_beside(counts, scope)
    facts = {"share": _share(own, Figure.KEEPING_90), "recent": _share(own, Figure.KEEPING_30)}
    order = _ordered(counts, scope, Figure.KEEPING_90)
    rows = [counts[code] for code in order]
    quiet = [
        row[Figure.PRODUCERS] - min(row[Figure.PRODUCERS], row.get(Figure.KEEPING_90, 0)) for row in rows
    ]
    between = [max(0, row.get(Figure.KEEPING_90, 0) - row.get(Figure.KEEPING_30, 0)) for row in rows]
    return Chart(
        "activity",
        titled(
            _("近90天%(share)s的主体有生产记录，近30天%(recent)s") % facts,
            scope,
            _("近90天%(share)s") % {"share": _share(rows[-1], Figure.KEEPING_90)},
        ),
        [names[code] for code in order],
        [
            _series(counts, order, Figure.KEEPING_30, GREEN, _("近30天有记录")),
            Series(_("31至90天前有记录"), AMBER, between),
            Series(_("90天没有记录"), PALE, quiet),
        ],
        head=_("地区"),
    )


def records(counts: Counts, scope: Scope) -> Chart:
    """How many records were kept?"""
    return _volume(
        counts, scope, "records", Figure.RECORDS_30, Figure.RECORDS_90,
        _("近90天共记录%(all)s条，其中近30天%(recent)s条"), _("生产记录"),
        (_("近90天每百个主体记录%(all)s条"), _("%(all)s条")),
    )  # fmt: skip


def certificates(counts: Counts, scope: Scope) -> Chart:
    """How many certificates were issued?"""
    return _volume(
        counts, scope, "certificates", Figure.CERTIFICATES_30, Figure.CERTIFICATES_90,
        _("近90天共开证%(all)s张，其中近30天%(recent)s张"), _("开具合格证"),
        (_("近90天每百个主体开证%(all)s张"), _("%(all)s张")),
    )  # fmt: skip


def _volume(
    counts: Counts,
    scope: Scope,
    key: str,
    recent: Figure,
    whole: Figure,
    title: str,
    empty: str,
    rate: tuple[str, str],
) -> Chart:
    """How many altogether; a township beside its county by the hundred producers, for sizes differ.

    ``rate``: the title by the hundred, and the county's figure in it.
    """
    own = own_of(counts, scope) if counts else {}
    if not own.get(whole):
        return _nothing(key, empty)
    names = names_beside(counts, scope)
    shown = counts
    if is_alone(scope):
        shown = {
            code: {name: _per_hundred(row, name) for name in (recent, whole)} for code, row in counts.items()
        }
        own, title = next(iter(shown.values())), rate[0]
    order = ordered(shown, scope, lambda code: shown[code].get(whole, 0))[:MOST_BARS]
    earlier = [max(0, shown[code].get(whole, 0) - shown[code].get(recent, 0)) for code in order]
    facts = {"all": f"{own[whole]:,}", "recent": f"{own.get(recent, 0):,}"}
    return Chart(
        key,
        titled(title % facts, scope, rate[1] % {"all": f"{shown[order[-1]].get(whole, 0):,}"}),
        [names[code] for code in order],
        [_series(shown, order, recent, GREEN, _("近30天")), Series(_("31至90天前"), BLUE, earlier)],
        shares=False,
        head=_("地区"),
    )


def _nothing(key: str, title: str) -> Chart:
    return Chart(key, title, empty=_("还没有可统计的内容。每天凌晨统计一次，也可以点“立即统计”。"))


def _series(counts: Counts, codes: list[str], figure: Figure, colour: str, name: str = "") -> Series:
    return Series(name or str(figure.label), colour, [counts[code].get(figure, 0) for code in codes])


def _ordered(counts: Counts, scope: Scope, figure: Figure) -> list[str]:
    """The best first; at most so many that a page holds them."""

    def best(code: str) -> int:
        return per_mille(counts[code].get(figure, 0), counts[code][Figure.PRODUCERS])

    return ordered(counts, scope, best)[:MOST_BARS]


def _share(row: dict[str, int], figure: Figure) -> str:
    return share(row.get(figure, 0), row[Figure.PRODUCERS])


def _per_hundred(row: dict[str, int], name: Figure) -> int:
    """By the hundred producers, rounded to the nearest."""
    producers = row[Figure.PRODUCERS]
    return (200 * row.get(name, 0) + producers) // (2 * producers)
