"""Papers of the decision procedure: receipts of service (送达回证) and hearings (听证)."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from rating.models.decision import Decision
from rating.querysets import OfDecisionQuerySet


class ServiceReceipt(models.Model):
    """How one document of a decision reached the producer; clocks and effect run from ``served_on``.

    Legal source: 行政处罚法 art. 61 and 民事诉讼法 on service (direct, left behind before witnesses, by
    post, electronic with consent, by public notice after thirty days), by analogy.
    """

    class Document(models.TextChoices):
        """What was served."""

        NOTICE = "notice", _("拟认定告知书")
        DECISION = "decision", _("认定决定书")

    class Method(models.TextChoices):
        """How it was served."""

        DIRECT = "direct", _("直接送达")
        LEFT = "left", _("留置送达")
        POST = "post", _("邮寄送达")
        ELECTRONIC = "electronic", _("电子送达")
        PUBLIC = "public", _("公告送达")

    decision = models.ForeignKey(
        Decision, models.PROTECT, related_name="receipts", verbose_name=_("等级认定")
    )
    document = models.CharField(_("送达文书"), max_length=8, choices=Document.choices)
    method = models.CharField(_("送达方式"), max_length=10, choices=Method.choices)
    served_on = models.DateField(_("送达日期"))
    recipient = models.CharField(_("收件人"), max_length=100)
    relation = models.CharField(_("收件人与受送达人的关系"), max_length=60, blank=True)
    refused = models.BooleanField(_("拒绝签收"), default=False)
    witness = models.CharField(_("见证人"), max_length=100, blank=True)
    posted_on = models.DateField(_("公告日期"), null=True, blank=True)
    note = models.CharField(_("备注"), max_length=400, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("送达人")
    )
    recorded_at = models.DateTimeField(_("登记时间"))

    objects = OfDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("送达回证")
        verbose_name_plural = _("送达回证")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("view",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["decision", "document"], name="rating_service_once"),
            models.CheckConstraint(
                condition=(~models.Q(method="left") & models.Q(refused=False)) | ~models.Q(witness=""),
                name="rating_service_left_before_a_witness",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_document_display()} · {self.get_method_display()} · {full_date(self.served_on)}"


class Hearing(models.Model):
    """A hearing (听证) that the producer asked for in time; its minutes go into the decision.

    Legal source: 行政处罚法 art. 63–64 by analogy: asked for within five working days, told seven working
    days ahead, chaired by somebody who did not propose the decision.
    """

    class State(models.TextChoices):
        """A hearing's life; both ends are final."""

        REQUESTED = "requested", _("已要求听证")
        SCHEDULED = "scheduled", _("已通知听证")
        HELD = "held", _("已举行")
        CANCELLED = "cancelled", _("撤回或视为放弃")

    decision = models.OneToOneField(
        Decision, models.PROTECT, related_name="hearing", verbose_name=_("等级认定")
    )
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.REQUESTED)
    request = models.TextField(_("听证要求"))
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )
    requested_on = models.DateField(_("要求听证日"))
    notified_on = models.DateField(_("通知听证日"), null=True, blank=True)
    scheduled_on = models.DateField(_("听证日期"), null=True, blank=True)
    place = models.CharField(_("听证地点"), max_length=200, blank=True)
    chair = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("听证主持人"),
    )
    minutes = models.TextField(_("听证笔录"), blank=True)

    objects = OfDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("听证")
        verbose_name_plural = _("听证")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.decision_id} · {self.get_state_display()}"
