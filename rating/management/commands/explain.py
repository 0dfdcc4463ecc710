"""``explain PRODUCER --year Y [--json]``: why a producer has its grade of a year."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from archives.models import Producer
from rating.services import explaining, telling


class Command(BaseCommand):
    """Readable text on stdout, or one JSON document."""

    help = "Explain a producer's result of a year: readings, points, points lost, events."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The producer's key, the year, the form."""
        parser.add_argument("producer", help="the producer's key")
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--scheme", default="", help="by this scheme; default: the region's own")
        parser.add_argument("--json", action="store_true", help="one JSON document instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Explain, or say on stderr why not."""
        producer = Producer.objects.filter(key=options["producer"]).first()
        if producer is None:
            raise CommandError(f"there is no producer {options['producer']}")
        try:
            told = explaining.explain(producer, options["year"], options["scheme"])
        except ValidationError as refusal:
            raise CommandError("; ".join(refusal.messages)) from None
        if options["json"]:
            self.stdout.write(json.dumps(telling.as_document(told), ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(telling.as_text(told)))
