"""One producer as the public may see it: what each state means in words, history, samples of the year."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.pages.city import scheme_grades
from agricredit.pages.reasons import Reason, three_reasons
from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Producer
from rating.models import Rating, RatingRun, Standing
from rating.services.publication import ended_q
from rating.services.schemes import parsed

SAMPLING = KINDS["sampling.tested"].number
HISTORY = 10


@dataclass(frozen=True)
class Year:
    """One line of the history."""

    year: int
    grade: str
    word: str
    effective_on: datetime.date | None


@dataclass(frozen=True)
class Face:
    """Everything about the grade on the producer's public page."""

    grade: str
    word: str
    says: list[str]
    reasons: list[Reason] = field(default_factory=list)
    run: RatingRun | None = None
    objected: bool = False


def face_of(producer: Producer) -> Face:
    """The grade in force, what it means and since when; a decision not yet taken leaves no trace here."""
    standing = Standing.objects.filter(producer=producer).select_related("official_run__scheme").first()
    if standing is None or not standing.official_grade or standing.official_run is None:
        return _without_grade(standing)
    run = standing.official_run
    grade = scheme_grades(run.scheme.document).get(standing.official_grade, {})
    year = standing.official_year or run.year
    says = [str(grade.get("meaning", "")), _since(year, standing.since), *_until(year)]
    return Face(
        grade=standing.official_grade,
        word=str(grade.get("word", "")),
        says=list(filter(None, says)),
        reasons=_reasons(standing, run),
        run=run,
        objected=standing.objected,
    )


def _without_grade(standing: Standing | None) -> Face:
    if standing is not None and standing.status == Standing.Status.NOT_RATED:
        year = standing.official_year
        opening = _("%(year)s年度未评价：可用的记录或检查信息不足，或者建档时间太短。") % {"year": year}
        if year is None:
            opening = _("未评价：可用的记录或检查信息不足，或者建档时间太短。")
        return Face(
            "", "", [opening, _("未评价不表示不合格，按一般风险安排检查。")], run=standing.official_run
        )
    if standing is not None and standing.status == Standing.Status.SUSPENDED:
        return Face("", "", [_("农安信用等级暂停中，按一般风险安排检查。")])
    return Face("", "", [_("目前没有生效的农安信用等级。"), _("没有等级不表示不合格，按一般风险安排检查。")])


def _since(year: int, since: datetime.date | None) -> str:
    if since is None:
        return _("%(year)s年度评价结果。") % {"year": year}
    return _("%(year)s年度评价结果，%(day)s起生效。") % {"year": year, "day": full_date(since)}


def _until(year: int) -> list[str]:
    """How long it holds; two years and a half after its year without a newer one it is called old.

    No coming year is named: whose newer result waits for a decision would show by it.
    """
    says = [_("有效至新的评价结果生效；每年评价一次，评的是上一年度。")]
    if datetime.date(year + 2, 7, 1) <= today():
        says.append(_("这是较早的结果，此后没有新的评价结果生效。"))
    return says


def _reasons(standing: Standing, run: RatingRun) -> list[Reason]:
    rating = Rating.objects.filter(
        run=run, producer_id=standing.producer_id, version=standing.official_version or 1
    ).first()
    return three_reasons(rating, parsed(run.scheme)) if rating else []


def history_of(producer: Producer) -> list[Year]:
    """Results of past years that took effect, newest first; one a year."""
    rows = (
        Rating.objects.public()
        .filter(producer=producer)
        .select_related("run__scheme")
        .defer("points", "readings")
        .order_by("-run__year", "-run__effective_on", "-run_id")[:HISTORY]
    )
    years: dict[int, Year] = {}
    for row in rows:
        word = scheme_grades(row.run.scheme.document).get(row.grade, {}).get("word", "")
        years.setdefault(row.run.year, Year(row.run.year, row.grade, str(word), row.run.effective_on))
    return list(years.values())


def sampling_events(producer: Producer) -> QuerySet[CreditEvent]:
    """Published results of supervision sampling that still count (not reversed, not repaired).

    A failed one is shown no longer than the rule in force today publishes it (信用修复管理办法).
    """
    ids = Producer.objects.known_as(producer.pk)
    counting = CreditEvent.objects.counting(of=ids).filter(kind=SAMPLING)
    return counting.exclude(ended_q(today()))


def sampling_sentences(producer: Producer, years: Iterable[int]) -> list[str]:
    """One sentence a year; a year without a sample says so and never that all passed."""
    wanted = list(dict.fromkeys(years))
    rows = (
        sampling_events(producer)
        .filter(occurred_on__year__in=wanted)
        .annotate(year=ExtractYear("occurred_on"))
        .values("year")
        .annotate(tested=Count("pk"), passed=Count("pk", filter=Q(outcome=CreditEvent.Outcome.PASS)))
        .order_by()
    )
    counts = {row["year"]: (row["tested"], row["passed"]) for row in rows}
    return [_sampled(year, *counts.get(year, (0, 0))) for year in wanted]


def _sampled(year: int, tested: int, passed: int) -> str:
    if not tested:
        this_year = _("%(year)s年：本年未抽查") % {"year": year}
        return this_year if year == today().year else _("%(year)s年：当年未抽查") % {"year": year}
    if tested == passed:
        return _("%(year)s年：监督抽查 %(tested)s 次，%(passed)s 次合格") % {
            "year": year,
            "tested": tested,
            "passed": passed,
        }
    return _("%(year)s年：监督抽查 %(tested)s 次，%(passed)s 次合格，%(failed)s 次不合格") % {
        "year": year,
        "tested": tested,
        "passed": passed,
        "failed": tested - passed,
    }
