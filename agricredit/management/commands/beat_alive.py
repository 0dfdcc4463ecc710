"""``manage.py beat_alive``: exit 0 while beat sends what is due (the container's health check)."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

LONGEST_SILENCE = datetime.timedelta(minutes=6)


class Command(BaseCommand):
    """Look at when beat last wrote that it sent something."""

    help = "检查定时任务进程是否在工作。"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Fail after six minutes of silence: beat writes every three minutes what it sent."""
        last = PeriodicTask.objects.aggregate(last=Max("last_run_at"))["last"]
        if last is None or timezone.now() - last > LONGEST_SILENCE:
            raise CommandError(_("定时任务进程已超过六分钟没有动静。"))
