"""A decision on one producer's grade: notice of intent, days to answer, confirmation by a second person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import DecisionQuerySet


class Decision(models.Model):
    """Confirms a veto or a lowest grade that a run computed (DESIGN §5 "law before arithmetic").

    Legal source: 陈述申辩 before a decision that weighs on a person (行政处罚法 §44–45 by analogy; five
    working days are the platform's default). Until confirmed, the old grade stands.
    """

    class Ground(models.TextChoices):
        """Why a person must decide."""

        VETO = "veto", _("一票否决")
        LOWEST = "lowest", _("最低等级")

    class State(models.TextChoices):
        """A decision's life; both ends are final."""

        NOTICED = "noticed", _("已告知")
        CONFIRMED = "confirmed", _("已认定")
        WITHDRAWN = "withdrawn", _("已撤回")

    run = models.ForeignKey(
        "rating.RatingRun", models.PROTECT, related_name="decisions", verbose_name=_("年度评价")
    )
    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="decisions", verbose_name=_("生产经营主体")
    )
    rating_version = models.PositiveSmallIntegerField(_("所依据的结果版本"))
    ground = models.CharField(_("事由"), max_length=6, choices=Ground.choices)
    grade = models.CharField(_("拟认定等级"), max_length=8)
    reasons = models.TextField(_("事实与理由"))
    basis = models.TextField(_("依据"))
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.NOTICED)
    noticed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("拟认定人")
    )
    noticed_on = models.DateField(_("告知日"))
    statement_until = models.DateField(_("陈述申辩截止日"))
    statement = models.TextField(_("陈述申辩"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("认定人"),
    )
    decided_on = models.DateField(_("认定日"), null=True, blank=True)
    outcome_reason = models.TextField(_("认定或撤回说明"), blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("等级认定")
        verbose_name_plural = _("等级认定")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "producer", "rating_version"],
                condition=models.Q(state__in=["noticed", "confirmed"]),
                name="rating_decision_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(state="withdrawn")
                | ~models.Q(decided_by=models.F("noticed_by")),
                name="rating_decision_second_person",
            ),
        ]
        permissions = [
            ("notice_decision", _("告知拟认定")),
            ("confirm_decision", _("作出认定")),
        ]

    def __str__(self) -> str:
        return f"{self.producer} · {self.grade} · {self.get_state_display()}"
