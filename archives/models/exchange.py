"""What came in as files: batches with their findings. The rows themselves stay in the file."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.storage import Into
from archives.querysets import BatchQuerySet, FindingQuerySet, OneselfQuerySet


class BatchState(models.TextChoices):
    """The way of a file from upload to the archive. Nothing is written before an officer has said so."""

    CHECKING = "checking", _("检查中")
    CHECKED = "checked", _("待确认")
    REFUSED = "refused", _("无法读取")
    COMMITTING = "committing", _("导入中")
    DONE = "done", _("已导入")
    DISCARDED = "discarded", _("已放弃")


class ImportBatch(models.Model):
    """One uploaded file. ``done_to`` is the last row that is written: a killed job goes on behind it.

    Written by ``services.imports`` only. The file is erased some weeks after its end; the figures stay.
    """

    State = BatchState

    sheet = models.CharField(_("表"), max_length=40)
    state = models.CharField(
        _("状态"), max_length=10, choices=BatchState.choices, default=BatchState.CHECKING
    )
    file = models.FileField(_("文件"), upload_to=Into("imports"), max_length=200, blank=True)
    filename = models.CharField(_("文件名"), max_length=120)
    sha256 = models.CharField(_("文件摘要"), max_length=64)
    size = models.PositiveBigIntegerField(_("字节数"))
    rows = models.PositiveIntegerField(_("行数"), default=0)
    new = models.PositiveIntegerField(_("新增"), default=0)
    changed = models.PositiveIntegerField(_("变更"), default=0)
    unchanged = models.PositiveIntegerField(_("未变"), default=0)
    faulty = models.PositiveIntegerField(_("有误"), default=0)
    head = models.JSONField(_("前几行"), default=list, blank=True)
    message = models.TextField(_("说明"), blank=True)
    done_to = models.PositiveIntegerField(_("已写到第几行"), default=0)
    written = models.PositiveIntegerField(_("已写入"), default=0)
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("上传人")
    )
    asked_at = models.DateTimeField(_("上传时间"))
    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("确认人")
    )
    finished_at = models.DateTimeField(_("结束时间"), null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("批量导入")
        verbose_name_plural = _("批量导入")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("view",)
        permissions: ClassVar = [
            ("import_producers", "Can import producers"),
            ("import_records", "Can import production records"),
            ("import_tests", "Can import official test results"),
            ("import_penalties", "Can import penalties"),
            ("import_public_credit", "Can import public-credit facts"),
            ("push_producers", "Can push producers through the API"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="importbatch_state_is_known", condition=models.Q(state__in=BatchState.values)
            ),
            models.CheckConstraint(
                name="importbatch_done_has_its_end",
                condition=~models.Q(state="done") | models.Q(finished_at__isnull=False),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["region_code", "-id"], name="importbatch_region"),
        ]

    def __str__(self) -> str:
        return self.filename


class FindingKind(models.TextChoices):
    """What a check found in a row."""

    FAULT = "fault", _("错误")
    CHANGE = "change", _("变更")


class ImportFinding(models.Model):
    """One fault, or one change old → new, of one row. Personal numbers stand here masked."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="findings")
    row = models.PositiveIntegerField(_("行"))
    column = models.CharField(_("列"), max_length=80)
    kind = models.CharField(_("种类"), max_length=8, choices=FindingKind.choices)
    label = models.CharField(_("名称"), max_length=160, blank=True)
    before = models.TextField(_("原来"), blank=True)
    after = models.TextField(_("说明或新值"))

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("导入检查结果")
        verbose_name_plural = _("导入检查结果")
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["batch", "kind", "row", "id"], name="importfinding_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.row} {self.column}: {self.after}"


class IdempotentCall(models.Model):
    """A call of the API that was answered under the caller's own key: repeated, it is answered alike.

    Kept some days; ``user`` is whose key of the API it was made with.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("账号")
    )
    key = models.CharField(_("幂等键"), max_length=64)
    path = models.CharField(_("地址"), max_length=120)
    body_sha256 = models.CharField(_("请求摘要"), max_length=64)
    answer = models.JSONField(_("答复"), default=dict)
    created_at = models.DateTimeField(_("调用时间"))

    objects = OneselfQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口调用")
        verbose_name_plural = _("接口调用")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="idempotentcall_key_is_used_once", fields=["user", "key"]),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["created_at"], name="idempotentcall_age"),
        ]

    def __str__(self) -> str:
        return self.key
