"""``manage.py change_regions FILE --kind … --effective … --basis …``: an order of division changes."""

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from archives.models import ChangeKind
from archives.services import region_changes, region_moves


class Command(BaseCommand):
    """The operator's way: the system drafts and confirms; ``--dry-run`` shows what would follow."""

    help = "登记并执行区划变更（每行：原代码 新代码 新名称）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The lines, the order and its day."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=ChangeKind.values, required=True)
        parser.add_argument("--effective", type=datetime.date.fromisoformat, required=True)
        parser.add_argument("--basis", required=True, help=_("批准文件"))
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show the counts of every line, then do it (or, on a dry run, nothing)."""
        try:
            with transaction.atomic():
                change = region_changes.draft(
                    kind=options["kind"],
                    effective_on=options["effective"],
                    basis=options["basis"],
                    moves=region_moves.read(options["file"].read_text(encoding="utf-8-sig")),
                )
                for row in region_changes.preview(change):
                    self.stdout.write(_line() % {"old": row["move"].old, "new": row["move"].new, **row})
                if options["dry_run"]:
                    transaction.set_rollback(True)
                    return
                done = region_changes.confirm(change=change, actor=None)
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            text = "\n".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(text) from error
        self.stdout.write(str(done.get_state_display()))


def _line() -> str:
    return _("%(old)s → %(new)s：下级区划 %(divisions)d，主体 %(producers)d，地块 %(plots)d，账号 %(users)d")
