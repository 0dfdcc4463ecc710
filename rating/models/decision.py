"""A decision on one producer's grade: notice of intent, days to answer, a second person, service, effect."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import DecisionQuerySet


class Decision(models.Model):
    """A veto or lowest grade that a run computed, or a grade in force lowered or suspended during the year.

    DESIGN §5 "law before arithmetic". Legal source: 陈述申辩 and 听证 before a decision that weighs on a
    person (行政处罚法 art. 44–45, 63–64 by analogy; five working days are the platform's default), service
    within seven working days (art. 61). The grade changes with the service of the decision, as the version
    ``written_version`` of the result; until then the old one stands and nothing shows in public.
    """

    class Ground(models.TextChoices):
        """Why a person must decide."""

        VETO = "veto", _("一票否决")
        LOWEST = "lowest", _("最低等级")
        LOWERED = "lowered", _("年度内下调")
        SUSPENDED = "suspended", _("年度内暂停")

    class State(models.TextChoices):
        """A decision's life; withdrawn and lifted are final, and effective of a yearly result is too."""

        NOTICED = "noticed", _("已告知")
        CONFIRMED = "confirmed", _("已认定待送达")
        EFFECTIVE = "effective", _("已送达生效")
        WITHDRAWN = "withdrawn", _("已撤回")
        LIFTED = "lifted", _("已解除")

    #: Grounds that change a grade in force during the year, until they are lifted.
    INTERIM = (Ground.LOWERED, Ground.SUSPENDED)
    #: States in which a result cannot be noticed a second time.
    HELD_STATES = (State.NOTICED, State.CONFIRMED, State.EFFECTIVE)

    run = models.ForeignKey(
        "rating.RatingRun", models.PROTECT, related_name="decisions", verbose_name=_("年度评价")
    )
    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="decisions", verbose_name=_("生产经营主体")
    )
    rating_version = models.PositiveSmallIntegerField(_("所依据的结果版本"))
    ground = models.CharField(_("事由"), max_length=9, choices=Ground.choices)
    grade = models.CharField(_("拟认定等级"), max_length=8)
    reasons = models.TextField(_("事实与理由"))
    basis = models.TextField(_("依据"))
    evidence_uids = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, verbose_name=_("所据信息编号")
    )
    hearing_offered = models.BooleanField(
        _("可以要求听证"), default=False, help_text=_("法律、法规规定应当告知听证权利的")
    )
    state = models.CharField(_("状态"), max_length=9, choices=State.choices, default=State.NOTICED)
    noticed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("拟认定人")
    )
    noticed_on = models.DateField(_("告知日"))
    notice_served_on = models.DateField(_("告知书送达日"), null=True, blank=True)
    statement_until = models.DateField(_("陈述申辩截止日"), null=True, blank=True)
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
    serve_by = models.DateField(_("决定送达期限"), null=True, blank=True)
    effective_on = models.DateField(_("决定送达日（生效日）"), null=True, blank=True)
    written_version = models.PositiveSmallIntegerField(_("生效的结果版本"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("解除人"),
    )
    lifted_on = models.DateField(_("解除日"), null=True, blank=True)
    lift_reason = models.TextField(_("解除说明"), blank=True)
    lifted_version = models.PositiveSmallIntegerField(_("解除后的结果版本"), null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("等级认定")
        verbose_name_plural = _("等级认定")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "producer", "rating_version"],
                condition=models.Q(state__in=["noticed", "confirmed", "effective"]),
                name="rating_decision_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | models.Q(state="withdrawn")
                | ~models.Q(decided_by=models.F("noticed_by")),
                name="rating_decision_second_person",
            ),
            # 行政处罚法 art. 44–45 by analogy: served first, then the days run, then it is decided.
            models.CheckConstraint(
                condition=models.Q(state__in=["noticed", "withdrawn"])
                | models.Q(notice_served_on__isnull=False, decided_on__gt=models.F("statement_until")),
                name="rating_decision_after_the_statement",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["effective", "lifted"])
                | models.Q(effective_on__gte=models.F("decided_on"), written_version__isnull=False),
                name="rating_decision_effect_by_service",
            ),
        ]
        permissions = [
            ("notice_decision", _("告知拟认定")),
            ("confirm_decision", _("作出认定")),
            ("serve_decision", _("登记送达")),
            ("acknowledge_decision", _("在平台上签收文书")),
        ]

    def __str__(self) -> str:
        return f"{self.producer} · {self.grade} · {self.get_state_display()}"
