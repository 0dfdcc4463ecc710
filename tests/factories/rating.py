"""Schemes, runs and results for tests; runs are started by the services, results computed by the engine."""

from __future__ import annotations

from datetime import date

import numpy as np
from django.db import connection

from agricredit.foundation.common.clock import now
from rating.engine.columns import NO_READING, NOT_APPLICABLE
from rating.models import Rating, RatingRun
from rating.services import schemes, serving
from tests.factories.archives import ProducerFactory


def shipped(code="gd-r1"):
    """A shipped scheme in force."""
    return next(row for row in schemes.load_shipped() if row.code == code)


def make_run(*, results=(), state="computed", scheme="gd-r1", region="440823", year=2024, **fields):
    """A run as the services leave it, with the results given as dictionaries (see :func:`make_rating`)."""
    row = shipped(scheme)
    run = RatingRun.objects.create(
        scheme=row,
        region_code=region,
        year=year,
        window_end=date(year, 12, 31),
        seal_size=0,
        seal_root="0" * 64,
        roll_path="",
        roll_sha256="",
        producers=len(results),
        started_at=now(),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT rating_open_partition(%s)", [run.pk])
        cursor.execute("SELECT rating_close_partition(%s)", [run.pk])
    for result in results:
        make_rating(run=run, **result)
    RatingRun.objects.filter(pk=run.pk).update(state=state, **fields)
    run.refresh_from_db()
    return run


def make_rating(*, run, producer=None, **fields):
    """One result; AAA 85.00 unless told otherwise."""
    producer = producer or ProducerFactory(region=run.region_code)
    columns = len(schemes.parsed(run.scheme).columns)
    values = {
        "kind": 2,
        "nature": 1,
        "region_id": producer.region_id,
        "registered_on": producer.registered_on,
        "base": 8500,
        "bonus": 0,
        "deductions": 0,
        "score": 8500,
        "able": 10000,
        "grade": "AAA",
        "status": "rated",
        "points": np.full(columns, NOT_APPLICABLE, "<i4").tobytes(),
        "readings": np.full(columns, NO_READING, "<i8").tobytes(),
    }
    return Rating.objects.create(run=run, producer=producer, **(values | fields))


HANDED = {"method": "direct", "recipient": "负责人"}


def served(decision, actor, *, on=None, **how):
    """The decision after its next document (the notice, then the decision) was handed over."""
    serve = serving.serve_decision if decision.state == "confirmed" else serving.serve_notice
    return serve(decision=decision, actor=actor, on=on, **(HANDED | how))
