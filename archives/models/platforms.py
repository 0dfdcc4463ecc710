"""Other platforms: whom and what they know by which number, and what each exchange with them did."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.querysets import RegionCodedQuerySet


class Direction(models.TextChoices):
    """Which way."""

    PULL = "pull", _("取回")
    PUSH = "push", _("报送")


class RunState(models.TextChoices):
    """How an exchange ended."""

    RUNNING = "running", _("进行中")
    DONE = "done", _("完成")
    FAILED = "failed", _("失败")


class ExternalId(models.Model):
    """What one object of ours is called on another platform, and what was last exchanged about it.

    ``seen`` and ``sent`` are the hashes of what came in and of what went out last, so that nothing goes round
    in circles. ``theirs`` is empty while the platform refuses the object (``error`` says why).
    """

    platform = models.CharField(_("平台"), max_length=40)
    noun = models.CharField(_("内容"), max_length=40)
    ours = models.CharField(_("本平台编号"), max_length=200)
    theirs = models.CharField(_("对方编号"), max_length=120, blank=True)
    seen = models.CharField(_("取回摘要"), max_length=64, blank=True)
    sent = models.CharField(_("报送摘要"), max_length=64, blank=True)
    error = models.CharField(_("对方退回原因"), max_length=300, blank=True)
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True)
    exchanged_at = models.DateTimeField(_("最近交换时间"))

    objects = RegionCodedQuerySet.as_manager()

    class Meta:
        verbose_name = _("外部编号")
        verbose_name_plural = _("外部编号")
        default_permissions = ("view",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="externalid_ours_is_unique", fields=["platform", "noun", "ours"]),
            models.UniqueConstraint(
                name="externalid_theirs_is_unique",
                fields=["platform", "noun", "theirs"],
                condition=~models.Q(theirs=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.platform} {self.theirs}"


class PlatformRun(models.Model):
    """One exchange of one noun in one direction. ``cursor`` is where the next one goes on."""

    State = RunState

    platform = models.CharField(_("平台"), max_length=40)
    noun = models.CharField(_("内容"), max_length=40)
    direction = models.CharField(_("方向"), max_length=4, choices=Direction.choices)
    state = models.CharField(_("状态"), max_length=8, choices=RunState.choices, default=RunState.RUNNING)
    started_at = models.DateTimeField(_("开始时间"))
    finished_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    written = models.PositiveIntegerField(_("已写入"), default=0)
    unchanged = models.PositiveIntegerField(_("未变"), default=0)
    faulty = models.PositiveIntegerField(_("有误"), default=0)
    cursor = models.CharField(_("续点"), max_length=120, blank=True)
    message = models.TextField(_("说明"), blank=True)
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True)

    objects = RegionCodedQuerySet.as_manager()

    class Meta:
        verbose_name = _("平台数据交换")
        verbose_name_plural = _("平台数据交换")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("view",)
        permissions: ClassVar = [("exchange_platforms", "Can exchange with other platforms now")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="platformrun_ended_if_and_only_if_not_running",
                condition=models.Q(state="running", finished_at__isnull=True)
                | (~models.Q(state="running") & models.Q(finished_at__isnull=False)),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["platform", "noun", "direction", "-id"], name="platformrun_last"),
        ]

    def __str__(self) -> str:
        return f"{self.platform} · {self.noun} · {self.get_direction_display()}"
