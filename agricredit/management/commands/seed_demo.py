"""``manage.py seed_demo``: the generated demo city."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from agricredit.demo import city


class Command(BaseCommand):
    """Builds the demo city once; running it again completes it or does nothing."""

    help = "建立演示城市（生成的数据，只用于演示）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Size and seed."""
        parser.add_argument("--producers", type=int, default=2000, help="生产主体数量（默认 2000）")
        parser.add_argument("--seed", type=int, default=4408, help="随机种子；相同种子生成相同城市")
        parser.add_argument("--force", action="store_true", help="允许在非调试环境建立")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses a size below 1 and, without --force, a system that is not in debug."""
        if options["producers"] < 1:
            raise CommandError("--producers 至少为 1。")
        if not settings.DEVELOPMENT and not options["force"]:
            raise CommandError("这不是调试环境；演示数据会混入真实数据。确需建立请加 --force。")
        if city.stands(options["producers"]):
            self.stdout.write("演示城市已建立。")
            return
        begun = time.monotonic()

        def say(step: str) -> None:
            self.stdout.write(f"[{time.monotonic() - begun:5.1f}s] {step}")

        city.build(options["producers"], options["seed"], say)
        say("演示城市建立完成（全部为生成数据）")
