"""Verification of production records (核实): those put up for it, how they were chosen, and who steps in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from archives.models.producers import Producer
from archives.models.regions import Region
from archives.review_querysets import RecordReviewQuerySet, RegionedQuerySet, SubstituteQuerySet


class ReviewFlag(models.TextChoices):
    """Why a record is looked at: an exception, or drawn at random."""

    LATE = "late", _("补录较晚")
    QUANTITY = "quantity", _("数量存疑")
    UNUSUAL = "unusual", _("内容异常")
    CORRECTION = "correction", _("撤销后重录")
    DUPLICATE = "duplicate", _("疑似重复")
    BURST = "burst", _("集中补录")
    SAMPLE = "sample", _("随机抽取")


class ReviewState(models.TextChoices):
    """A returned record waits for its producer; an answer puts it up again."""

    OPEN = "open", _("待核实")
    RETURNED = "returned", _("已退回")
    CONFIRMED = "confirmed", _("已核实")
    REVERSED = "reversed", _("已撤销")


class ReviewSample(models.Model):
    """A random subset of a township's records entered in a period, drawn so that anyone can draw it again.

    The records that nobody had put up yet, in the order of SHA-256(``seed`` ":" uid); the first ``size``.
    """

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("乡镇"))
    first = models.DateField(_("录入日期起"))
    last = models.DateField(_("录入日期止"))
    seed = models.CharField(_("随机种子"), max_length=32)
    percent = models.PositiveSmallIntegerField(_("抽取比例（%）"))
    least = models.PositiveSmallIntegerField(_("最少条数"))
    most = models.PositiveSmallIntegerField(_("最多条数"))
    pool_size = models.PositiveIntegerField(_("总体条数"), default=0)
    pool_hash = models.CharField(_("总体摘要"), max_length=64, blank=True)
    size = models.PositiveIntegerField(_("抽取条数"), default=0)
    drawn_at = models.DateTimeField(_("抽取时间"))
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("抽取人"),
    )  # fmt: skip

    objects = RegionedQuerySet.as_manager()

    class Meta:
        verbose_name = _("记录抽样")
        verbose_name_plural = _("记录抽样")
        default_permissions = ("view", "add")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Drawn once: nobody draws until he likes the result.
            models.UniqueConstraint(name="review_sample_drawn_once", fields=["region", "first", "last"]),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.first}–{self.last}"


class RecordReview(models.Model):
    """One record put up for verification. Records count from their entry; this changes nothing about that.

    ``notes`` says for each flag what was seen. ``act`` is the bulk confirmation it was part of, by which it
    can be taken back for a while.
    """

    Flag = ReviewFlag
    State = ReviewState

    noun = models.CharField(_("记录种类"), max_length=16)
    uid = models.UUIDField(_("记录编号"))
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="+", verbose_name=_("生产主体"))
    occurred_on = models.DateField(_("发生日期"))
    entered_at = models.DateTimeField(_("录入时间"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("录入人")
    )
    flags = ArrayField(
        models.CharField(max_length=12, choices=ReviewFlag.choices), verbose_name=_("核实理由")
    )
    notes = models.JSONField(_("理由说明"), default=dict)
    sample = models.ForeignKey(
        ReviewSample, models.PROTECT, null=True, blank=True, related_name="reviews", verbose_name=_("抽样")
    )
    put_up_at = models.DateTimeField(_("列入时间"))
    state = models.CharField(_("状态"), max_length=10, choices=ReviewState.choices, default=ReviewState.OPEN)
    reason = models.CharField(_("退回或撤销理由"), max_length=240, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("核实人"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("核实时间"), null=True, blank=True)
    act = models.UUIDField(_("批次"), null=True, blank=True, editable=False)
    answer = models.CharField(_("主体的说明"), max_length=240, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("说明人"),
    )  # fmt: skip
    answered_at = models.DateTimeField(_("说明时间"), null=True, blank=True)

    objects = RecordReviewQuerySet.as_manager()
    own = False
    """Whether somebody else must verify it, where ``with_own`` was asked."""
    row: Any = None
    """The record itself, where ``reviews.reading.attach`` fetched it."""

    class Meta:
        verbose_name = _("待核实的记录")
        verbose_name_plural = _("记录核实")
        default_permissions = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="record_review_once_for_each_record", fields=["noun", "uid"]),
            models.CheckConstraint(
                name="record_review_state_is_known", condition=models.Q(state__in=ReviewState.values)
            ),
            models.CheckConstraint(
                name="record_review_has_a_reason_to_be_there", condition=~models.Q(flags=[])
            ),
            models.CheckConstraint(
                name="record_review_decided_with_time",
                condition=models.Q(state=ReviewState.OPEN) | models.Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="record_review_returned_with_reason",
                condition=~models.Q(state=ReviewState.RETURNED, reason=""),
            ),
            # Four eyes: nobody verifies what he entered himself.
            models.CheckConstraint(
                name="record_review_by_another_person",
                condition=~models.Q(state=ReviewState.CONFIRMED, decided_by=models.F("recorded_by")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["producer", "state"], name="record_review_of_producer"),
            models.Index(
                fields=["-put_up_at", "-id"], name="record_review_work",
                condition=models.Q(state__in=("open", "returned")),
            ),
            models.Index(fields=["act"], name="record_review_act", condition=models.Q(act__isnull=False)),
            models.Index(fields=["uid"], name="record_review_uid"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.producer} {full_date(self.occurred_on)}"

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """Each flag in words, with what was seen."""
        return [(str(ReviewFlag(flag).label), self.notes.get(flag, "")) for flag in self.flags]


class ReviewSetting(models.Model):
    """How much of a division's records is drawn each week; it holds for all below that have none."""

    region = models.OneToOneField(Region, models.PROTECT, related_name="+", verbose_name=_("行政区划"))
    percent = models.PositiveSmallIntegerField(_("抽取比例（%）"), default=5)
    least = models.PositiveSmallIntegerField(_("最少条数"), default=5)
    most = models.PositiveSmallIntegerField(_("最多条数"), default=50)

    objects = RegionedQuerySet.as_manager()

    class Meta:
        verbose_name = _("抽样设置")
        verbose_name_plural = _("抽样设置")
        default_permissions = ("view", "add", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="review_setting_is_a_share", condition=models.Q(percent__gte=1, percent__lte=100)
            ),
            models.CheckConstraint(
                name="review_setting_least_before_most", condition=models.Q(least__lte=models.F("most"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.region)


class ReviewSubstitute(models.Model):
    """That somebody of a neighbouring township (or the county) verifies a township's records for a time."""

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("代核乡镇"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("代核人员")
    )
    valid_from = models.DateField(_("开始日期"))
    valid_until = models.DateField(_("结束日期"))
    reason = models.CharField(_("理由"), max_length=240)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("指派人")
    )

    objects = SubstituteQuerySet.as_manager()

    class Meta:
        verbose_name = _("代核安排")
        verbose_name_plural = _("代核安排")
        default_permissions = ("view", "add", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="review_substitute_ends_after_it_begins",
                condition=models.Q(valid_until__gte=models.F("valid_from")),
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "valid_until"], name="review_substitute_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.region}"
