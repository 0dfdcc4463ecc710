"""``simulate --scheme FILE|CODE[:VERSION] --run RUN``: a scheme over a past run, before it is adopted."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from rating.engine.parsing import SchemeError
from rating.models import RatingRun, Scheme
from rating.services import simulation


class Command(BaseCommand):
    """Prints the result as JSON and keeps it, as a page that officers of the region can open."""

    help = "Apply a scheme to the facts of a past run: migration matrix, movers, counties, kinds, cost."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which scheme, which run, and perhaps only one division of it."""
        parser.add_argument("--scheme", required=True, help="a YAML or JSON file, or a code[:version]")
        parser.add_argument("--run", required=True, type=int, help="the run's id")
        parser.add_argument("--region", default="", help="only this division below the run's")
        parser.add_argument("--title", default="", help="what the page is called")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask and answer at once; faults one a line."""
        run = RatingRun.objects.select_related("scheme").filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"there is no run {options['run']}")
        try:
            row = simulation.ask(
                document=self._document(options["scheme"]),
                run=run,
                region=options["region"],
                title=options["title"],
                actor=None,
            )
        except SchemeError as broken:
            raise CommandError("\n".join(broken.faults)) from None
        except ValidationError as refusal:
            raise CommandError("; ".join(refusal.messages)) from None
        answered = simulation.answer(row.pk)
        self.stdout.write(json.dumps({"simulation": row.pk} | (answered.result or {}), ensure_ascii=False))

    def _document(self, name: str) -> dict[str, Any]:
        path = Path(name)
        if path.suffix in (".yaml", ".yml", ".json"):
            try:
                found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
            except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
                raise CommandError(f"{name}: {error}") from None
            return found
        code, _colon, version = name.partition(":")
        rows = Scheme.objects.filter(code=code).order_by("-pk")
        row = (rows.filter(version=version) if version else rows).first()
        if row is None:
            raise CommandError(f"there is no scheme {name}")
        document: dict[str, Any] = row.document
        return document
