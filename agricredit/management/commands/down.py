"""``manage.py down``: stop what ``manage.py up`` started, the embedded engines included."""

from __future__ import annotations

import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from agricredit.foundation import embedded
from agricredit.foundation.embedded import processes
from agricredit.management import supervisor

RUN = settings.BASE_DIR / ".run"
LONGEST_GOODBYE = 300.0  # seconds: up stops each of its processes in order, by force if it must; then engines


class Command(BaseCommand):
    """End ``up`` (or what a killed one left) and the embedded engines."""

    help = "停止 manage.py up 启动的一切，包括内置数据库。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what was stopped, or that nothing ran."""
        stopped = []
        up = processes.load(RUN / "up.json")
        if up is not None and up.alive():
            if not processes.end([up.pid], ((signal.SIGTERM, LONGEST_GOODBYE),)):
                raise CommandError(_("manage.py up（进程 %d）没有停止。") % up.pid)
            stopped.append("manage.py up")
        (RUN / "up.json").unlink(missing_ok=True)
        if supervisor.end_leftovers(RUN / "children.json"):
            stopped.append(_("遗留进程"))
        try:
            if embedded.wanted():  # with engines of others named, ours were not a part of it
                stopped += embedded.stop()
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("已停止：%s。") % "、".join(stopped) if stopped else _("没有正在运行的部分。"))
