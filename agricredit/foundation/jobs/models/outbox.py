"""What a lower floor tells whoever listens above it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """A topic and keys, written in the writer's own transaction and turned into jobs after its commit."""

    topic = models.CharField(_("主题"), max_length=100)
    keys = models.JSONField(_("键"), default=dict)
    created_at = models.DateTimeField(_("产生时间"))
    delivered_at = models.DateTimeField(_("送达时间"), null=True, blank=True)

    objects: ClassVar = models.Manager()

    class Meta:
        """Names, and an index that holds only what is still to be delivered."""

        verbose_name = _("待办消息")
        verbose_name_plural = _("待办消息")
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], condition=Q(delivered_at__isnull=True), name="jobs_outbox_waiting")
        ]

    def __str__(self) -> str:
        """The topic."""
        return self.topic
