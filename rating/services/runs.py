"""Starting a rating run, watching it, giving it up."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import polars as pl
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import now, today
from agricredit.foundation.common.db import Lock, try_lock
from agricredit.foundation.common.templatetags.formats import full_date
from agricredit.foundation.jobs import services as jobs
from archives.models import Region, Seal
from archives.services import sealing
from rating.models import RatingRun, RunShard, Scheme
from rating.services import rolls
from rating.services.access import require

#: Producers a shard: about 0.8 GB in the worker that computes it. Each shard scans the year once.
SHARD_PRODUCERS = 500_000
SHARD_JOB = "rating.run_shard"


class AlreadyStarted(ValidationError):
    """The same scheme, region and year is being rated, or waits for its next step; ``run`` is that run."""

    def __init__(self, run: RatingRun | None, message: str) -> None:
        """Carry the run there is, so that a caller may show it."""
        super().__init__(message, code="already_started")
        self.run = run


def start(
    *,
    scheme: str,
    region: str,
    year: int,
    actor: User | None,
    seal: int | None = None,
    shard_producers: int = SHARD_PRODUCERS,
    trial: bool = False,
) -> RatingRun:
    """Freeze the roll, seal the ledger (or name a seal by its size), and hand the shards to the workers.

    Refused with a sentence (ValidationError, nothing written): an unknown scheme, region or seal; a year that
    is not over; a region without producers to rate; a run of the same scheme, region and year still open
    (AlreadyStarted). PermissionDenied for want of ``rating.start_ratingrun`` or of the region. A ``trial``
    (试评价) is computed and reviewed like any run and can never be noticed or take effect; one of each may
    be open.
    """
    require(actor, "rating.start_ratingrun", region)
    row = _scheme(scheme)
    window_end = _window_end(year)
    place = _region(region)
    _refuse_second(row, region, year, trial)
    sealed = _seal(seal)
    try:
        with transaction.atomic():
            if not try_lock(Lock.RATING_RUN, _lock_key(row, region, year, trial)):
                raise AlreadyStarted(None, _("同一方案、地区和年度的评价正在由他人发起，请稍候刷新查看。"))
            _refuse_second(row, region, year, trial)
            return _created(row, place, year, window_end, sealed, actor, shard_producers, trial)
    except IntegrityError:
        _refuse_second(row, region, year, trial)
        raise


def cancel(*, run: RatingRun, reason: str, actor: User | None) -> RatingRun:
    """Give up a run that never had effect; its results are dropped. Refused once it is effective."""
    require(actor, "rating.cancel_ratingrun", run.region_code)
    if not reason.strip():
        raise ValidationError(_("请写明取消的原因。"), code="reason")
    with transaction.atomic():
        changed = RatingRun.objects.filter(
            pk=run.pk, state__in=[*RatingRun.OPEN_STATES, RatingRun.State.FAILED]
        ).update(state=RatingRun.State.CANCELLED, error=reason)
        if not changed:
            raise ValidationError(_("已生效或已取消的评价不能取消。"), code="state")
        if run.decisions.exclude(state="withdrawn").exists():
            raise ValidationError(_("该评价已有告知或认定，请先撤回后再取消。"), code="decisions")
        with connection.cursor() as cursor:
            cursor.execute("SELECT rating_discard_partition(%s)", [run.pk])
        audit.record(
            verb="run.cancelled",
            actor=actor,
            target=run,
            region_code=run.region_code,
            run=str(run),
            reason=reason,
        )
    run.refresh_from_db()
    return run


def retry(*, run: RatingRun, actor: User | None) -> RatingRun:
    """Compute the shards that are not done yet once more; what is done stays. Harmless while they run."""
    require(actor, "rating.start_ratingrun", run.region_code)
    with transaction.atomic():
        RatingRun.objects.filter(pk=run.pk, state=RatingRun.State.FAILED).update(
            state=RatingRun.State.COMPUTING, error=""
        )
        run.refresh_from_db()
        if run.state != RatingRun.State.COMPUTING:
            raise ValidationError(_("只有失败或计算中的评价可以重新计算。"), code="state")
        # With every shard done only the closing is missing, which any shard's job does.
        _enqueue(run, list(run.shards.undone()) or list(run.shards.all()[:1]), actor)
        audit.record(verb="run.retried", actor=actor, target=run, region_code=run.region_code, run=str(run))
    return run


def fail(*, run_id: int, error: str) -> None:
    """Mark a computing run as failed; called when a shard has used up its attempts."""
    with transaction.atomic():
        run = RatingRun.objects.select_for_update().get(pk=run_id)
        if run.state != RatingRun.State.COMPUTING:
            return
        run.state, run.error = RatingRun.State.FAILED, error
        run.save(update_fields=["state", "error"])
        audit.record(verb="run.failed", target=run, region_code=run.region_code, run=str(run), error=error)


def _scheme(code: str) -> Scheme:
    row = Scheme.objects.in_force().filter(code=code).first()
    if row is None:
        known = "、".join(Scheme.objects.in_force().values_list("code", flat=True)) or _("无")
        raise ValidationError(
            _("没有施行中的评价方案 %(code)s（现有：%(known)s）。") % {"code": code, "known": known},
            code="unknown_scheme",
        )
    return row


def _window_end(year: int) -> date:
    if not 2000 <= year <= 9998:
        raise ValidationError(_("评价年度 %(year)s 无效。") % {"year": year}, code="year")
    end = date(year, 12, 31)
    if end >= today():
        raise ValidationError(
            _("%(year)s年度尚未结束，%(next)s年1月1日起才能评价。") % {"year": year, "next": year + 1},
            code="year_not_over",
        )
    return end


def _region(code: str) -> Region:
    found = Region.objects.filter(pk=code).first()
    if found is None:
        raise ValidationError(_("没有代码为 %(code)s 的行政区划。") % {"code": code}, code="unknown_region")
    return found


def _seal(size: int | None) -> Seal:
    if size is None:
        return sealing.seal()
    found = Seal.objects.filter(pk=size).first()
    if found is None:
        raise ValidationError(_("没有条数为 %(size)s 的账本封存。") % {"size": size}, code="unknown_seal")
    return found


def _lock_key(scheme: Scheme, region: str, year: int, trial: bool) -> int:
    """A 31-bit key; two different runs that share one merely wait for each other's start."""
    return hash((scheme.pk, int(region), year, trial)) % 2**31


def _refuse_second(scheme: Scheme, region: str, year: int, trial: bool) -> None:
    open_run = RatingRun.objects.filter(
        scheme__code=scheme.code,
        region_code=region,
        year=year,
        trial=trial,
        state__in=RatingRun.OPEN_STATES,
    ).first()
    if open_run is not None:
        raise AlreadyStarted(
            open_run,
            _("%(run)s的评价（编号%(id)s）已经发起，现为“%(state)s”；请先办结或取消它。")
            % {"run": open_run, "id": open_run.pk, "state": open_run.get_state_display()},
        )


def _created(
    scheme: Scheme,
    place: Region,
    year: int,
    day: date,
    seal: Seal,
    actor: User | None,
    shard_producers: int,
    trial: bool,
) -> RatingRun:
    rows = rolls.select(region=place.code, scheme_code=scheme.code, year=year, day=day)
    ids = rows.filter(pl.col("producer") == pl.col("root"))["producer"]
    if ids.is_empty():
        raise ValidationError(
            _("%(region)s没有在%(day)s以前建档、可以评价的生产主体。")
            % {"region": place, "day": full_date(day)},
            code="empty_region",
        )
    run = RatingRun.objects.create(
        scheme=scheme,
        region_code=place.code,
        region_name=str(place),
        year=year,
        trial=trial,
        window_end=day,
        seal_size=seal.pk,
        seal_root=bytes(seal.root).hex(),
        producers=len(ids),
        started_by=actor,
        started_at=now(),
    )
    run.roll_path, run.roll_sha256 = rolls.store(run.pk, rows)
    run.save(update_fields=["roll_path", "roll_sha256"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT rating_open_partition(%s)", [run.pk])
    _enqueue(run, _shards(run, ids, shard_producers), actor)
    audit.record(
        verb="run.started",
        actor=actor,
        target=run,
        region_code=place.code,
        run=str(run),
        producers=run.producers,
        seal=run.seal_size,
    )
    return run


def _shards(run: RatingRun, ids: pl.Series, size: int) -> list[RunShard]:
    """Contiguous id ranges of nearly equal numbers of producers (a split by county would need a join)."""
    count = -(-len(ids) // size)
    edges = [len(ids) * number // count for number in range(count + 1)]
    return RunShard.objects.bulk_create(
        RunShard(run=run, number=number + 1, low=ids[first], high=ids[last - 1], producers=last - first)
        for number, (first, last) in enumerate(pairwise(edges))
    )


def _enqueue(run: RatingRun, shards: list[RunShard], actor: User | None) -> None:
    for shard in shards:
        jobs.enqueue(
            kind=SHARD_JOB,
            title=_("%(run)s评价 第%(number)s片") % {"run": run, "number": shard.number},
            args={"shard": shard.pk},
            key=f"{SHARD_JOB}:{shard.pk}",
            created_by=actor,
            region_code=run.region_code,
        )
