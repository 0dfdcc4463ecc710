"""``export_ratings RUN FILE``: a run's results as ``ratings.csv`` of the ledger contract."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rating.models import RatingRun
from rating.services import exporting

_WITH_RESULTS = (
    RatingRun.State.COMPUTED,
    RatingRun.State.IN_REVIEW,
    RatingRun.State.PUBLIC_NOTICE,
    RatingRun.State.EFFECTIVE,
    RatingRun.State.SUPERSEDED,
)


class Command(BaseCommand):
    """Writes a file beside and renames it, so that a file there is is a whole one."""

    help = "Write a run's results as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The run's id and the file."""
        parser.add_argument("run", type=int)
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Export; one line on stderr says how many rows."""
        run = RatingRun.objects.select_related("scheme").filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"there is no run {options['run']}")
        if run.state not in _WITH_RESULTS:
            raise CommandError(f"run {run.pk} is {run.state}: it has no results to export")
        target: Path = options["file"]
        unfinished = target.with_name(target.name + ".part")
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                count = exporting.export_csv(run, file)
            unfinished.replace(target)
        except OSError as error:
            raise CommandError(f"{target}: {error.strerror}") from None
        finally:
            unfinished.unlink(missing_ok=True)
        self.stderr.write(f"{count} ratings written to {target}")
