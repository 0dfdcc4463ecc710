"""What-if, kept: a draft over a past run, its result stored for whoever may see it (officers, own region).

The result is tables of counts and a list of those that would move most; names are looked up when shown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import now
from agricredit.foundation.jobs import services as jobs
from rating.engine import parsing
from rating.engine.columns import Int8s
from rating.engine.scheme import ProducerKind
from rating.engine.scheme import Scheme as EngineScheme
from rating.models import RatingRun, Simulation
from rating.services import schemes, trials
from rating.services.access import require
from rating.services.trials import Trialled
from rating.services.verifying import VERIFIABLE

JOB = "rating.simulate"
#: How many of those that would move most are kept by name.
MOVERS = 200
_COUNTY = 6


def ask(
    *, document: dict[str, Any], run: RatingRun, region: str = "", title: str = "", actor: User | None
) -> Simulation:
    """Keep the question and hand it to a worker; :func:`answer` fills in the result.

    Refused (nothing written): a document that is no scheme (SchemeError, every fault), a run without results
    or a division outside of it (ValidationError), no right or region (PermissionDenied).
    """
    region = region or run.region_code
    require(actor, "rating.add_simulation", region)
    found = parsing.parse(document, schemes.kind_numbers())
    if run.state not in VERIFIABLE:
        raise ValidationError(_("只能对已有结果的评价试算。"), code="state")
    if not region.startswith(run.region_code):
        raise ValidationError(_("试算的地区应在该次评价的地区之内。"), code="region")
    with transaction.atomic():
        row = Simulation.objects.create(
            run=run,
            region_code=region,
            title=title or f"{found.name} {found.version}",
            scheme_code=found.code,
            scheme_version=found.version,
            sha256=found.sha256,
            document=document,
            asked_by=actor,
            asked_at=now(),
        )
        audit.record(
            verb="simulation.asked",
            actor=actor,
            target=row,
            region_code=region,
            scheme=f"{found.code} {found.version}",
            run=str(run),
        )
    return row


def enqueue(row: Simulation, actor: User | None) -> None:
    """Let a worker answer."""
    jobs.enqueue(
        kind=JOB,
        title=_("试算：%(title)s") % {"title": row.title},
        args={"simulation": row.pk},
        key=f"{JOB}:{row.pk}",
        created_by=actor,
        region_code=row.region_code,
    )


def answer(simulation_id: int) -> Simulation:
    """Compute and keep the result; again is harmless."""
    row = Simulation.objects.select_related("run__scheme").get(pk=simulation_id)
    draft = parsing.parse(row.document, schemes.kind_numbers())
    trialled = trials.run_trial(row.run, draft, row.region_code)
    row.result = tables(schemes.parsed(row.run.scheme), draft, trialled)
    row.answered_at = now()
    row.save(update_fields=["result", "answered_at"])
    return row


def tables(base: EngineScheme, draft: EngineScheme, trialled: Trialled) -> dict[str, Any]:
    """Migration, counties, kinds, cost and movers, as JSON. Grades stand best first, not rated ("") last."""
    before, after = _labels(base), _labels(draft)
    was, becomes = _places(trialled.before, before), _places(trialled.after, after)
    frame = pl.DataFrame(
        {"was": was, "becomes": becomes, "kind": trialled.kind, "county": trialled.region.str.head(_COUNTY)}
    )
    matrix = _matrix(frame, len(before), len(after))
    comparable = before == after
    changed = int(matrix.sum() - np.trace(matrix)) if comparable else None
    rated = np.ix_(range(len(before) - 1), range(len(after) - 1))
    return {
        "held": trialled.held,
        "producers": len(was),
        "before": before,
        "after": after,
        "matrix": matrix.tolist(),
        "changed": changed,
        "up": int(np.tril(matrix[rated], -1).sum()) if comparable else None,
        "down": int(np.triu(matrix[rated], 1).sum()) if comparable else None,
        "counties": _by(frame, "county", before, after),
        "kinds": [row | {"of": ProducerKind(row["of"]).name} for row in _by(frame, "kind", before, after)],
        "visits": [_visits(base, before, matrix.sum(axis=1)), _visits(draft, after, matrix.sum(axis=0))],
        "samples": [_samples(base, before, matrix.sum(axis=1)), _samples(draft, after, matrix.sum(axis=0))],
        "movers": _movers(trialled, was, becomes, before, after),
    }


def _labels(scheme: EngineScheme) -> list[str]:
    return [grade.code for grade in scheme.grades] + [""]


def _places(grades: Int8s, labels: list[str]) -> Int8s:
    """Positions in the labels; not rated stands last."""
    return np.where(grades < 0, len(labels) - 1, grades).astype(np.int8)


def _matrix(frame: pl.DataFrame, rows: int, columns: int) -> Any:
    cells = frame["was"].to_numpy().astype(np.int64) * columns + frame["becomes"].to_numpy()
    return np.bincount(cells, minlength=rows * columns).reshape(rows, columns)


def _by(frame: pl.DataFrame, name: str, before: list[str], after: list[str]) -> list[dict[str, Any]]:
    """Counts before and after of each county or kind."""
    rows = []
    for (value,), part in sorted(frame.partition_by(name, as_dict=True).items()):
        matrix = _matrix(part, len(before), len(after))
        rows.append(
            {"of": value, "before": matrix.sum(axis=1).tolist(), "after": matrix.sum(axis=0).tolist()}
        )
    return rows


def _visits(scheme: EngineScheme, labels: list[str], counts: Any) -> int:
    """Visits a year that so many of each grade ask for."""
    return sum(
        scheme.supervision_of(label).visits * int(count) for label, count in zip(labels, counts, strict=True)
    )


def _samples(scheme: EngineScheme, labels: list[str], counts: Any) -> int:
    """Producers to sample a year by the grades' ratios, in hundredths of a producer."""
    return sum(
        scheme.supervision_of(label).sampling * int(count)
        for label, count in zip(labels, counts, strict=True)
    )


def _movers(
    trialled: Trialled, was: Int8s, becomes: Int8s, before: list[str], after: list[str]
) -> list[dict[str, Any]]:
    """Whose grade would change, those whose score moves most first."""
    differs = np.array([[one != other for other in after] for one in before])
    changed = np.flatnonzero(differs[was, becomes])
    moved = trialled.score_after.astype(np.int64) - trialled.score_before
    order = changed[np.lexsort((changed, -np.abs(moved[changed])))][:MOVERS]
    return [
        {
            "producer": int(trialled.producer[place]),
            "was": before[was[place]],
            "becomes": after[becomes[place]],
            "score_before": int(trialled.score_before[place]),
            "score_after": int(trialled.score_after[place]),
        }
        for place in order.tolist()
    ]
