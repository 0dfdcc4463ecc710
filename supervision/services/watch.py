"""The report in which the authority watches itself: asked, computed by a worker, kept.

Three questions: do scores bunch just above grade lines; does an officer find more or fewer faults than
colleagues at like producers; are fewer faults found the better an officer knows a producer. Every line is a
reason to look and never a finding; with clean data the chance of any alarm is below one in a hundred.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.jobs import services as jobs
from rating.engine.scheme import ProducerKind
from rating.models import RatingRun
from rating.services import schemes
from rating.services.access import require
from rating.services.transport import fetch
from supervision.models import Inspection, WatchReport
from supervision.watching import ALARM
from supervision.watching.bunching import at_line
from supervision.watching.officers import Visits, drift, effects, pairs

JOB = "supervision.watch"
PAIRS = 20
#: Inspections of so many years tell how often an officer has been to a producer.
YEARS = 3
_EFFECTIVE = (RatingRun.State.EFFECTIVE, RatingRun.State.SUPERSEDED)
#: Earlier scores that make producers alike, in hundredths; those without one are alike too.
_STANDINGS = (6000, 7000, 8000, 9000)
_REASONS = tuple(Inspection.Reason.values)
_FAULTS = (Inspection.Result.FINDING, Inspection.Result.REFUSED)


def ask(*, region_code: str, year: int, actor: User | None) -> WatchReport:
    """Keep the question and hand it to a worker. None as actor is the yearly job.

    Refused: no right or region (PermissionDenied); a year that is not over or has no effective rating.
    """
    require(actor, "supervision.add_watchreport", region_code)
    if not runs_of(region_code, year):
        raise ValidationError(
            _("%(region)s没有已生效的%(year)s年度评价，不能作自查分析。")
            % {"region": region_code, "year": year},
            code="no_run",
        )
    with transaction.atomic():
        row = WatchReport.objects.create(region_code=region_code, year=year, asked_by=actor, asked_at=now())
        audit.record(verb="watch.asked", actor=actor, target=row, region_code=region_code, year=year)
        jobs.enqueue(
            kind=JOB,
            title=str(row),
            args={"report": row.pk},
            key=f"{JOB}:{row.pk}",
            created_by=actor,
            region_code=region_code,
        )
    return row


def ask_yearly() -> int:
    """Ask last year's report of every region whose rating took effect and has none; returns how many."""
    year = today().year - 1
    regions = RatingRun.objects.filter(year=year, state__in=_EFFECTIVE).values_list("region_code", flat=True)
    known = WatchReport.objects.filter(year=year).values_list("region_code", flat=True)
    wanted = sorted(set(regions) - set(known))
    for region in wanted:
        ask(region_code=region, year=year, actor=None)
    return len(wanted)


def answer(report_id: int) -> WatchReport:
    """Compute and keep the result; again is harmless."""
    row = WatchReport.objects.get(pk=report_id)
    row.result = report(row.region_code, row.year)
    row.answered_at = now()
    row.save(update_fields=["result", "answered_at"])
    return row


def runs_of(region_code: str, year: int) -> list[RatingRun]:
    """Effective runs of the year over the region, or over a larger one around it, one a scheme."""
    around = [region_code[:length] for length in range(2, len(region_code) + 1)]
    rows = RatingRun.objects.filter(year=year, state=RatingRun.State.EFFECTIVE).select_related("scheme")
    found = rows.filter(region_code__in=around) | rows.filter(region_code__startswith=region_code)
    return list(found.order_by("pk"))


def report(region_code: str, year: int) -> dict[str, Any]:
    """All three answers as JSON: every test made, those below ``level`` being alarms."""
    lines = [line for run in runs_of(region_code, year) for line in _lines(run, region_code)]
    counties = dict(_counties(region_code, year))
    officers = [
        {"county": county, **asdict(effect)}
        for county, visits in counties.items()
        for effect in effects(visits)
    ]
    drifts = [
        {"county": county, **asdict(found)}
        for county, visits in counties.items()
        if (found := drift(visits)) is not None
    ]
    met = [
        {"county": county, **asdict(pair)}
        for county, visits in counties.items()
        for pair in pairs(visits, PAIRS)
    ]
    tests = len(lines) + len(officers) + len(drifts)
    return {
        "level": ALARM / max(tests, 1),
        "tests": tests,
        "lines": sorted(lines, key=lambda one: one["chance"]),
        "officers": sorted(officers, key=lambda one: one["chance"]),
        "drifts": sorted(drifts, key=lambda one: one["chance"]),
        "pairs": sorted(met, key=lambda one: -one["visits"])[:PAIRS],
        "inspections": sum(len(np.unique(visits.inspection)) for visits in counties.values()),
    }


def _lines(run: RatingRun, region_code: str) -> Iterator[dict[str, Any]]:
    """Every line of the run's scheme for all, for each county and for each kind of producer."""
    county, kind, score = fetch(
        "SELECT left(region_id, 6)::int, kind, score FROM rating_rating"  # noqa: S608 - whole numbers, a checked code
        f" WHERE run_id = {int(run.pk)} AND version = 1 AND status <> 'not_rated'"
        f" AND region_id LIKE '{int(region_code)}%'",
        [4, 2, 4],
    )
    groups = [("", "", np.ones(len(score), np.bool_))]
    groups += [(str(code), "", county == code) for code in np.unique(county).tolist()]
    groups += [("", ProducerKind(number).name, kind == number) for number in np.unique(kind).tolist()]
    for grade in schemes.parsed(run.scheme).grades[:-1]:
        for of_county, of_kind, chosen in groups:
            found = at_line(score[chosen], grade.cut)
            if found is not None:
                of = {
                    "run": run.pk,
                    "grade": grade.code,
                    "cut": grade.cut,
                    "county": of_county,
                    "kind": of_kind,
                }
                yield of | asdict(found)


def _counties(region_code: str, year: int) -> Iterator[tuple[str, Visits]]:
    """The inspections of each county, two rows each, with what makes them comparable."""
    rows = (
        Inspection.objects.filter(
            producer__region__code__startswith=region_code,
            inspected_on__year__gt=year - YEARS,
            inspected_on__year__lte=year,
        )
        .order_by("inspected_on", "pk")
        .values_list(
            "pk",
            "officer",
            "second_officer",
            "producer",
            "producer__region",
            "reason",
            "result",
            "inspected_on__year",
        )
    )
    counties: dict[str, list[tuple[int, int, int, int, int]]] = {}
    scores = {each: _scores(region_code, each - 1) for each in range(year - YEARS + 1, year + 1)}
    for pk, one, two, producer, region, reason, result, on in rows.iterator(chunk_size=10_000):
        cell = _REASONS.index(reason) * (len(_STANDINGS) + 2) + _standing(scores[on].get(producer))
        found = int(result in _FAULTS)
        both = [(pk, officer, producer, cell, found) for officer in (one, two)]
        counties.setdefault(region[:6], []).extend(both)
    for county, table in sorted(counties.items()):
        yield county, Visits(*np.array(table, np.int64).T)


def _standing(score: int | None) -> int:
    return 0 if score is None else 1 + int(np.searchsorted(_STANDINGS, score, "right"))


def _scores(region_code: str, year: int) -> dict[int, int]:
    """Scores that producers had from the rating of a year, before the inspections of the next."""
    found: dict[int, int] = {}
    for run in runs_of(region_code, year):
        producer, score = fetch(
            "SELECT producer_id, score FROM rating_rating"  # noqa: S608 - whole numbers, a checked code
            f" WHERE run_id = {int(run.pk)} AND version = 1 AND status <> 'not_rated'"
            f" AND region_id LIKE '{int(region_code)}%'",
            [8, 4],
        )
        found |= dict(zip(producer.tolist(), score.tolist(), strict=True))
    return found
