"""``verify_rating RUN | --all``: recompute past runs, find them identical or name what differs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rating.models import RatingRun
from rating.services import verifying


class Command(BaseCommand):
    """A line a run on standard output, its first difference on standard error. Exit 0: all identical."""

    help = "Recompute rating runs from ledger, seal, frozen roll and scheme; name the first difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One run by its id, or every run that has results."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("run", nargs="?", type=int, help="the run's id")
        which.add_argument("--all", action="store_true", help="every run that has results")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify one after the other; a difference in one does not spare the next."""
        different = [run for run in self._runs(options["run"]) if not self._identical(run)]
        if different:
            numbers = ", ".join(str(run.pk) for run in different)
            raise CommandError(f"not identical: run {numbers}")

    def _runs(self, number: int | None) -> list[RatingRun]:
        runs = RatingRun.objects.select_related("scheme")
        if number is None:
            return list(runs.filter(state__in=verifying.VERIFIABLE).order_by("pk"))
        found = list(runs.filter(pk=number))
        if not found:
            raise CommandError(f"there is no run {number}")
        return found

    def _identical(self, run: RatingRun) -> bool:
        try:
            verdict = verifying.verify(run)
        except verifying.NotVerifiable as refusal:
            raise CommandError(f"run {run.pk}: {refusal}") from None
        if verdict.difference is not None:
            self.stderr.write(f"run {run.pk}: {verdict.difference}")
            return False
        later = ", ".join(f"{count} by {basis}" for basis, count in sorted(verdict.later.items()))
        self.stdout.write(
            f"run {run.pk}: identical, {verdict.producers} producers, later versions: {later or 'none'}"
        )
        return True
