"""The charts of the officers' home: each one question about the own division, titled by its answer.

Figures come from what the runs have already counted, or from one aggregate that is kept for ten minutes per
division, so that opening the page reads no large table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Left
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import Scope, region_q
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.common.templatetags.charts import per_mille, share
from agricredit.foundation.common.templatetags.grade_marks import mark_of, word_of
from agricredit.pages.city import scheme_grades
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
from archives.models import ORGANISED_KINDS, Producer, ProducerProduct, RecordReview
from certificates.models import Certificate
from rating.models import RatingRun
from supervision.models import Task

KEPT_SECONDS = 600
YEARS_SHOWN = 3
GREY = "#8a948f"
PALE = "#c3cdc7"
GREEN, RED = "#0b6b3a", "#b3261e"


#: The latest rated years: year, the run that names the grades, counts by township.
Years = list[tuple[int, RatingRun, dict[str, dict[str, int]]]]


@dataclass(frozen=True)
class Series:
    """One colour of a chart: its words, and a count for every category."""

    name: str
    colour: str
    counts: list[int]
    inside: str = ""


@dataclass(frozen=True)
class Chart:
    """Counts by category and series; ``shares`` draws each category as a whole of 100 %."""

    key: str
    title: str
    categories: list[str] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    empty: str = ""
    shares: bool = True
    upright: bool = False
    head: str = ""

    @property
    def drawing(self) -> dict[str, Any]:
        """What the script needs to draw it."""
        return {
            "categories": self.categories,
            "shares": self.shares,
            "upright": self.upright,
            "series": [
                {"name": one.name, "colour": one.colour, "counts": one.counts, "inside": one.inside}
                for one in self.series
            ],
        }

    @property
    def rows(self) -> list[tuple[str, list[tuple[int, str]], int]]:
        """The same as a table: category, (count, share) of each series, total."""
        found = []
        for index, category in enumerate(self.categories):
            counts = [one.counts[index] for one in self.series]
            total = sum(counts)
            found.append((category, [(count, share(count, total)) for count in counts], total))
        return found


def charts(scope: Scope) -> list[Chart]:
    """The charts of a division, kept for ten minutes (per language, for the titles are sentences)."""
    if scope.kind != "region":
        return []
    key = f"office:charts:{scope.region_code}:{get_language()}"
    kept: list[Chart] | None = cache.get(key)
    if kept is None:
        years = _rated_years(around(scope))
        kept = [
            distribution(scope, years),
            change(scope, _within(scope, years)),
            coverage(scope),
            reviewed(scope),
            progress(scope),
        ]
        cache.set(key, kept, KEPT_SECONDS)
    return kept


# --- grades -----------------------------------------------------------------------------------------------
def _rated_years(scope: Scope) -> Years:
    """The latest rated years, newest first: year, the run that names the grades, counts by township."""
    code = scope.region_code
    above = [code[:length] for length in range(2, len(code) + 1)]
    runs = (
        RatingRun.objects.filter(Q(region_code__in=above) | Q(region_code__startswith=code))
        .filter(state__in=[RatingRun.State.EFFECTIVE, RatingRun.State.SUPERSEDED])
        .select_related("scheme")
        .order_by("-year", "region_code", "-state", "-id")[:400]
    )
    years: dict[int, list[RatingRun]] = {}
    for run in runs:
        years.setdefault(run.year, []).append(run)
    found = [(year, _apart(runs)) for year, runs in sorted(years.items(), reverse=True)]
    return [(year, runs[0], _by_township(runs, scope)) for year, runs in found[:YEARS_SHOWN]]


def _apart(runs: list[RatingRun]) -> list[RatingRun]:
    """Runs of one year that do not overlap and share a scheme: those in effect first, the widest first."""
    runs = sorted(runs, key=lambda run: (run.state != RatingRun.State.EFFECTIVE, len(run.region_code)))
    chosen: list[RatingRun] = []
    for run in runs:
        overlaps = any(
            run.region_code.startswith(other.region_code) or other.region_code.startswith(run.region_code)
            for other in chosen
        )
        if not overlaps and (not chosen or run.scheme_id == chosen[0].scheme_id):
            chosen.append(run)
    return chosen


def _within(scope: Scope, years: Years) -> Years:
    """The same years of the division alone."""
    return [
        (year, run, {code: row for code, row in counts.items() if scope.covers(code)})
        for year, run, counts in years
    ]


def _by_township(runs: list[RatingRun], scope: Scope) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for run in runs:
        for township, row in run.summary.get("townships", {}).items():
            if scope.covers(township):
                counts[township] = row
    return counts


def _grade_series(run: RatingRun, columns: list[dict[str, int]]) -> list[Series]:
    """A series for each grade of the scheme, then those waiting for a decision and those not rated."""
    series = []
    for code, grade in scheme_grades(run.scheme.document).items():
        word = str(grade.get("word", ""))
        mark = mark_of(code, word)
        name = f"{mark.letters} {word_of(code, word)}"
        series.append(Series(name, mark.colour, [row.get(code, 0) for row in columns], mark.letters))
    for status, name, colour in (("pending", _("待认定"), GREY), ("not_rated", _("未评价"), PALE)):
        series.append(Series(name, colour, [row.get(status, 0) for row in columns]))
    return [one for one in series if any(one.counts)]


def _better_half(run: RatingRun) -> tuple[list[str], str]:
    """The grades of the upper half, and the lowest of them in letters."""
    codes = list(scheme_grades(run.scheme.document))
    upper = codes[: (len(codes) + 1) // 2]
    return upper, upper[-1] if upper else ""


def distribution(scope: Scope, years: Years) -> Chart:
    """Which divisions below have how many producers of each grade?"""
    columns = beside(_gathered(years[0][2], child_length(scope)), scope) if years else {}
    if not columns:
        return Chart(
            "grades", _("各地等级分布"), empty=_("还没有生效的年度评价。评价生效后，这里按地区显示等级分布。")
        )
    year, run, _townships = years[0]
    names = names_beside(columns, scope)
    upper, lowest = _better_half(run)
    shares = {
        code: per_mille(sum(row.get(grade, 0) for grade in upper), sum(row.values()))
        for code, row in columns.items()
    }
    best, least = max(shares, key=lambda code: shares[code]), min(shares, key=lambda code: shares[code])
    facts = {"year": year, "grade": lowest, "best": names[best], "least": names[least]}
    facts |= {"most": _percent(shares[best]), "fewest": _percent(shares[least])}
    title = _("%(year)s年度%(grade)s级以上：%(best)s占%(most)s")
    own, whole = next(iter(columns)), next(reversed(columns))
    if is_alone(scope):
        facts |= {"best": names[own], "most": _percent(shares[own])}
    elif best != least:
        title = _("%(year)s年度%(grade)s级以上：%(best)s最高（%(most)s），%(least)s最低（%(fewest)s）")
    order = ordered(columns, scope, lambda code: shares[code])
    return Chart(
        "grades",
        titled(title % facts, scope, _percent(shares[whole])),
        [names[code] for code in order],
        _grade_series(run, [columns[code] for code in order]),
        head=_("地区"),
    )


def change(scope: Scope, years: Years) -> Chart:
    """Is the division better than the year before?"""
    same = [one for one in years if one[1].scheme.code == years[0][1].scheme.code and one[2]]
    if not same:
        return Chart("years", _("与上年相比"), empty=_("有两个年度的评价生效后，这里显示变化。"))
    upper, lowest = _better_half(same[0][1])
    totals = [_gathered(counts, 0)[""] for _year, _run, counts in same]
    shares = [per_mille(sum(row.get(g, 0) for g in upper), sum(row.values())) for row in totals]
    facts = {"year": same[0][0], "grade": lowest, "share": _percent(shares[0])}
    if len(same) == 1:
        title = _("%(year)s年度%(grade)s级以上占%(share)s，还没有上年可比")
    else:
        facts["points"] = f"{abs(shares[0] - shares[1]) / 10:.1f}"
        if shares[0] > shares[1]:
            title = _("%(grade)s级以上占%(share)s，比上年高%(points)s个百分点")
        elif shares[0] < shares[1]:
            title = _("%(grade)s级以上占%(share)s，比上年低%(points)s个百分点")
        else:
            title = _("%(grade)s级以上占%(share)s，与上年持平")
    return Chart(
        "years",
        title % facts,
        [_("%(year)s年度") % {"year": year} for year, _run, _counts in same],
        _grade_series(same[0][1], totals),
        head=_("年度"),
    )


def _gathered(counts: dict[str, dict[str, int]], length: int) -> dict[str, dict[str, int]]:
    """Counts by township added up by the first ``length`` digits."""
    gathered: dict[str, dict[str, int]] = {}
    for township, row in counts.items():
        target = gathered.setdefault(township[:length], {})
        for label, count in row.items():
            target[label] = target.get(label, 0) + count
    return gathered


# --- certificates -----------------------------------------------------------------------------------------
def coverage(scope: Scope) -> Chart:
    """How many of those who must certify (农产品质量安全法 art. 39) have done so within a year?"""
    since = today() - timedelta(days=365)
    must = ProducerProduct.objects.filter(producer=OuterRef("pk"), product__certificate_required=True)
    has = Certificate.objects.issued().filter(producer=OuterRef("pk"), issued_on__gt=since)
    rows = (
        Producer.objects.filter(region_q(around(scope), "region__code"), Exists(must), status="active")
        .filter(kind__in=ORGANISED_KINDS)
        .annotate(
            place=Left("region_id", child_length(scope)),
            certified=Case(When(Exists(has), then=Value(1)), default=Value(0)),
        )
        .values("place")
        .annotate(total=Count("pk"), done=Count("pk", filter=Q(certified=1)))
        .order_by()
    )
    found = beside({row["place"]: (row["done"], row["total"] - row["done"]) for row in rows}, scope)
    if not found:
        return Chart("coverage", _("开证覆盖"), empty=_("还没有应开具合格证的企业和合作社。"))
    names = names_beside(found, scope)
    order = ordered(found, scope, lambda code: per_mille(found[code][0], sum(found[code])))
    own, whole = own_of(found, scope), found[order[-1]]
    done, total = own[0], sum(own)
    facts = {"total": f"{total:,}", "share": share(done, total)}
    if not done:
        empty = _("%(total)s家主体应开具合格证，近12个月都没有开过。请提醒他们卖货时开证。") % facts
        return Chart("coverage", _("开证覆盖"), empty=empty)
    return Chart(
        "coverage",
        titled(
            _("近12个月，%(total)s家应开证主体中%(share)s开过合格证") % facts,
            scope,
            share(whole[0], sum(whole)),
        ),
        [names[code] for code in order],
        [
            Series(_("开过合格证"), GREEN, [found[code][0] for code in order]),
            Series(_("没有开过"), PALE, [found[code][1] for code in order]),
        ],
        head=_("地区"),
    )


# --- verification -----------------------------------------------------------------------------------------
def reviewed(scope: Scope) -> Chart:
    """Where are the records put up in the last 90 days verified, and where do they wait?"""
    since = now() - timedelta(days=90)
    rows = (
        RecordReview.objects.filter(region_q(around(scope), "producer__region__code"), put_up_at__gte=since)
        .annotate(place=Left("producer__region_id", child_length(scope)))
        .values("place")
        .annotate(
            done=Count("pk", filter=Q(state="confirmed")),
            taken=Count("pk", filter=Q(state="reversed")),
            back=Count("pk", filter=Q(state="returned")),
            waiting=Count("pk", filter=Q(state="open")),
        )
        .order_by()
    )
    counts = {row["place"]: (row["done"], row["taken"], row["back"], row["waiting"]) for row in rows}
    found = beside(counts, scope)
    if not found:
        return Chart("reviews", _("记录核实"), empty=_("近90天没有需要核实的生产记录。"))
    order = ordered(found, scope, lambda code: per_mille(sum(found[code][:2]), sum(found[code])))
    names = names_beside(found, scope)
    own, whole = own_of(found, scope), found[order[-1]]
    facts = {"total": f"{sum(own):,}", "share": share(sum(own[:2]), sum(own))}
    columns = list(zip(*(found[code] for code in order), strict=True))
    series = ((_("已核实"), GREEN), (_("已撤销"), RED), (_("已退回"), GREY), (_("待核实"), PALE))
    return Chart(
        "reviews",
        titled(
            _("近90天列入核实的%(total)s条记录，%(share)s已核实或撤销") % facts,
            scope,
            share(sum(whole[:2]), sum(whole)),
        ),
        [names[code] for code in order],
        [
            Series(name, colour, list(counts))
            for (name, colour), counts in zip(series, columns, strict=True)
            if any(counts)
        ],
        head=_("地区"),
    )


# --- plan -------------------------------------------------------------------------------------------------
def progress(scope: Scope) -> Chart:
    """Is the year's plan on its way?"""
    day = today()
    overdue = Q(state="open", due_on__lt=day)
    rows = list(
        Task.objects.filter(region_q(scope, "producer__region__code"), plan__year=day.year)
        .exclude(state=Task.State.CANCELLED)
        .values("month")
        .annotate(
            done=Count("pk", filter=Q(state="done")),
            late=Count("pk", filter=overdue),
            ahead=Count("pk", filter=Q(state="open") & ~overdue),
        )
        .order_by(F("month"))
    )
    if not rows:
        empty = _("%(year)s年还没有检查计划。编制计划后，这里显示每月完成情况。") % {"year": day.year}
        return Chart("progress", _("计划进度"), empty=empty)
    done, late = sum(row["done"] for row in rows), sum(row["late"] for row in rows)
    total = done + late + sum(row["ahead"] for row in rows)
    facts = {"year": day.year, "share": share(done, total), "late": f"{late:,}"}
    title = _("%(year)s年计划已完成%(share)s，没有逾期")
    if late:
        title = _("%(year)s年计划已完成%(share)s，逾期%(late)s项")
    return Chart(
        "progress",
        title % facts,
        [_("%(month)s月") % {"month": row["month"]} for row in rows],
        [
            Series(_("已完成"), GREEN, [row["done"] for row in rows]),
            Series(_("逾期"), RED, [row["late"] for row in rows]),
            Series(_("待完成"), PALE, [row["ahead"] for row in rows]),
        ],
        shares=False,
        upright=True,
        head=_("月份"),
    )


def _percent(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"
