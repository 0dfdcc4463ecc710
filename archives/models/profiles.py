"""How complete each producer's file is: worked out set by set, kept so that lists can filter by it."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.models.producers import Producer
from archives.querysets import OwnedQuerySet


class Profile(models.Model):
    """What is expected of a file and missing; written by ``services.register.completeness`` only.

    ``share`` in hundredths (100 = complete). ``posted_share`` is what the ledger was last told, ``postings``
    how often, which makes the next event's uid.
    """

    producer = models.OneToOneField(
        Producer, models.CASCADE, primary_key=True, related_name="profile", verbose_name=_("生产主体")
    )
    share = models.PositiveSmallIntegerField(_("档案完整度（%）"))
    missing = ArrayField(models.CharField(max_length=24), verbose_name=_("还缺"), default=list)
    missing_count = models.PositiveSmallIntegerField(_("缺几项"))
    computed_on = models.DateField(_("计算日期"))
    posted_share = models.PositiveSmallIntegerField(_("已计入的完整度"), null=True, blank=True)
    postings = models.PositiveIntegerField(_("计入次数"), default=0)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("档案完整度")
        verbose_name_plural = _("档案完整度")
        default_permissions = ("view",)
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["-producer"], name="profile_incomplete", condition=models.Q(missing_count__gt=0)
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="profile_share_is_a_share", condition=models.Q(share__lte=100)),
        ]

    def __str__(self) -> str:
        return f"{self.producer} {self.share}%"
