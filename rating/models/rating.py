"""One producer's result in one run: a versioned, immutable row in a table partitioned by run."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import RatingQuerySet


class Rating(models.Model):
    """A computed result; what changes it (a confirmed decision, a repair) is a new version of it.

    The table is PARTITIONED BY LIST (run_id), PRIMARY KEY (id, run_id), made by hand in migration 0002;
    Django sees ``id`` as the key. ``kind`` and ``nature`` are numbers of ``engine.scheme.ProducerKind`` and
    ``ProducerNature``. ``points`` and ``readings`` are little-endian integers in the order of
    ``engine.scheme.Scheme.columns``: int32 hundredths and int64 millionths, the least value of the type
    standing for "not applicable" and "no reading". ``vetoes`` is a bit mask in scheme order. A version issued
    anew names its own seal in ``seal_size`` (null: the run's) and what it was issued for in ``cause``
    (``repair:12``, ``objection:7``).
    """

    class Status(models.TextChoices):
        """``pending``: a veto or lowest grade that nobody has confirmed yet; the old grade stands.

        ``suspended``: by a decision during the year; no grade until it is lifted.
        """

        RATED = "rated", _("已评价")
        PENDING = "pending", _("待认定")
        NOT_RATED = "not_rated", _("未评价")
        SUSPENDED = "suspended", _("等级暂停")

    id = models.BigAutoField(primary_key=True)
    # No database constraint: neither side is ever deleted, and checking a million rows a run buys nothing.
    run = models.ForeignKey(
        "rating.RatingRun",
        models.DO_NOTHING,
        related_name="ratings",
        db_constraint=False,
        verbose_name=_("年度评价"),
    )
    producer = models.ForeignKey(
        "archives.Producer",
        models.DO_NOTHING,
        related_name="ratings",
        db_constraint=False,
        verbose_name=_("生产经营主体"),
    )
    version = models.PositiveSmallIntegerField(_("版本"), default=1)
    kind = models.PositiveSmallIntegerField(_("主体类型"))
    nature = models.PositiveSmallIntegerField(_("主体性质"))
    region_id = models.CharField(_("行政区划代码"), max_length=12)
    registered_on = models.DateField(_("登记日期"))
    last_score = models.IntegerField(_("上年得分"), null=True, blank=True)
    base = models.IntegerField(_("基础分"))
    bonus = models.IntegerField(_("加分"))
    deductions = models.IntegerField(_("扣分"))
    score = models.IntegerField(_("得分"))
    able = models.IntegerField(_("可得分"))
    grade = models.CharField(_("等级"), max_length=8, blank=True)
    status = models.CharField(_("状态"), max_length=10, choices=Status.choices)
    vetoes = models.IntegerField(_("否决项"), default=0)
    points = models.BinaryField(_("各项得分"))
    readings = models.BinaryField(_("各项读数"))
    seal_size = models.BigIntegerField(_("账本封存条数"), null=True, blank=True)
    cause = models.CharField(_("重新出具事由"), max_length=40, blank=True, default="", db_default="")

    objects = RatingQuerySet.as_manager()

    class Meta:
        verbose_name = _("评价结果")
        verbose_name_plural = _("评价结果")
        constraints = [
            models.UniqueConstraint(fields=["producer", "run", "version"], name="rating_rating_version")
        ]
        permissions = [("correct_rating", _("更正重出评价结果"))]

    def __str__(self) -> str:
        return f"{self.producer} · {self.run_id} · {self.grade or self.get_status_display()}"
