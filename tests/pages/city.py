"""A small city that has been rated: what the public pages are tested on."""

import datetime

import numpy as np
from django.db import connection

from archives.models import ProducerKind, ProducerNature
from rating.models import Rating, RatingRun, Scheme, Standing
from rating.services.schemes import load_shipped, parsed

NOT_APPLICABLE = np.iinfo(np.int32).min


def scheme(code="gd-r1"):
    """The shipped scheme, loaded once."""
    found = Scheme.objects.filter(code=code).first()
    if found is None:
        load_shipped()
        found = Scheme.objects.get(code=code)
    return found


def effective_run(year=2025, code="gd-r1", region="4408", **fields):
    """A run of the home city in effect since 1 March of the next year."""
    defaults = {
        "scheme": scheme(code),
        "region_code": region,
        "year": year,
        "window_end": datetime.date(year, 12, 31),
        "state": RatingRun.State.EFFECTIVE,
        "seal_size": 12,
        "seal_root": "ab" * 32,
        "roll_path": "roll.parquet",
        "roll_sha256": "cd" * 32,
        "producers": 10,
        "started_at": datetime.datetime(year + 1, 1, 5, tzinfo=datetime.UTC),
        "effective_on": datetime.date(year + 1, 3, 1),
    }
    wanted = {**defaults, **fields}
    run = RatingRun.objects.create(**{**wanted, "state": RatingRun.State.COMPUTING})
    with connection.cursor() as cursor:
        cursor.execute("SELECT rating_open_partition(%s)", [run.pk])
        cursor.execute("SELECT rating_close_partition(%s)", [run.pk])
    run.state = wanted["state"]
    run.save()
    return run


def points_of(run, **given):
    """Points (hundredths) in the scheme's column order: full marks unless a code is given other points."""
    found = parsed(run.scheme)
    row = [given.get(item.code, item.points) for item in found.criteria]
    row += [given.get(item.code, 0) for item in (*found.bonus, *found.deductions)]
    return np.array(row, dtype="<i4").tobytes()


def rate(producer, grade="AAA", run=None, status="rated", score=8500, official=True, points=None, vetoes=0):
    """A result of a producer in a run and, when official, its standing."""
    run = run or RatingRun.objects.filter(year=2025).first() or effective_run()
    rating = Rating.objects.create(
        run=run,
        producer=producer,
        kind=ProducerKind.values.index(producer.kind) + 1,
        nature=ProducerNature.values.index(producer.nature) + 1,
        region_id=producer.region_id,
        registered_on=producer.registered_on,
        base=score,
        bonus=0,
        deductions=0,
        score=score,
        able=10000,
        grade=grade,
        status=status,
        vetoes=vetoes,
        points=points_of(run, **(points or {})),
        readings=b"",
    )
    if official:
        Standing.objects.update_or_create(
            producer=producer,
            defaults={
                "status": status,
                "official_grade": grade,
                "official_score": score,
                "official_year": run.year,
                "official_run": run,
                "official_version": 1,
                "since": run.effective_on,
            },
        )
    return rating
