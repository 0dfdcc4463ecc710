"""``manage.py restore FILE``: put a backup back, whole or not at all."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common import health, privileges
from agricredit.foundation.embedded.locks import FileLock
from agricredit.management import archive
from agricredit.management.commands.migrate import owner_connection

UP_LOCK = settings.BASE_DIR / ".run" / "up.lock"


class Command(BaseCommand):
    """Verify, then replace database and private store."""

    help = "从备份文件恢复数据库和上传文件。默认拒绝非空数据库。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where from."""
        parser.add_argument("file", type=Path, help="manage.py backup 写出的文件")
        parser.add_argument("--force", action="store_true", help="替换现有数据（现有上传文件改名保留）")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse while the system runs or when something would be lost; then put everything back."""
        running = FileLock(UP_LOCK) if UP_LOCK.exists() else None
        if running is not None and not running.try_hold():
            raise CommandError(_("系统正在运行，请先执行 manage.py down。"))
        try:
            self._restore(options["file"], force=options["force"])
        except archive.Unusable as error:
            raise CommandError(str(error)) from error
        finally:
            if running is not None:
                running.release()

    def _restore(self, source: Path, *, force: bool) -> None:
        with archive.opened(source) as (folder, manifest):
            self._refuse_to_lose(force=force)
            self._replace_database(folder / archive.DUMP)
            aside = archive.put_private_files(folder)
        self.stdout.write(
            _("已恢复 %(when)s 的备份：数据库和 %(count)d 个文件。")
            % {"when": manifest.made_at, "count": len(manifest.files) - 1}
        )
        if aside is not None:
            self.stdout.write(_("原有上传文件保留在 %s。") % aside)
        if health.pending():
            self.stdout.write(_("备份来自较早的版本，请执行 manage.py migrate。"))

    def _replace_database(self, dump: Path) -> None:
        """Load beside the present tables, which go only when all is there; a failed load changes nothing."""
        server = _on_owner("ALTER SCHEMA public RENAME TO public_before", "CREATE SCHEMA public")
        try:
            archive.load(dump, server=server)
        except BaseException:
            _on_owner("DROP SCHEMA public CASCADE", "ALTER SCHEMA public_before RENAME TO public")
            raise
        _on_owner("DROP SCHEMA public_before CASCADE")

    def _refuse_to_lose(self, *, force: bool) -> None:
        if force:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
            tables = cursor.fetchone()[0]
        if tables:
            raise CommandError(_("数据库不是空的（%d 张表）；加 --force 替换全部数据。") % tables)
        root: Path = settings.PRIVATE_ROOT
        if root.exists() and any(root.iterdir()):
            raise CommandError(_("上传文件夹 %s 不是空的；加 --force 替换（原有文件改名保留）。") % root)


def _on_owner(*statements: str) -> str:
    """Run statements as the owner, in one transaction, and grant the application what is there.

    Returns the server's version.
    """
    with owner_connection() as owner, transaction.atomic(), owner.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        privileges.grant(cursor, settings.DATABASE_APP_ROLE)
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0]).partition(" ")[0]
