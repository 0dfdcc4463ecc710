"""``verify_log``: recompute the sealed ledger from its rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from archives.ledger import verify_log
from archives.models import CreditEvent, Seal
from archives.services import proofs
from archives.services.verification import verify


class Command(BaseCommand):
    """Check every leaf, tile, root, chain value and kept note; or write proofs for others to check."""

    help = (
        "Recompute the sealed ledger from its rows and name the first event that differs. With --proof or "
        "--since, write proof documents and the stand-alone script that checks them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to prove, and where the documents go."""
        parser.add_argument("--proof", metavar="UID", action="append", default=[], help="prove this event")
        parser.add_argument(
            "--since", type=int, metavar="N", help="prove that the last seal continues seal N"
        )
        parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="folder of the documents")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0 only when nothing differs and every proof asked for was written."""
        result = verify()
        if result.faults:
            raise CommandError("\n".join(result.faults))
        self.stdout.write(f"{result.events} events, {result.seals} seals: ok")
        if options["proof"] or options["since"] is not None:
            self._write_proofs(options["proof"], options["since"], options["out"])

    def _write_proofs(self, uids: list[str], since: int | None, folder: Path) -> None:
        try:
            documents = _documents(uids, since)
        except (proofs.ProofError, CreditEvent.DoesNotExist, Seal.DoesNotExist) as error:
            raise CommandError(str(error)) from error
        folder.mkdir(parents=True, exist_ok=True)
        for number, document in enumerate(documents):
            path = folder / f"proof-{number}-{document['type']}.json"
            path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            self.stdout.write(str(path))
        shutil.copy(verify_log.__file__, folder / "verify_log.py")


def _documents(uids: list[str], since: int | None) -> list[dict[str, Any]]:
    last = Seal.objects.order_by("-size").first()
    if last is None:
        raise proofs.ProofError("nothing is sealed yet")
    documents = [proofs.seals_document()]
    documents += [proofs.inclusion_document(CreditEvent.objects.get(uid=uid), last) for uid in uids]
    if since is not None:
        documents.append(proofs.consistency_document(Seal.objects.get(size=since), last))
    return documents
