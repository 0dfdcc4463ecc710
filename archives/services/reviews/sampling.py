"""The random subset: drawn once for a township and a week, from a kept seed, so that it can be drawn again.

The pool is every record entered in the period that stood and was not put up already, whatever its noun; it is
ordered by SHA-256 of ``seed:uid`` and the first of it are put up.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.jobs import services as jobs
from agricredit.foundation.jobs.models import Job
from archives.models import Region, RegionLevel, ReviewSample, ReviewSetting
from archives.services.records import NOUNS

JOB = "archives.draw_reviews"
PERCENT, LEAST, MOST = 5, 5, 50
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Redrawn:
    """A draw done again: the pool's size and hash as they come out now, and the uids chosen."""

    pool_size: int
    pool_hash: str
    uids: list[str]


def request(*, region: str, first: date, last: date, actor: Any = None) -> Job:
    """Put the draw of a division's townships on the list."""
    title = _("抽取待核实的生产记录（%(region)s，%(first)s至%(last)s）")
    return jobs.enqueue(
        kind=JOB,
        title=title % {"region": region or _("全部"), "first": first, "last": last},
        args={"region": region, "first": first.isoformat(), "last": last.isoformat()},
        key=f"{JOB}:{region}:{first}",
        created_by=actor,
        region_code=region,
    )


def last_week(day: date | None = None) -> tuple[date, date]:
    """Monday and Sunday of the week before ``day`` (today)."""
    on = day or clock.today()
    monday = on - timedelta(days=on.weekday() + 7)
    return monday, monday + timedelta(days=6)


@transaction.atomic
def draw(*, region: str, first: date, last: date, actor: Any = None) -> list[ReviewSample]:
    """Draw for every township under ``region`` that was not drawn for the period yet; the new samples.

    Townships in which nothing was entered get none.
    """
    if last < first or last >= clock.today():
        raise ValidationError(_("只能抽取已经结束的一段时间。"))
    known = ReviewSample.objects.filter(first=first, last=last).values("region_id")
    townships = Region.objects.subtree(region).filter(level=RegionLevel.TOWNSHIP).exclude(pk__in=known)
    settings = _settings()
    now = clock.now()
    wanted = [
        ReviewSample(
            region_id=code, first=first, last=last, seed=secrets.token_hex(16), drawn_at=now, drawn_by=actor,
            **setting_of(code, settings),
        )
        for code in townships.values_list("pk", flat=True)
    ]  # fmt: skip
    ReviewSample.objects.bulk_create(wanted, ignore_conflicts=True)
    # A draw at the same moment has its own seeds: only ours are drawn here.
    ours = ReviewSample.objects.filter(seed__in=[sample.seed for sample in wanted])
    _put_up(region, first, last, list(ours.values_list("pk", flat=True)), now)
    ours.filter(pool_size=0).delete()
    drawn = list(ours.order_by("region_id"))
    if drawn:
        record(
            verb="reviews.drawn", actor=actor, region_code=region, townships=len(drawn),
            count=sum(sample.size for sample in drawn), first=first, last=last,
        )  # fmt: skip
    return drawn


def redraw(sample: ReviewSample) -> Redrawn:
    """Draw again with the sample's own seed, from the pool as it was at its moment.

    Records whose producer has moved to another township since are missing: then the pool's hash differs.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_pool(first_ids=False)} SELECT count(*), encode(sha256(convert_to("  # noqa: S608 - own table names
            " coalesce(string_agg(uid::text, E'\\n' ORDER BY uid), ''), 'UTF8')), 'hex') FROM pool",
            _given(sample.region_id, sample.first, sample.last, sample.drawn_at),
        )
        size, digest = cursor.fetchone()
        cursor.execute(
            f"{_pool(first_ids=False)} SELECT uid::text FROM pool"  # noqa: S608 - own table names
            " ORDER BY sha256(convert_to(%(seed)s || ':' || uid::text, 'UTF8')), uid LIMIT %(size)s",
            {
                **_given(sample.region_id, sample.first, sample.last, sample.drawn_at),
                "seed": sample.seed,
                "size": sample.size,
            },
        )
        return Redrawn(size, digest, [uid for (uid,) in cursor.fetchall()])


@transaction.atomic
def configure(*, region: Region, percent: int, least: int, most: int, actor: Any = None) -> ReviewSetting:
    """Set how much is drawn in a division each week: a share, but at least and at most so many."""
    if not 1 <= percent <= 100:
        raise ValidationError({"percent": _("抽取比例应为1至100。")})
    if not 0 <= least <= most <= MOST_AT_ONCE:
        raise ValidationError({"most": _("条数应为最少≤最多，且最多不超过%(n)d条。") % {"n": MOST_AT_ONCE}})
    row, _made = ReviewSetting.objects.update_or_create(
        region=region, defaults={"percent": percent, "least": least, "most": most}
    )
    record(
        verb="reviews.configured", actor=actor, target=region, region_code=region.code, percent=percent,
        least=least, most=most,
    )  # fmt: skip
    return row


def setting_of(code: str, settings: dict[str, dict[str, int]] | None = None) -> dict[str, int]:
    """What holds for a division: its own setting, or that of the nearest division above it."""
    known = _settings() if settings is None else settings
    for length in (9, 6, 4, 2):
        if len(code) >= length and code[:length] in known:
            return known[code[:length]]
    return {"percent": PERCENT, "least": LEAST, "most": MOST}


def _settings() -> dict[str, dict[str, int]]:
    rows = ReviewSetting.objects.values_list("region_id", "percent", "least", "most")
    return {code: {"percent": percent, "least": least, "most": most} for code, percent, least, most in rows}


def _given(region: str, first: date, last: date, drawn_at: datetime) -> dict[str, Any]:
    return {
        "region": f"{region}%",
        "begin": datetime.combine(first, time.min, clock.SHANGHAI),
        "end": datetime.combine(last + timedelta(days=1), time.min, clock.SHANGHAI),
        "drawn_at": drawn_at,
    }


def _pool(*, first_ids: bool) -> str:
    """WITH pool: one SELECT a noun; ``first_ids`` keeps what the insert needs besides."""
    columns = ", r.producer_id, r.occurred_on, r.entered_at, r.recorded_by_id" if first_ids else ""
    selects = " UNION ALL ".join(
        f"SELECT '{name}' AS noun, r.uid, left(p.region_id, 9) AS township{columns}"  # noqa: S608 - names of our own tables and columns
        f" FROM {noun.model._meta.db_table} r JOIN archives_producer p ON p.id = r.producer_id"
        " WHERE r.entered_at >= %(begin)s AND r.entered_at < %(end)s AND p.region_id LIKE %(region)s"
        " AND (r.status = 'active' OR r.reversed_at > %(drawn_at)s)"
        " AND NOT EXISTS (SELECT 1 FROM archives_recordreview v WHERE v.uid = r.uid"
        f" AND v.noun = '{name}' AND v.put_up_at < %(drawn_at)s)"
        for name, noun in sorted(NOUNS.items())
    )
    return f"WITH pool AS ({selects})"


def _put_up(region: str, first: date, last: date, samples: list[int], now: datetime) -> None:
    given = {**_given(region, first, last, now), "samples": samples}
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_pool(first_ids=True)}, counted AS ("  # noqa: S608 - own table names
            " SELECT township, count(*) AS size, encode(sha256(convert_to("
            "  string_agg(uid::text, E'\\n' ORDER BY uid), 'UTF8')), 'hex') AS hash"
            " FROM pool GROUP BY township"
            "), sized AS ("
            " UPDATE archives_reviewsample s SET pool_size = c.size, pool_hash = c.hash, size = least("
            "  c.size, s.most, greatest(s.least, (c.size * s.percent + 99) / 100))"
            " FROM counted c WHERE s.id = ANY(%(samples)s) AND s.region_id = c.township"
            " RETURNING s.id, s.region_id, s.seed, s.size"
            "), ranked AS ("
            " SELECT pool.*, s.id AS sample, s.size, row_number() OVER (PARTITION BY s.id"
            "  ORDER BY sha256(convert_to(s.seed || ':' || pool.uid::text, 'UTF8')), pool.uid) AS place"
            " FROM pool JOIN sized s ON s.region_id = pool.township"
            ") INSERT INTO archives_recordreview (noun, uid, producer_id, occurred_on, entered_at,"
            "  recorded_by_id, flags, notes, sample_id, put_up_at, state, reason, answer)"
            " SELECT noun, uid, producer_id, occurred_on, entered_at, recorded_by_id, ARRAY['sample'],"
            "  '{}'::jsonb, sample, %(drawn_at)s, 'open', '', '' FROM ranked WHERE place <= size"
            " ON CONFLICT (noun, uid) DO NOTHING",
            given,
        )
