"""Credit repair (信用修复): a producer that has put a fault right asks that it count no longer."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import RepairQuerySet


class Tier(models.TextChoices):
    """How grave a lapse is (信用修复管理办法, 国家发展改革委令第36号)."""

    MINOR = "minor", _("轻微")
    GENERAL = "general", _("一般")
    SERIOUS = "serious", _("严重")


class Repair(models.Model):
    """One application for the repair of one negative event; free of charge.

    The clocks (accepted within three working days, decided within ten, once extended by ten) are the
    platform's defaults. Granted, the event counts for nothing and the grade in force is issued anew.
    """

    class State(models.TextChoices):
        """An application's life; both ends are final."""

        APPLIED = "applied", _("待受理")
        ACCEPTED = "accepted", _("已受理")
        GRANTED = "granted", _("准予修复")
        REFUSED = "refused", _("不予修复")

    OPEN_STATES = (State.APPLIED, State.ACCEPTED)

    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="repairs", verbose_name=_("生产经营主体")
    )
    event = models.ForeignKey(
        "archives.CreditEvent", models.PROTECT, related_name="+", verbose_name=_("失信信息")
    )
    tier = models.CharField(_("失信程度"), max_length=7, choices=Tier.choices)
    terms = models.CharField(_("适用规定"), max_length=120)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.APPLIED)
    correction = models.TextField(_("整改和履行情况"))
    pledge = models.TextField(_("信用承诺"))
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    applied_on = models.DateField(_("申请日"))
    accept_by = models.DateField(_("受理截止日"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("受理人")
    )
    accepted_on = models.DateField(_("受理日"), null=True, blank=True)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("原认定人")
    )
    decide_by = models.DateField(_("办结截止日"), null=True, blank=True)
    extension_reason = models.TextField(_("延长理由"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("决定人")
    )
    decided_on = models.DateField(_("决定日"), null=True, blank=True)
    outcome_reason = models.TextField(_("决定说明"), blank=True)

    objects = RepairQuerySet.as_manager()

    class Meta:
        verbose_name = _("信用修复")
        verbose_name_plural = _("信用修复")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("add", "view")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["event"],
                condition=models.Q(state__in=["applied", "accepted", "granted"]),
                name="rating_repair_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | (
                    ~models.Q(decided_by=models.F("applied_by"))
                    & (models.Q(found_by__isnull=True) | ~models.Q(decided_by=models.F("found_by")))
                ),
                name="rating_repair_second_person",
            ),
        ]
        permissions = [("decide_repair", _("受理和决定信用修复"))]

    def __str__(self) -> str:
        return f"{self.producer} · {self.get_tier_display()} · {self.get_state_display()}"
