"""``rate --year Y --scheme S --region R [--wait] [--seal N]``: start a rating run (ledger contract)."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from agricredit.foundation.jobs.models import Job, State
from agricredit.foundation.jobs.services import running, sweeping
from archives.services.sealing import LedgerBusyError
from rating.models import RatingRun
from rating.services import runs, schemes

#: Seconds between two looks at shards that other workers are computing.
PAUSE = 0.2


class Command(BaseCommand):
    """Prints only the run's id; with ``--wait`` exits with 0 only when the run is computed."""

    help = "Start a rating run; prints its id."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Year, scheme, region; whether to wait; which seal."""
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--scheme", required=True, help="scheme code, such as gd-r1")
        parser.add_argument("--region", required=True, help="region code; all producers below it are rated")
        parser.add_argument("--wait", action="store_true", help="return when the run is computed")
        parser.add_argument("--trial", action="store_true", help="never noticed, published or in effect")
        parser.add_argument("--seal", type=int, help="size of an existing seal (default: seal now)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start, compute what no worker computes, print the id."""
        schemes.load_shipped()
        try:
            run = runs.start(
                scheme=options["scheme"],
                region=options["region"],
                year=options["year"],
                seal=options["seal"],
                trial=options["trial"],
                actor=None,
            )
        except ValidationError as refusal:
            raise CommandError("; ".join(refusal.messages)) from None
        except LedgerBusyError as busy:
            raise CommandError(str(busy)) from None
        if options["wait"]:
            self._wait(run)
        self.stdout.write(str(run.pk))

    def _wait(self, run: RatingRun) -> None:
        """Run the run's jobs here, whichever no worker has taken, until the run is no longer computing."""
        keys = [f"{runs.SHARD_JOB}:{shard}" for shard in run.shards.values_list("pk", flat=True)]
        mine = Job.objects.filter(key__in=keys)
        while run.state == RatingRun.State.COMPUTING:
            sweeping.revive()
            waiting = list(mine.filter(state=State.QUEUED).order_by("pk").values_list("pk", flat=True))
            if not any(running.run(job_id) for job_id in waiting):
                self._stop_if_over(mine, run)
                time.sleep(PAUSE)
            run.refresh_from_db()
        if run.state == RatingRun.State.FAILED:
            raise CommandError(f"run {run.pk}: {run.error}")

    def _stop_if_over(self, mine: Any, run: RatingRun) -> None:
        run.refresh_from_db()
        if run.state == RatingRun.State.COMPUTING and not mine.active().exists():
            errors = "; ".join(filter(None, mine.order_by("pk").values_list("error", flat=True)))
            raise CommandError(f"run {run.pk}: {errors or 'its jobs were cancelled'}")
