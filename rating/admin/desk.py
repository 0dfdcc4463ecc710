"""What the review desk of a run shows: each block answers one question, titled by the answer."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.jurisdiction import scope_of
from agricredit.foundation.common.templatetags.charts import Part, share
from agricredit.foundation.jobs.models import Job
from archives.models import Region
from rating.models import Rating, RatingRun, RunShard
from rating.services import must_rate, review, schemes
from rating.services.exporting import decimal_text
from rating.services.runs import SHARD_JOB

SHOWN = 20
TOWNSHIPS = 60


def context(run: RatingRun, user: Any) -> dict[str, Any]:
    """Everything the template needs; while computing only the progress."""
    if not run.summary:
        return {"progress": _progress(run)}
    scope = scope_of(user)
    counts = review.distribution(run, "" if scope.covers(run.region_code) else scope.region_code)
    return {
        "title": review.headline(counts),
        "parts": [Part(_mark(count), count.producers, count.word) for count in counts],
        "waiting": _waiting(run, user),
        "movers": _movers(run, user),
        "near": _near(run, user),
        "must": _must(run, user),
        "townships": _townships(run, scope.region_code),
        "results_url": f"{reverse('admin:rating_rating_changelist')}?run__id__exact={run.pk}",
    }


def _mark(count: review.Count) -> str:
    return "notice" if count.status == Rating.Status.PENDING else count.grade


def _progress(run: RatingRun) -> dict[str, Any]:
    keys = [f"{SHARD_JOB}:{pk}" for pk in run.shards.values_list("pk", flat=True)]
    jobs = Job.objects.filter(key__in=keys)
    finished = sum(run.shards.filter(state=RunShard.State.DONE).values_list("producers", flat=True))
    running = sum(jobs.filter(state="running").values_list("progress_done", flat=True))
    return {
        "done": min(finished + running, run.producers),
        "total": run.producers,
        "failed": list(jobs.filter(state="failed").values_list("error", flat=True)),
    }


def _table(headers: list[str], rows: list[list[Any]]) -> dict[str, Any]:
    return {"headers": headers, "rows": rows}


def _link(rating: Rating) -> SafeString:
    address = reverse("admin:rating_rating_change", args=[rating.pk])
    return format_html('<a class="text-link" href="{}">{}</a>', address, rating.producer.name)


def _score(hundredths: int) -> str:
    return decimal_text(hundredths, 2)


def _waiting(run: RatingRun, user: Any) -> dict[str, Any]:
    scheme = schemes.parsed(run.scheme)
    names = {veto.code: veto.name for veto in scheme.vetoes}
    rows = [
        [
            _link(rating),
            rating.grade,
            _score(rating.score),
            "；".join(f"{code} {names[code]}" for code in scheme.veto_codes(rating.vetoes))
            or _("得分最低档"),
        ]
        for rating in review.waiting(run, user, SHOWN)
    ]
    return _table([_("主体"), _("拟认定等级"), _("得分"), _("事由")], rows)


def _movers(run: RatingRun, user: Any) -> dict[str, Any]:
    rows: list[list[Any]] = []
    for rating in review.movers(run, user, SHOWN):
        before, moved = rating.before, rating.moved  # type: ignore[attr-defined]  # annotated by the service
        after = rating.grade or rating.get_status_display()
        rows.append([_link(rating), before, after, ("+" if moved > 0 else "") + _score(moved)])
    return _table([_("主体"), _("现行等级"), _("本次结果"), _("分差")], rows)


def _near(run: RatingRun, user: Any) -> dict[str, Any]:
    rows = [
        [_link(rating), rating.grade, _score(rating.score)] for rating in review.near_lines(run, user, SHOWN)
    ]
    return _table([_("主体"), _("等级"), _("得分")], rows)


def _must(run: RatingRun, user: Any) -> dict[str, Any]:
    """Who must be rated and could not be, with what is missing."""
    found = must_rate.report(run, user, SHOWN)
    rows = [
        [
            _link(one.rating),
            one.rating.producer.get_kind_display(),
            _("持有荣誉") if one.honoured else _("应评类型"),
            "；".join(one.reasons) or "—",
        ]
        for one in found.missing
    ]
    basis = found.scope.rule.basis if found.scope.rule else _("平台默认范围：规模主体和区级以上荣誉的持有者")
    return {
        **_table([_("主体"), _("类型"), _("为什么应评"), _("缺什么")], rows),
        "sentence": _("应评%(due)s家：已评%(rated)s家，待认定%(pending)s家，未能评价%(missing)s家。")
        % {
            "due": found.due,
            "rated": found.rated,
            "pending": found.pending,
            "missing": found.not_rated,
        },
        "basis": basis,
    }


def _townships(run: RatingRun, region_code: str) -> dict[str, Any]:
    """Townships by their share of the best grade, each as the parts of a bar."""
    scheme = schemes.parsed(run.scheme)
    marks = {grade.code: (grade.code, grade.word) for grade in scheme.grades}
    marks[Rating.Status.PENDING.value] = ("notice", str(Rating.Status.PENDING.label))
    marks[Rating.Status.NOT_RATED.value] = ("", str(Rating.Status.NOT_RATED.label))
    mine = {
        code: counts
        for code, counts in run.summary["townships"].items()
        if code.startswith(region_code[:9]) or run.region_code.startswith(region_code)
    }
    names = dict(Region.objects.filter(pk__in=mine).values_list("pk", "name"))
    rows = [
        (
            names.get(code, code),
            [Part(label, counts.get(key, 0), word) for key, (label, word) in marks.items()],
        )
        for code, counts in mine.items()
    ]
    rows.sort(key=lambda row: -_best(row[1]))
    title = _("没有乡镇的结果")
    if rows:
        best = {
            "name": rows[0][0],
            "grade": scheme.grades[0].code,
            "share": share(rows[0][1][0].count, _rated(rows[0][1])),
        }
        title = _("已评主体中%(grade)s占比最高的是%(name)s（%(share)s）") % best
    return {"title": title, "rows": rows[:TOWNSHIPS]}


def _rated(parts: list[Part]) -> int:
    """How many have a grade: all but those that wait and those not rated, which stand last."""
    return sum(part.count for part in parts[:-2])


def _best(parts: list[Part]) -> float:
    """The share of the best grade among the rated."""
    return parts[0].count / max(1, _rated(parts))
