"""An objection (异议) of a producer to its own result."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import ObjectionQuerySet


class Objection(models.Model):
    """One objection to one version of a result; while it is open the grade shows 异议中 wherever it stands.

    Legal model: 浙江省公共信用信息管理条例 art. 30–31 (marked on receipt; decided within 5 working days,
    at most 20 when complex). The numbers are the platform's defaults.
    """

    class State(models.TextChoices):
        """An objection's life; both ends are final."""

        OPEN = "open", _("异议中")
        UPHELD = "upheld", _("异议成立")
        REJECTED = "rejected", _("异议不成立")

    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="objections", verbose_name=_("生产经营主体")
    )
    run = models.ForeignKey(
        "rating.RatingRun", models.PROTECT, related_name="objections", verbose_name=_("年度评价")
    )
    rating_version = models.PositiveSmallIntegerField(_("所异议的结果版本"))
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.OPEN)
    reasons = models.TextField(_("异议事项和理由"))
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    filed_on = models.DateField(_("提出日"))
    decide_by = models.DateField(_("办结截止日"))
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("延长人")
    )
    extension_reason = models.TextField(_("延长理由"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("决定人")
    )
    decided_on = models.DateField(_("决定日"), null=True, blank=True)
    outcome_reason = models.TextField(_("决定说明"), blank=True)
    reversed_uids = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, verbose_name=_("更正的信息编号")
    )

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("add", "view")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["run", "producer", "rating_version"], name="rating_objection_one_a_result"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("filed_by")),
                name="rating_objection_second_person",
            ),
        ]
        permissions = [("decide_objection", _("办理异议"))]

    def __str__(self) -> str:
        return f"{self.producer} · {self.run_id} · {self.get_state_display()}"
