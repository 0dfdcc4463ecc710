"""``manage.py backup FILE``: database and private store in one file that ``restore`` can prove whole."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from agricredit.management import archive


class Command(BaseCommand):
    """Write a backup."""

    help = "把数据库和上传文件备份到一个文件。加密密钥不在其中，请另行保管。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("file", type=Path, help="备份文件，例如 agricredit-2026-11-21.tar")
        parser.add_argument("--force", action="store_true", help="覆盖同名文件")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse to overwrite; say what was written and what is not in it."""
        target: Path = options["file"]
        if target.exists() and not options["force"]:
            raise CommandError(_("%s 已存在；加 --force 覆盖。") % target)
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            server = cursor.fetchone()[0].partition(" ")[0]
        try:
            manifest = archive.write(target, server=server)
        except (archive.Unusable, OSError) as error:
            raise CommandError(_("备份没有完成：%s") % error) from error
        size = target.stat().st_size / 1_000_000
        self.stdout.write(
            _("已备份到 %(file)s：数据库和 %(count)d 个文件，共 %(size).1f MB。")
            % {"file": target, "count": len(manifest.files) - 1, "size": size}
        )
        self.stdout.write(
            _("个人信息的加密密钥不在备份中。没有密钥，备份中的证件号码无法解密，请另行妥善保管。")
        )
