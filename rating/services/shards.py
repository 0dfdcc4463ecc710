"""Computing a run's shards: claim; compute and COPY in one transaction; check the claim; close at the last.

May be killed at any instant. A shard that is not done is simply computed again: nothing of it was committed.
A worker that was believed dead and comes back finds its claim taken and rolls back, so nothing is doubled.
"""

from __future__ import annotations

import uuid
from functools import partial

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F

from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import now
from agricredit.foundation.jobs.registry import ClaimLost, JobCancelled, JobHandle
from agricredit.foundation.jobs.services.running import MAX_ATTEMPTS, describe, is_final
from archives.models import Seal
from rating.engine import score as engine
from rating.engine.columns import Window
from rating.models import RatingRun, RunShard
from rating.services import measures, reading, review, rolls, runs, schemes, writing

State = RunShard.State


def compute(*, shard_id: int, handle: JobHandle) -> None:
    """Compute a shard unless it is done, then close the run if it was the last. Idempotent.

    An error on the job's last attempt fails the run; the error itself is the job's to report.
    """
    shard = RunShard.objects.select_related("run__scheme").get(pk=shard_id)
    try:
        _compute(shard, handle)
        close(run_id=shard.run_id)
    except (ClaimLost, JobCancelled):
        raise
    except Exception as error:
        if is_final(error) or handle.job.attempts >= MAX_ATTEMPTS:
            if not connection.in_atomic_block:  # the server may have gone: the next query reconnects
                connection.close_if_unusable_or_obsolete()
            runs.fail(run_id=shard.run_id, error=describe(error))
        raise


def _compute(shard: RunShard, handle: JobHandle) -> None:
    claim = _claim(shard)
    if claim is None:
        return
    run, scheme = shard.run, schemes.parsed(shard.run.scheme)
    window = Window.year(run.year)
    frozen = rolls.read(run).part(shard.low, shard.high)
    last_id = Seal.objects.get(pk=run.seal_size).last_id
    path = measures.shard_path(run.pk, shard.number, claim)
    done = 0
    with transaction.atomic(), measures.Recorder(scheme, path) as recorder:
        events, tie_break = reading.read(scheme, frozen, window, last_id=last_id)
        handle.progress(0, shard.producers)
        with writing.Writer(run.pk, scheme, frozen) as writer:
            for results in engine.score_blocks(
                scheme, events, frozen.roll, window, tie_break, observe=recorder.take
            ):
                writer.add(results)
                done += len(results)
                handle.progress(done, shard.producers)
        _commit_claim(shard, claim, path)


def _claim(shard: RunShard) -> uuid.UUID | None:
    """Take the shard over from whoever had it, by one committed UPDATE; None when it is done or given up."""
    claim = uuid.uuid4()
    won = (
        RunShard.objects.undone()
        .filter(pk=shard.pk, run__state=RatingRun.State.COMPUTING)
        .update(state=State.COMPUTING, claim=claim, claimed_at=now(), attempts=F("attempts") + 1)
    )
    return claim if won else None


def _commit_claim(shard: RunShard, claim: uuid.UUID, path: str) -> None:
    """The last statement of the shard's transaction: with the claim gone, everything rolls back."""
    mine = RunShard.objects.filter(pk=shard.pk, claim=claim, run__state=RatingRun.State.COMPUTING)
    if not mine.update(state=State.DONE, done_at=now(), measures_path=path):
        raise ClaimLost


def _delete(paths: list[str]) -> None:
    for path in paths:
        default_storage.delete(path)


def close(*, run_id: int) -> bool:
    """When no shard is left: key and attach the partition, join the measures, sum up. Idempotent.

    Of several that finish at once the run's row lets one in; a crash before its commit leaves it to the next.
    """
    with transaction.atomic():
        run = RatingRun.objects.select_for_update().select_related("scheme").get(pk=run_id)
        if run.state != RatingRun.State.COMPUTING or run.shards.undone().exists():
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT rating_close_partition(%s)", [run.pk])
        parts = list(run.shards.order_by("number").values_list("measures_path", flat=True))
        run.measures_path = measures.join(run.pk, parts)
        run.summary = review.summarise(run)
        run.state, run.computed_at = RatingRun.State.COMPUTED, now()
        run.save(update_fields=["measures_path", "summary", "state", "computed_at"])
        audit.record(
            verb="run.computed",
            target=run,
            region_code=run.region_code,
            run=str(run),
            **run.summary["statuses"],
        )
        transaction.on_commit(partial(_delete, parts))
    return True
