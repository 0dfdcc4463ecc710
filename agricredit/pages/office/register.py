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

from agricredit.foundation.accounts.jurisdiction import Scope, scope_of
from agricredit.foundation.common.templatetags.charts import per_mille, share
from agricredit.foundation.jobs import services as jobs
from agricredit.pages.city import region_name
from agricredit.pages.office.figures import CHILD_LENGTH, GREEN, PALE, RED, Chart, Series, names_of
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
    counts, measured = figures_of(request.user, scope)
    names = names_of(counts)
    context = {
        **admin.site.each_context(request),
        "title": _("档案完整和活跃情况"),
        "place": region_name(scope.region_code),
        "measured": measured,
        "charts": [one(counts, names) for one in (completeness, activity, records, certificates)],
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


def figures_of(user: Any, scope: Scope) -> tuple[Counts, datetime.datetime | None]:
    """The figures by the divisions just below the user's own, and when they were counted last."""
    length = CHILD_LENGTH.get(len(scope.region_code), 9)
    counts: Counts = {}
    measured = None
    rows = TownshipFigure.objects.visible_to(user).values_list("region_code", "name", "value", "measured_at")
    for code, name, value, moment in rows:
        row = counts.setdefault(code[:length], {})
        row[name] = row.get(name, 0) + value
        measured = moment if measured is None else min(measured, moment)
    return {code: row for code, row in counts.items() if row.get(Figure.PRODUCERS)}, measured


def completeness(counts: Counts, names: dict[str, str]) -> Chart:
    """Where are files incomplete?"""
    if not counts:
        return _nothing("completeness", _("档案完整度"))
    total, full = _sum(counts, Figure.PRODUCERS), _sum(counts, Figure.COMPLETE)
    facts = {"total": f"{total:,}", "share": share(full, total)}
    facts["overdue"] = f"{_sum(counts, Figure.OVERDUE):,}"
    ordered = _ordered(counts, Figure.COMPLETE)
    return Chart(
        "completeness",
        _("%(total)s个主体中，档案完整的占%(share)s；%(overdue)s个超过半年没有确认") % facts,
        [names[code] for code in ordered],
        [
            _series(counts, ordered, Figure.COMPLETE, GREEN),
            _series(counts, ordered, Figure.PARTLY, AMBER),
            _series(counts, ordered, Figure.POOR, RED),
        ],
        head=_("地区"),
    )


def activity(counts: Counts, names: dict[str, str]) -> Chart:
    """Where do producers keep records at all?"""
    total, kept = _sum(counts, Figure.PRODUCERS), _sum(counts, Figure.KEEPING_90)
    if not kept:
        return _nothing("activity", _("记录活跃"))
    recent = _sum(counts, Figure.KEEPING_30)
    facts = {"share": share(kept, total), "recent": share(recent, total)}
    ordered = _ordered(counts, Figure.KEEPING_90)
    rows = [counts[code] for code in ordered]
    quiet = [
        row[Figure.PRODUCERS] - min(row[Figure.PRODUCERS], row.get(Figure.KEEPING_90, 0)) for row in rows
    ]
    between = [max(0, row.get(Figure.KEEPING_90, 0) - row.get(Figure.KEEPING_30, 0)) for row in rows]
    return Chart(
        "activity",
        _("近90天%(share)s的主体有生产记录，近30天%(recent)s") % facts,
        [names[code] for code in ordered],
        [
            _series(counts, ordered, Figure.KEEPING_30, GREEN, _("近30天有记录")),
            Series(_("31至90天前有记录"), AMBER, between),
            Series(_("90天没有记录"), PALE, quiet),
        ],
        head=_("地区"),
    )


def records(counts: Counts, names: dict[str, str]) -> Chart:
    """How many records were kept?"""
    return _volume(
        counts, names, "records", Figure.RECORDS_30, Figure.RECORDS_90,
        _("近90天共记录%(all)s条，其中近30天%(recent)s条"), _("生产记录"),
    )  # fmt: skip


def certificates(counts: Counts, names: dict[str, str]) -> Chart:
    """How many certificates were issued?"""
    return _volume(
        counts, names, "certificates", Figure.CERTIFICATES_30, Figure.CERTIFICATES_90,
        _("近90天共开证%(all)s张，其中近30天%(recent)s张"), _("开具合格证"),
    )  # fmt: skip


def _volume(
    counts: Counts, names: dict[str, str], key: str, recent: Figure, whole: Figure, title: str, empty: str
) -> Chart:
    total = _sum(counts, whole)
    if not total:
        return _nothing(key, empty)
    ordered = sorted(counts, key=lambda code: (-counts[code].get(whole, 0), code))[:MOST_BARS]
    earlier = [max(0, counts[code].get(whole, 0) - counts[code].get(recent, 0)) for code in ordered]
    return Chart(
        key,
        title % {"all": f"{total:,}", "recent": f"{_sum(counts, recent):,}"},
        [names[code] for code in ordered],
        [_series(counts, ordered, recent, GREEN, _("近30天")), Series(_("31至90天前"), BLUE, earlier)],
        shares=False,
        head=_("地区"),
    )


def _nothing(key: str, title: str) -> Chart:
    return Chart(key, title, empty=_("还没有可统计的内容。每天凌晨统计一次，也可以点“立即统计”。"))


def _series(counts: Counts, codes: list[str], figure: Figure, colour: str, name: str = "") -> Series:
    return Series(name or str(figure.label), colour, [counts[code].get(figure, 0) for code in codes])


def _ordered(counts: Counts, figure: Figure) -> list[str]:
    """The best first; at most so many that a page holds them."""

    def rank(code: str) -> tuple[int, str]:
        return -per_mille(counts[code].get(figure, 0), counts[code][Figure.PRODUCERS]), code

    return sorted(counts, key=rank)[:MOST_BARS]


def _sum(counts: Counts, figure: Figure) -> int:
    return sum(row.get(figure, 0) for row in counts.values())
