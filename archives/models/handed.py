"""Files with which a phone's queue is handed over to an office."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.storage import Into
from archives.querysets import HandedQueueQuerySet


class HandedState(models.TextChoices):
    """Where a file stands."""

    READ = "read", _("待确认")
    TAKEN = "taken", _("已导入")
    DISCARDED = "discarded", _("已放弃")


class HandedQueue(models.Model):
    """One file, as sealed as it came, and what became of each item when an officer took it in.

    Written by ``portal.offline.handing`` only. File and results are erased some weeks later.
    """

    State = HandedState

    state = models.CharField(_("状态"), max_length=10, choices=HandedState.choices, default=HandedState.READ)
    file = models.FileField(_("文件"), upload_to=Into("handed-queues"), max_length=200, blank=True)
    filename = models.CharField(_("文件名"), max_length=120)
    sha256 = models.CharField(_("文件摘要"), max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("手机账号")
    )
    items = models.PositiveIntegerField(_("条数"), default=0)
    taken = models.PositiveIntegerField(_("已记入"), default=0)
    results = models.JSONField(_("逐条结果"), default=list, blank=True)
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("上传人")
    )
    asked_at = models.DateTimeField(_("上传时间"))
    finished_at = models.DateTimeField(_("结束时间"), null=True)

    objects = HandedQueueQuerySet.as_manager()

    class Meta:
        verbose_name = _("手机交接文件")
        verbose_name_plural = _("手机交接文件")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("view",)
        permissions: ClassVar = [("take_handedqueue", "Can take in a phone's queue on a producer's behalf")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="handedqueue_ended_if_and_only_if_not_waiting",
                condition=models.Q(state="read", finished_at__isnull=True)
                | (models.Q(state__in=["taken", "discarded"]) & models.Q(finished_at__isnull=False)),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["region_code", "-id"], name="handedqueue_region"),
        ]

    def __str__(self) -> str:
        return self.filename
