"""Interviews (责任约谈): called, attended or not, what was agreed, and what became of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from rating.querysets import InterviewQuerySet


class Interview(models.Model):
    """One interview of a producer's principal (农产品质量安全法 art. 55); it weighs nothing in a rating."""

    class State(models.TextChoices):
        """An interview's life."""

        CALLED = "called", _("已通知")
        HELD = "held", _("已约谈")
        MISSED = "missed", _("未到场")
        CLOSED = "closed", _("已落实")

    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="interviews", verbose_name=_("生产经营主体")
    )
    decision = models.ForeignKey(
        "rating.Decision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="interviews",
        verbose_name=_("相关认定"),
    )
    state = models.CharField(_("状态"), max_length=6, choices=State.choices, default=State.CALLED)
    reason = models.TextField(_("约谈事由"))
    basis = models.CharField(_("依据"), max_length=200)
    called_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("通知人")
    )
    called_on = models.DateField(_("通知日"))
    scheduled_on = models.DateField(_("约谈日期"))
    place = models.CharField(_("约谈地点"), max_length=200)
    held_on = models.DateField(_("实际约谈日"), null=True, blank=True)
    attended = models.CharField(_("到场人员"), max_length=200, blank=True)
    interviewers = models.CharField(_("约谈人员"), max_length=200, blank=True)
    agreed = models.TextField(_("约定事项"), blank=True)
    follow_up_by = models.DateField(_("落实期限"), null=True, blank=True)
    followed_up_on = models.DateField(_("落实日"), null=True, blank=True)
    outcome = models.TextField(_("落实情况"), blank=True)

    objects = InterviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("责任约谈")
        verbose_name_plural = _("责任约谈")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("add", "view")
        permissions = [("keep_interview", _("办理责任约谈"))]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["held", "closed"])
                | (models.Q(held_on__isnull=False) & ~models.Q(agreed="")),
                name="rating_interview_says_what_was_agreed",
            )
        ]

    def __str__(self) -> str:
        return f"{self.producer} · {full_date(self.scheduled_on)} · {self.get_state_display()}"
