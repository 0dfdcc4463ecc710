"""``manage.py compile_catalogues``: the .mo files that Django reads, from the .po files people edit."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from agricredit.management.catalogues import compile_all


class Command(BaseCommand):
    """Compiles what has changed; needs no database and no system gettext."""

    help = "编译译文（.po 到 .mo），只处理有改动的文件。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were written."""
        self.stdout.write(_("已编译 %d 个译文文件。") % len(compile_all()))
