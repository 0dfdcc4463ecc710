"""One benchmark inside an installation made for it: JSON on standard output, progress on standard error."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import django

from agricredit.benchmarks import NAMES


def main() -> None:
    """Parse, set up, run."""
    parser = argparse.ArgumentParser(prog="agricredit.benchmarks")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--producers", type=int, required=True)
    parser.add_argument("--years", type=int, default=3)
    parser.add_argument("--scheme", default="gd-r1")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    django.setup()
    if given.name != "live":  # whose messages go to a worker of its own
        _hand_nothing_out()
    sys.stdout.write(json.dumps(_run(given)) + "\n")


def _hand_nothing_out() -> None:
    """Jobs of the benchmark are run by itself: their messages stay in this process."""
    from agricredit.celery import app

    app.conf.update(broker_url="memory://")


def _run(given: argparse.Namespace) -> dict[str, Any]:
    from agricredit.benchmarks import duplicates, imports, live, rating, register, search, whatif

    if given.name == "search":
        return search.run(given.producers)
    if given.name == "duplicates":
        return duplicates.run(given.producers)
    if given.name == "import":
        return imports.run(given.producers)
    if given.name == "register":
        return register.run(given.producers, given.years, given.rounds)
    if given.name == "whatif":
        return whatif.run(given.producers, given.years, given.scheme)
    if given.name == "live":
        return live.run(given.producers, given.years, given.scheme)
    return rating.run(rating.Options(given.producers, given.years, given.scheme))


if __name__ == "__main__":
    main()
