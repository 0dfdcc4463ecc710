"""``seal``: seal the ledger now and print the seal's number."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from archives.services.sealing import LedgerBusyError, seal


class Command(BaseCommand):
    """Print the number of the seal (how many events it covers); that number is what ``rate --seal`` takes."""

    help = "Seal the ledger and print the seal's number: how many events it covers."

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal; exit status 1 when writers never paused."""
        try:
            made = seal()
        except LedgerBusyError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(made.size))
