"""One piece of background work."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.jobs.querysets import JobQuerySet


class State(models.TextChoices):
    """Where a job stands."""

    QUEUED = "queued", _("排队中")
    RUNNING = "running", _("进行中")
    DONE = "done", _("已完成")
    FAILED = "failed", _("失败")
    CANCELLED = "cancelled", _("已取消")


ACTIVE = (State.QUEUED, State.RUNNING)


class Job(models.Model):
    """A row per piece of background work; written by ``jobs.services`` only.

    ``attempts`` is also the claim's fencing number: a worker that lost its claim (declared dead, then came
    back) writes nothing, because another claim has raised it.
    """

    kind = models.CharField(_("种类"), max_length=100)
    title = models.CharField(_("任务"), max_length=200)
    args = models.JSONField(_("参数"), default=dict, blank=True)
    key = models.CharField(_("唯一键"), max_length=200, blank=True, default="")
    state = models.CharField(_("状态"), max_length=12, choices=State, default=State.QUEUED)
    progress_done = models.PositiveBigIntegerField(_("已处理"), default=0)
    progress_total = models.PositiveBigIntegerField(_("总数"), default=0)
    message = models.CharField(_("进展说明"), max_length=300, blank=True, default="")
    error = models.TextField(_("错误"), blank=True, default="")
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    run_again = models.BooleanField(_("完成后再运行一次"), default=False)
    cancel_requested = models.BooleanField(_("已请求取消"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("发起人"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True, default="")
    created_at = models.DateTimeField(_("创建时间"))
    not_before = models.DateTimeField(_("最早运行时间"))
    dispatched_at = models.DateTimeField(_("最近发送时间"), null=True, blank=True)
    dispatches = models.PositiveSmallIntegerField(_("发送次数"), default=0)
    heartbeat_at = models.DateTimeField(_("心跳时间"), null=True, blank=True)
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    objects: ClassVar = JobQuerySet.as_manager()

    class Meta:
        """Names, and what the database itself holds to."""

        verbose_name = _("后台任务")
        verbose_name_plural = _("后台任务")
        ordering = ["-id"]
        default_permissions = ("view", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                condition=Q(state__in=["queued", "running"]) & ~Q(key=""),
                name="jobs_one_active_per_key",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed", "cancelled"]),
                name="jobs_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="running", heartbeat_at__isnull=False) | ~Q(state="running"),
                name="jobs_running_has_heartbeat",
            ),
            models.CheckConstraint(
                condition=Q(progress_total=0) | Q(progress_done__lte=F("progress_total")),
                name="jobs_progress_in_total",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"], condition=Q(state__in=["queued", "running"]), name="jobs_active"
            ),
            models.Index(fields=["region_code", "-id"], name="jobs_region"),
        ]

    def __str__(self) -> str:
        """The title a person reads."""
        return self.title

    @property
    def is_active(self) -> bool:
        """Queued or running."""
        return self.state in ACTIVE

    @property
    def percent(self) -> int | None:
        """Whole percent done, or None while the total is unknown."""
        if self.state == State.DONE:
            return 100
        return int(self.progress_done * 100 // self.progress_total) if self.progress_total else None
