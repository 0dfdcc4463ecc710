"""``manage.py doctor``: what is well with this installation and what is not, a sentence each."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from agricredit.management.diagnosis import examine


class Command(BaseCommand):
    """Print each finding; exit 1 when one of them fails."""

    help = "检查数据库、消息服务、角色、迁移、时钟、磁盘、密钥、静态文件和译文。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print and count."""
        marks = {"ok": _("正常"), "warn": _("注意"), "fail": _("故障")}
        styles = {"ok": self.style.SUCCESS, "warn": self.style.WARNING, "fail": self.style.ERROR}
        failed = 0
        for finding in examine():
            failed += finding.level == "fail"
            self.stdout.write(f"{styles[finding.level](marks[finding.level])}  {finding.text}")
        if failed:
            sys.exit(1)
