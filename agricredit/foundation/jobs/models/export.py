"""A list that someone asked for as a file."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.storage import Into
from agricredit.foundation.jobs.querysets import ExportQuerySet


class ExportState(models.TextChoices):
    """Where an export stands."""

    WAITING = "waiting", _("准备中")
    READY = "ready", _("可下载")
    FAILED = "failed", _("未能导出")
    EXPIRED = "expired", _("已过期")


class ExportFormat(models.TextChoices):
    """What people open it with."""

    XLSX = "xlsx", "Excel"
    CSV = "csv", "CSV"


class ExportFile(models.Model):
    """One list with the filters it had, as a file; its asker alone may fetch it, for some days.

    Written by ``jobs.services.exports`` only.
    """

    State = ExportState

    listing = models.CharField(_("列表"), max_length=100)
    title = models.CharField(_("名称"), max_length=120)
    query = models.TextField(_("筛选条件"), blank=True)
    format = models.CharField(_("格式"), max_length=4, choices=ExportFormat.choices)
    state = models.CharField(
        _("状态"), max_length=8, choices=ExportState.choices, default=ExportState.WAITING
    )
    rows = models.PositiveIntegerField(_("行数"), default=0)
    size = models.PositiveBigIntegerField(_("字节数"), default=0)
    message = models.CharField(_("说明"), max_length=300, blank=True)
    file = models.FileField(_("文件"), upload_to=Into("exports"), max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("导出人")
    )
    asked_at = models.DateTimeField(_("导出时间"))
    ready_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("下载时间"), null=True, blank=True)

    objects: ClassVar = ExportQuerySet.as_manager()

    class Meta:
        """Names, and what the database itself holds to."""

        verbose_name = _("导出文件")
        verbose_name_plural = _("导出文件")
        ordering = ["-id"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ExportState.values), name="jobs_export_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ready") | ~models.Q(file=""), name="jobs_export_ready_has_its_file"
            ),
        ]
        indexes = [models.Index(fields=["asked_by", "-id"], name="jobs_export_own")]

    def __str__(self) -> str:
        """What was exported."""
        return self.title
