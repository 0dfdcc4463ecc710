"""Documents of a producer's file: in the private store, judged by content, erased when their term ends."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.storage import Into, PrivateStorage
from archives.models.kept import Kept, end_rules


class Document(Kept):
    """One file. ``noun`` and ``row_id`` say to which entry it belongs; without them, to the producer."""

    uid = models.UUIDField(_("文件编号"), default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("文件名称"), max_length=120)
    noun = models.CharField(_("所属资料"), max_length=24, blank=True)
    row_id = models.BigIntegerField(_("所属资料编号"), null=True, blank=True)
    personal = models.BooleanField(
        _("含个人信息"), default=False, help_text=_("身份证件、个人照片等；查看会记入日志")
    )
    file = models.FileField(_("文件"), storage=PrivateStorage(), upload_to=Into("documents"), blank=True)
    content = models.CharField(_("格式"), max_length=8, editable=False)
    size = models.PositiveIntegerField(_("大小（字节）"), editable=False)
    sha256 = models.CharField(_("摘要"), max_length=64, editable=False)
    keep_until = models.DateField(
        _("保存至"), null=True, blank=True, help_text=_("到期后自动删除文件内容；留空则随档案保存")
    )
    erased_on = models.DateField(_("已删除内容的日期"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("档案文件")
        verbose_name_plural = _("档案文件")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["producer", "noun", "row_id"], name="document_belongs"),
            models.Index(
                fields=["keep_until"],
                name="document_term",
                condition=models.Q(keep_until__isnull=False, erased_on__isnull=True),
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="document_row_has_its_noun",
                condition=models.Q(noun="", row_id__isnull=True)
                | (~models.Q(noun="") & models.Q(row_id__isnull=False)),
            ),
            models.CheckConstraint(
                name="document_is_there_or_erased",
                condition=models.Q(erased_on__isnull=True) & ~models.Q(file="")
                | models.Q(erased_on__isnull=False, file=""),
            ),
            *end_rules("document"),
        ]

    def __str__(self) -> str:
        return self.title
