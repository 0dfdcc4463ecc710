"""``manage.py load_regions``: the divisions and the product catalogue that the project carries."""

import datetime
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from archives.services.reference import load_products, load_regions


class Command(BaseCommand):
    """Idempotent: a second run writes nothing."""

    help = "载入行政区划和农产品目录（可重复执行）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """An own file and the day on which its changes take effect."""
        parser.add_argument(
            "--file", type=Path, help=_("行政区划CSV（code,name,level,parent），默认用随项目提供的")
        )
        parser.add_argument("--effective", type=datetime.date.fromisoformat, help=_("变更生效日期，默认今天"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Load both and say what was done."""
        try:
            loaded = load_regions(path=options["file"], effective=options["effective"])
        except (OSError, KeyError, UnicodeDecodeError, ValidationError) as error:
            text = "；".join(error.messages) if isinstance(error, ValidationError) else str(error)
            raise CommandError(text) from error
        products = load_products()
        self.stdout.write(
            _("行政区划 %(read)d 条（写入 %(written)d，停用 %(ended)d）；农产品 %(products)d 种。")
            % {"read": loaded.read, "written": loaded.written, "ended": loaded.ended, "products": products}
        )
