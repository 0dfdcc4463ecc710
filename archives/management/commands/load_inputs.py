"""``manage.py load_inputs``: the input catalogue and the rules on substances that the project carries."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from archives.services.catalogue import load_inputs


class Command(BaseCommand):
    """Idempotent: a second run writes nothing; what officers changed stays as they left it."""

    help = "载入投入品目录和禁限用规定（可重复执行）"

    def handle(self, *args: Any, **options: Any) -> None:
        """Load both and say what was written."""
        loaded = load_inputs()
        said = {"items": loaded.items, "rules": loaded.rules}
        self.stdout.write(_("投入品目录写入 %(items)d 条，禁限用规定写入 %(rules)d 条。") % said)
