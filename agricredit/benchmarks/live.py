"""The live score: one by the service alone, and a hundred a second the whole way from commit to standing."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from agricredit.benchmarks import dataset, stream, timing
from agricredit.foundation.common.clock import today
from archives.services.ledger import EventDraft, post
from rating.models import Scheme
from rating.services import live, schemes

SAMPLE = 300
#: Events of the stream: ten seconds of it.
STREAM = 1000


def run(producers: int, years: int, scheme: str) -> dict[str, Any]:
    """Post one event to each of some producers; time the re-score that follows each."""
    made = dataset.rating_world(producers, years)
    schemes.load_shipped()
    row = Scheme.objects.filter(code=scheme).latest("pk")
    if row.state != row.State.IN_FORCE:
        row = schemes.bring_into_force(scheme=row, valid_from=date(2020, 1, 1))
    schemes.assign(region_code="44", scheme=row, valid_from=date(2020, 1, 1))
    mixed = random.Random(1).sample(range(1, producers + 1), min(SAMPLE + STREAM, producers))  # noqa: S311 - a sample
    chosen, streamed = mixed[: max(SAMPLE, 1)], mixed[SAMPLE:]
    post(_harvest(producer) for producer in chosen)
    live.rescore(chosen[:1])  # connections, imports, plans
    times = timing.each(lambda producer: live.rescore([producer]), chosen)
    return {
        "benchmark": "live",
        "producers": producers,
        "years": years,
        "scheme": scheme,
        "rescored": len(chosen),
        "seconds": {"data": round(made, 1)},
        "one_rescore": timing.percentiles(times),
        "stream": stream.run(_harvest, streamed) if len(streamed) > 1 else {},
    }


def _harvest(producer: int) -> EventDraft:
    return EventDraft(
        uid=f"benchmark-{producer}",
        producer_id=producer,
        kind="harvest.recorded",
        outcome="pass",
        value=None,
        occurred_on=today(),
        region="440823",
        source="benchmark",
    )
