"""Files that belong to a procedure on a producer's grade: kept privately, judged by their content."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.storage import Into
from rating.querysets import OfProducerQuerySet

_PARENTS = ("decision", "objection", "repair", "interview")


def _one_parent() -> models.Q:
    """Exactly one of the parents is given."""
    one = models.Q()
    for chosen in _PARENTS:
        one |= models.Q(**{f"{name}__isnull": name != chosen for name in _PARENTS})
    return one


class Attachment(models.Model):
    """One file handed in with a statement, an objection, a repair, or kept with a receipt or minutes."""

    class Purpose(models.TextChoices):
        """What it is."""

        STATEMENT = "statement", _("陈述申辩材料")
        RECEIPT = "receipt", _("送达回证扫描件")
        MINUTES = "minutes", _("笔录")
        OBJECTION = "objection", _("异议材料")
        REPAIR = "repair", _("修复申请材料")

    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="+", verbose_name=_("生产经营主体")
    )
    decision = models.ForeignKey(
        "rating.Decision", models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    objection = models.ForeignKey(
        "rating.Objection", models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    repair = models.ForeignKey(
        "rating.Repair", models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    interview = models.ForeignKey(
        "rating.Interview", models.PROTECT, null=True, blank=True, related_name="attachments"
    )
    purpose = models.CharField(_("用途"), max_length=9, choices=Purpose.choices)
    file = models.FileField(_("文件"), upload_to=Into("rating-papers"))
    name = models.CharField(_("文件名"), max_length=150)
    kind = models.CharField(_("格式"), max_length=4)
    size = models.PositiveIntegerField(_("大小"))
    sha256 = models.CharField(_("文件指纹"), max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("上传人")
    )
    uploaded_at = models.DateTimeField(_("上传时间"))

    objects = OfProducerQuerySet.as_manager()

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        ordering: ClassVar[list[str]] = ["id"]
        default_permissions = ("view",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=_one_parent(), name="rating_attachment_one_parent")
        ]

    def __str__(self) -> str:
        return self.name
