"""The audit: who did what, and who looked at what. Rows are added, never changed (triggers refuse it)."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import registry
from .querysets import AuditLineQuerySet


class AuditLine(models.Model):
    """One act or one look; names are copied in, so the line still reads when the person or thing is gone."""

    at = models.DateTimeField(_("时间"), default=timezone.now)
    verb = models.CharField(_("操作"), max_length=80)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("操作人"),
        db_index=False,
    )
    actor_name = models.CharField(_("操作人姓名"), max_length=100, blank=True, default="")
    actor_role = models.CharField(_("操作人角色"), max_length=20, blank=True, default="")
    target_type = models.CharField(_("对象类型"), max_length=80, blank=True, default="")
    target_id = models.CharField(_("对象编号"), max_length=64, blank=True, default="")
    target_name = models.CharField(_("对象"), max_length=200, blank=True, default="")
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True, default="")
    facts = models.JSONField(_("详情"), default=dict)
    request_id = models.CharField(_("请求编号"), max_length=64, blank=True, default="")
    ip = models.GenericIPAddressField(_("来源地址"), null=True)

    objects = AuditLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("操作日志")
        verbose_name_plural = _("操作日志")
        ordering = ["-id"]
        default_permissions = ("view",)
        indexes = [
            BrinIndex(fields=["at"], name="audit_line_at"),
            models.Index(fields=["actor", "-id"], name="audit_line_actor"),
            models.Index(fields=["target_type", "target_id", "-id"], name="audit_line_target"),
            models.Index(fields=["verb", "-id"], name="audit_line_verb"),
        ]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What happened, in the reader's language."""
        return registry.sentence(self.verb, {**self.facts, "target": self.target_name})
