#!/usr/bin/env python3
"""The command line. Without DATABASE_URL and REDIS_URL it brings up the embedded engines first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Commands that touch no database; what they say must not depend on engines that may not fit the machine.
WITHOUT_ENGINES = frozenset(
    {
        "",
        "check",
        "collectstatic",
        "compile_catalogues",
        "create_secrets",
        "diffsettings",
        "down",
        "findstatic",
        "help",
        "makemessages",
        "makemigrations",
        "spectacular",
        "version",
    }
)
# Commands that look at engines which run, and start none.
ONLY_RUNNING = frozenset({"doctor"})


def main(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    from agricredit.foundation import embedded

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "agricredit.settings")
    try:
        name_engines(arguments)
    except embedded.EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1

    from django.core.management import execute_from_command_line

    execute_from_command_line(arguments)
    return 0


def name_engines(arguments: list[str]) -> None:
    """Name the embedded engines in the environment when it names none and the command needs some."""
    from agricredit.foundation import embedded

    command = next((word for word in arguments[1:] if not word.startswith("-")), "")
    asks_for_help = {"--help", "-h", "--version"} & set(arguments[1:])
    if not embedded.wanted() or asks_for_help or command in WITHOUT_ENGINES:
        return
    if command in ONLY_RUNNING:
        embedded.attach()
        return
    started = embedded.ensure()
    if started:
        sys.stderr.write(f"Started {' and '.join(started)} ({embedded.pair().home.root}).\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.exit(main(sys.argv))
