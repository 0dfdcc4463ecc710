"""Producers that are registered but show no sign of work, and what an officer decided about each."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.idle_querysets import IdleFindingQuerySet
from archives.models.producers import Producer


class IdleState(models.TextChoices):
    """The way from being found to being taken off the register, and back."""

    FOUND = "found", _("待核实")
    NOTICED = "noticed", _("已告知")
    DELISTED = "delisted", _("已注销")
    KEPT = "kept", _("核实在产")


TOLD = (IdleState.NOTICED, IdleState.DELISTED)


class IdleFinding(models.Model):
    """That a producer kept no record, sold nothing and was given no certificate since a day.

    Written by ``services.idle`` only. The notice period ends with ``notice_until``; until then, and after the
    file was closed, the producer may say that it operates (``answer``): an officer goes and looks.
    """

    State = IdleState

    producer = models.OneToOneField(
        Producer, models.CASCADE, related_name="idle_finding", verbose_name=_("生产主体")
    )
    since = models.DateField(_("自何日起无生产经营记录"))
    found_at = models.DateTimeField(_("最近发现时间"))
    state = models.CharField(_("状态"), max_length=8, choices=IdleState.choices, default=IdleState.FOUND)
    visit_asked_on = models.DateField(_("派巡查日期"), null=True, blank=True)
    notice_until = models.DateField(_("告知期截止"), null=True, blank=True)
    reason = models.CharField(_("理由"), max_length=240, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("处理人"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    answer = models.CharField(_("主体的说明"), max_length=240, blank=True, default="", db_default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("说明人"),
    )  # fmt: skip
    answered_at = models.DateTimeField(_("说明时间"), null=True, blank=True)

    objects = IdleFindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("在册不运行主体")
        verbose_name_plural = _("在册不运行主体")
        default_permissions = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="idle_finding_state_is_known", condition=models.Q(state__in=IdleState.values)
            ),
            models.CheckConstraint(
                name="idle_finding_notice_has_its_end",
                condition=~models.Q(state="noticed") | models.Q(notice_until__isnull=False),
            ),
            models.CheckConstraint(
                name="idle_finding_answer_has_its_time",
                condition=models.Q(answer="", answered_at__isnull=True)
                | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "since", "id"], name="idle_finding_work"),
        ]

    def __str__(self) -> str:
        return str(self.producer)

    @property
    def is_told(self) -> bool:
        """Whether the producer knows of it (as ``objects.told()``)."""
        return self.state in TOLD
