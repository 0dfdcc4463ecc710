"""New registrations that may continue a producer which earned the lowest grade, or was closed."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models import Producer, ProducerStatus
from rating.querysets import ReregistrationQuerySet


class Sign(models.TextChoices):
    """What the new file shares with the old."""

    PRINCIPAL = "principal", _("负责人相同")
    PHONE = "phone", _("联系电话相同")
    CONTACT = "contact", _("同一乡镇同名联系人")
    PLOTS = "plots", _("地块相同")
    ADDRESS = "address", _("地址相同")
    NAME = "name", _("名称相近")


class ReregistrationState(models.TextChoices):
    """One proposes with the reason, another looks again. ``distinct`` is remembered."""

    FOUND = "found", _("待核实")
    PROPOSED = "proposed", _("已提出，待复核")
    CONFIRMED = "confirmed", _("已认定为重新登记")
    DISTINCT = "distinct", _("不是同一经营者")


class Reregistration(models.Model):
    """An old file and a newer one; written by ``services.reregistrations`` only.

    Confirmed, the old file is an alias of the new one (``merged_into``): its events stay where they are and
    count there. ``old_status`` is what it returns to when that is undone.
    """

    State = ReregistrationState

    old = models.ForeignKey(Producer, models.CASCADE, related_name="+", verbose_name=_("原主体"))
    new = models.ForeignKey(Producer, models.CASCADE, related_name="+", verbose_name=_("新登记主体"))
    signs = ArrayField(models.CharField(max_length=10, choices=Sign.choices), verbose_name=_("相同之处"))
    score = models.PositiveSmallIntegerField(_("相似度"))
    grade = models.CharField(_("原等级"), max_length=8, blank=True)
    state = models.CharField(
        _("状态"), max_length=9, choices=ReregistrationState.choices, default=ReregistrationState.FOUND
    )
    found_at = models.DateTimeField(_("最近发现时间"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("提出人")
    )
    reason = models.CharField(_("理由"), max_length=240, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("处理人")
    )
    decided_at = models.DateTimeField(_("处理时间"), null=True)
    decision = models.CharField(_("处理说明"), max_length=240, blank=True)
    old_status = models.CharField(
        _("原主体此前状态"), max_length=8, blank=True, choices=ProducerStatus.choices
    )

    objects = ReregistrationQuerySet.as_manager()

    class Meta:
        verbose_name = _("疑似重新登记")
        verbose_name_plural = _("疑似重新登记")
        default_permissions = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="reregistration_stands_once", fields=["old", "new"]),
            models.UniqueConstraint(
                name="reregistration_continues_in_one", fields=["old"], condition=models.Q(state="confirmed")
            ),
            models.CheckConstraint(name="reregistration_names_two", condition=~models.Q(old=models.F("new"))),
            models.CheckConstraint(
                name="reregistration_state_is_known",
                condition=models.Q(state__in=ReregistrationState.values),
            ),
            models.CheckConstraint(
                name="reregistration_is_confirmed_by_another",
                condition=~models.Q(state="confirmed")
                | models.Q(proposed_by__isnull=True)
                | models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("proposed_by")),
            ),
            models.CheckConstraint(
                name="reregistration_confirmed_knows_the_way_back",
                condition=models.Q(state="confirmed") & ~models.Q(old_status="")
                | ~models.Q(state="confirmed") & models.Q(old_status=""),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-score", "id"], name="reregistration_work"),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"
