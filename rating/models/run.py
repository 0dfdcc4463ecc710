"""A rating run (one scheme over one region and year) and the shards in which it is computed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import RunQuerySet, ShardQuerySet


class RatingRun(models.Model):
    """One yearly rating: computing → computed → in review → public notice → effective → superseded.

    What it read is named here for good: the seal (the ledger's first ``seal_size`` events), the roll (the
    frozen producer attributes, one Parquet file with its sha256), the scheme's document, and the division by
    the name it had then.
    """

    class State(models.TextChoices):
        """The state machine of DESIGN §5; failed and cancelled runs never had any effect."""

        COMPUTING = "computing", _("计算中")
        COMPUTED = "computed", _("已计算")
        IN_REVIEW = "in_review", _("复核中")
        PUBLIC_NOTICE = "public_notice", _("公示中")
        EFFECTIVE = "effective", _("已生效")
        SUPERSEDED = "superseded", _("已被替代")
        FAILED = "failed", _("失败")
        CANCELLED = "cancelled", _("已取消")

    #: States in which a second run of the same scheme, region and year is refused.
    OPEN_STATES = (State.COMPUTING, State.COMPUTED, State.IN_REVIEW, State.PUBLIC_NOTICE)
    #: Where a trial (试评价) may stand: never in notice, never in effect. The database holds it too.
    TRIAL_STATES = (State.COMPUTING, State.COMPUTED, State.IN_REVIEW, State.FAILED, State.CANCELLED)

    scheme = models.ForeignKey(
        "rating.Scheme", models.PROTECT, related_name="runs", verbose_name=_("评价方案")
    )
    region_code = models.CharField(_("行政区划代码"), max_length=12)
    region_name = models.CharField(_("行政区划"), max_length=240, blank=True, default="")
    year = models.PositiveSmallIntegerField(_("评价年度"))
    trial = models.BooleanField(
        _("试评价"),
        default=False,
        db_default=False,
        help_text=_("只供内部检验方案和数据：不公示、不生效、不公开"),
    )
    window_end = models.DateField(_("截止日"))
    state = models.CharField(_("状态"), max_length=14, choices=State.choices, default=State.COMPUTING)
    seal_size = models.BigIntegerField(_("账本封存条数"))
    seal_root = models.CharField(_("账本封存根"), max_length=64)
    roll_path = models.CharField(_("冻结名册"), max_length=200)
    roll_sha256 = models.CharField(_("冻结名册指纹"), max_length=64)
    measures_path = models.CharField(_("度量文件"), max_length=200, blank=True)
    producers = models.PositiveIntegerField(_("参评主体数"))
    summary = models.JSONField(_("结果汇总"), default=dict, blank=True)
    error = models.TextField(_("失败原因"), blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("发起人")
    )
    started_at = models.DateTimeField(_("发起时间"))
    computed_at = models.DateTimeField(_("计算完成时间"), null=True, blank=True)
    reviewed_on = models.DateField(_("开始复核日"), null=True, blank=True)
    noticed_on = models.DateField(_("公示开始日"), null=True, blank=True)
    noticed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("公示人")
    )
    notice_until = models.DateField(_("公示截止日"), null=True, blank=True)
    effective_on = models.DateField(_("生效日"), null=True, blank=True)
    superseded_on = models.DateField(_("被替代日"), null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("年度评价")
        verbose_name_plural = _("年度评价")
        ordering = ["-year", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "region_code", "year", "trial"],
                condition=models.Q(state__in=["computing", "computed", "in_review", "public_notice"]),
                name="rating_run_one_open",
            ),
            models.UniqueConstraint(
                fields=["scheme", "region_code", "year"],
                condition=models.Q(state="effective"),
                name="rating_run_one_effective",
            ),
            models.CheckConstraint(
                condition=models.Q(trial=False)
                | models.Q(
                    state__in=["computing", "computed", "in_review", "failed", "cancelled"],
                    noticed_on__isnull=True,
                    effective_on__isnull=True,
                ),
                name="rating_run_trial_without_effect",
            ),
        ]
        permissions = [
            ("start_ratingrun", _("发起年度评价")),
            ("review_ratingrun", _("提交复核")),
            ("notice_ratingrun", _("发布公示")),
            ("effect_ratingrun", _("确认生效")),
            ("cancel_ratingrun", _("取消年度评价")),
        ]

    def __str__(self) -> str:
        words = {
            "year": self.year,
            "region": self.region_name or self.region_code,
            "scheme": self.scheme.code,
        }
        if self.trial:
            return _("【试评价】%(year)s年度 %(region)s %(scheme)s") % words
        return _("%(year)s年度 %(region)s %(scheme)s") % words


class RunShard(models.Model):
    """A contiguous producer-id range of a run, computed and written in one transaction.

    ``claim`` names the attempt that may commit: a newer claim makes an older one (a worker believed dead)
    roll back, so a shard is never written twice.
    """

    class State(models.TextChoices):
        """A shard's life."""

        WAITING = "waiting", _("等待")
        COMPUTING = "computing", _("计算中")
        DONE = "done", _("完成")

    run = models.ForeignKey(RatingRun, models.CASCADE, related_name="shards", verbose_name=_("年度评价"))
    number = models.PositiveSmallIntegerField(_("序号"))
    low = models.BigIntegerField(_("起始主体编号"))
    high = models.BigIntegerField(_("末尾主体编号"))
    producers = models.PositiveIntegerField(_("主体数"))
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    claim = models.UUIDField(default=uuid.UUID(int=0), editable=False)
    claimed_at = models.DateTimeField(_("领取时间"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    measures_path = models.CharField(_("度量文件"), max_length=200, blank=True)

    objects = ShardQuerySet.as_manager()

    class Meta:
        verbose_name = _("计算分片")
        verbose_name_plural = _("计算分片")
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="rating_shard_number"),
            models.CheckConstraint(condition=models.Q(low__lte=models.F("high")), name="rating_shard_range"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} #{self.number}"
