"""``manage.py benchmark [NAME] --producers N [--json]``: seconds, memory, milliseconds, ratios."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agricredit.benchmarks import NAMES
from agricredit.benchmarks.installation import throwaway

PASSED_ON = ("producers", "years", "scheme", "rounds")


class Command(BaseCommand):
    """Each benchmark runs in a process of its own on a throwaway database of the server in use."""

    help = "Times the rating against naive peers, what-if, live scores, search, duplicates, imports, pages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which, how much, and how to print."""
        parser.add_argument("name", nargs="?", choices=NAMES, default="rating")
        parser.add_argument("--producers", type=int, default=100_000)
        parser.add_argument("--years", type=int, default=3, help="years of ledger; the last one is rated")
        parser.add_argument("--scheme", default="gd-r1")
        parser.add_argument("--rounds", type=int, default=15, help="register: how often each page is asked")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it and print what it measured."""
        if min(options["producers"], options["years"], options["rounds"]) < 1:
            raise CommandError("--producers, --years and --rounds are at least 1")
        given = [options["name"], *(f"--{key}={options[key]}" for key in PASSED_ON)]
        with throwaway() as environment:
            done = subprocess.run(
                [sys.executable, "-m", "agricredit.benchmarks", *given],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                raise CommandError(f"the benchmark ended with status {done.returncode}")
            report = json.loads(done.stdout)
            self.stdout.write(json.dumps(report) if options["json"] else "\n".join(_table(report)))


def _table(report: dict[str, Any], indent: str = "") -> list[str]:
    lines = []
    for key, value in report.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", *_table(value, indent + "  ")]
        else:
            lines.append(f"{indent}{key:<{32 - len(indent)}}{value}")
    return lines
