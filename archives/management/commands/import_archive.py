"""``manage.py import_archive DIR``: exchange files into the archive, all or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from archives.models import Region
from archives.services.exchange import ImportRefused, import_archive
from archives.services.reference import load_regions


class Command(BaseCommand):
    """Exit status 0 only when all was imported; each fault is a line on stderr: file:row:column: why."""

    help = "导入信用档案（producers.csv、events.csv）；有任何错误则全部不导入"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, and whether only to check."""
        parser.add_argument("directory", metavar="DIR", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="只检查，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and say what was new; a system without divisions gets those it ships with first."""
        if not Region.objects.exists():
            load_regions()
        try:
            done = import_archive(directory=options["directory"], dry_run=options["dry_run"])
        except ImportRefused as refusal:
            for fault in refusal.faults:
                self.stderr.write(" ".join(str(fault).split("\n")))
            raise SystemExit(1) from refusal
        line = _("主体：新增 %(pn)d，更新 %(pc)d，未变 %(pu)d；信用信息：新增 %(en)d，已有 %(ee)d。") % {
            "pn": done.producers_new,
            "pc": done.producers_changed,
            "pu": done.producers_unchanged,
            "en": done.events_new,
            "ee": done.events_existing,
        }
        self.stdout.write((_("试运行，未写入。") if options["dry_run"] else "") + line)
