"""``manage.py export_archive DIR [--region CODE]``: the archive as exchange files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from archives.services.exchange import export_archive


class Command(BaseCommand):
    """Exit status 0 only when both files were written whole."""

    help = "导出信用档案为 producers.csv 和 events.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, and the division to which the export is limited."""
        parser.add_argument("directory", metavar="DIR", type=Path)
        parser.add_argument("--region", default="", metavar="CODE", help="只导出这个行政区划内的主体")

    def handle(self, *args: Any, **options: Any) -> None:
        """Export and say how much."""
        try:
            done = export_archive(directory=options["directory"], region=options["region"])
        except ValidationError as error:
            raise CommandError("；".join(error.messages)) from error
        except OSError as error:
            raise CommandError(_("无法写入：%(error)s") % {"error": error}) from error
        self.stdout.write(
            _("已导出主体 %(producers)d 个，信用信息 %(events)d 条。")
            % {"producers": done.producers, "events": done.events}
        )
