"""Lists: lawful lists of serious dishonesty as imported, and the bureau's own internal watch list."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import ListingQuerySet, WatchQuerySet


class DishonestyListing(models.Model):
    """One entry on a list that a lawful body keeps (严重失信主体名单): recorded here, never made here.

    Legal source: 国办发〔2020〕49号 — such lists only by law, regulation or central policy; who listed is who
    takes off (信用修复管理办法 art. on 谁认定谁修复). The ledger holds ``dishonesty.listed`` for it.
    """

    class State(models.TextChoices):
        """An entry's life."""

        LISTED = "listed", _("在列")
        ENDED = "ended", _("期满")
        REMOVED = "removed", _("已移出")

    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="listings", verbose_name=_("生产经营主体")
    )
    list_name = models.CharField(_("名单名称"), max_length=100)
    authority = models.CharField(_("列入机关"), max_length=100)
    basis = models.CharField(_("列入依据"), max_length=200)
    document_number = models.CharField(_("列入决定文号"), max_length=100)
    source = models.CharField(_("信息来源"), max_length=200)
    listed_on = models.DateField(_("列入日期"))
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.LISTED)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("录入人")
    )
    entered_at = models.DateTimeField(_("录入时间"))
    removed_on = models.DateField(_("移出日期"), null=True, blank=True)
    removal = models.CharField(_("移出依据"), max_length=200, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("移出经办人")
    )

    objects = ListingQuerySet.as_manager()

    class Meta:
        verbose_name = _("严重失信名单记录")
        verbose_name_plural = _("严重失信名单记录")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("add", "view")
        permissions = [("remove_dishonestylisting", _("登记移出名单"))]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["producer", "list_name", "document_number"], name="rating_listing_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(authority="") & ~models.Q(basis="") & ~models.Q(document_number=""),
                name="rating_listing_is_lawful",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_until__isnull=True)
                | models.Q(valid_until__gte=models.F("listed_on")),
                name="rating_listing_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer} · {self.list_name}"


class WatchEntry(models.Model):
    """One stay on the bureau's watch list (重点监管名单): internal, by decision, with reasons and dates.

    A score alone puts nobody on it; it raises the frequency of visits and has no other effect. It is never
    public and no list of dishonesty: those are made by law only.
    """

    class State(models.TextChoices):
        """An entry's life."""

        PROPOSED = "proposed", _("拟列入")
        WATCHED = "watched", _("在列")
        REFUSED = "refused", _("不予列入")
        LEAVING = "leaving", _("拟移出")
        LEFT = "left", _("已移出")

    #: States in which it weighs.
    IN_FORCE = (State.WATCHED, State.LEAVING)

    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="watch_entries", verbose_name=_("生产经营主体")
    )
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.TextField(_("列入理由"))
    basis = models.CharField(_("依据"), max_length=200)
    evidence_uids = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, verbose_name=_("所据信息编号")
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    proposed_on = models.DateField(_("提出日"))
    review_by = models.DateField(_("复核期限"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("决定人")
    )
    entered_on = models.DateField(_("列入日"), null=True, blank=True)
    decision_reason = models.TextField(_("决定说明"), blank=True)
    exit_reason = models.TextField(_("移出理由"), blank=True)
    exit_proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("移出提出人")
    )
    left_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("移出决定人")
    )
    left_on = models.DateField(_("移出日"), null=True, blank=True)

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("重点监管名单记录")
        verbose_name_plural = _("重点监管名单（内部）")
        ordering: ClassVar[list[str]] = ["-id"]
        default_permissions = ("add", "view")
        permissions = [("decide_watchentry", _("决定列入和移出重点监管名单"))]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["producer"],
                condition=models.Q(state__in=["proposed", "watched", "leaving"]),
                name="rating_watch_one_open",
            ),
            models.CheckConstraint(
                condition=(models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("proposed_by")))
                & (models.Q(left_by__isnull=True) | ~models.Q(left_by=models.F("exit_proposed_by"))),
                name="rating_watch_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer} · {self.get_state_display()}"
