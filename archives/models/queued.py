"""What phones kept while they had no reception, as it arrived; and photographs that belong to records."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.storage import Into
from archives.models.producers import Producer
from archives.querysets import OwnedQuerySet


class QueuedOutcome(models.TextChoices):
    """What became of an item when it was last sent."""

    SENT = "sent", _("已记入")
    REFUSED = "refused", _("退回")
    CONFLICT = "conflict", _("冲突")


class QueuedItem(models.Model):
    """One item of a phone's queue: who made it, for whom, who sent it, when by the phone's and by our clock.

    ``digest`` is the SHA-256 of what was sent: the same uid with the same digest is the same item. What lost
    against another device is kept in ``content`` (nothing that somebody wrote is thrown away unseen).
    """

    Outcome = QueuedOutcome

    uid = models.UUIDField(_("条目编号"), unique=True)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="+", verbose_name=_("生产主体"))
    noun = models.CharField(_("种类"), max_length=32)
    replaces = models.UUIDField(_("更正的记录"), null=True, blank=True, db_index=True)
    digest = models.BinaryField(_("内容摘要"), max_length=32, editable=False)
    content = models.JSONField(_("未记入的内容"), null=True, blank=True)
    outcome = models.CharField(_("结果"), max_length=8, choices=QueuedOutcome.choices)
    sentence = models.CharField(_("说明"), max_length=400, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("填写人")
    )
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("发送人")
    )
    on_behalf = models.BooleanField(_("代办"), default=False)
    device = models.UUIDField(_("设备编号"))
    made_at = models.DateTimeField(_("手机上填写的时间"))
    skew_seconds = models.IntegerField(_("手机时钟误差（秒）"))
    received_at = models.DateTimeField(_("收到时间"))

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("手机离线记录")
        verbose_name_plural = _("手机离线记录")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="queueditem_outcome_is_known", condition=models.Q(outcome__in=QueuedOutcome.values)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["producer", "-id"], name="queueditem_of_producer"),
        ]

    def __str__(self) -> str:
        return f"{self.noun} {self.uid}"


class RecordPhoto(models.Model):
    """One photograph of a record (a label, a field, a receipt), in the private store."""

    uid = models.UUIDField(_("照片编号"), unique=True)
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="+", verbose_name=_("生产主体"))
    record = models.UUIDField(_("记录编号"), db_index=True)
    file = models.FileField(_("照片"), upload_to=Into("record-photos"), max_length=200)
    sha256 = models.BinaryField(_("摘要"), max_length=32, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("上传人")
    )
    added_at = models.DateTimeField(_("上传时间"))

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("记录照片")
        verbose_name_plural = _("记录照片")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.uid}"
