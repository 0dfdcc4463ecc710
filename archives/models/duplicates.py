"""Pairs of producers that may be one and the same, and what an officer decided about each."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.crypto import EncryptedTextField
from archives.models.producers import Producer
from archives.querysets import DuplicatePairQuerySet


class DuplicateReason(models.TextChoices):
    """What two files have in common."""

    CREDIT_CODE = "credit_code", _("统一社会信用代码相同")
    IDENTITY = "identity", _("公民身份号码相同")
    PHONE = "phone", _("联系电话相同")
    LICENCE = "licence", _("证照编号相同")
    NAME = "name", _("同一乡镇内名称相近")
    ADDRESS = "address", _("同一乡镇内地址相同")


class PairState(models.TextChoices):
    """What has become of a pair. ``distinct`` is remembered: no later search brings it up again."""

    OPEN = "open", _("待处理")
    MERGED = "merged", _("已合并")
    DISTINCT = "distinct", _("不是同一主体")


class DuplicatePair(models.Model):
    """Two producers, the one with the lower id first; written by ``services.duplicates`` only."""

    State = PairState

    low = models.ForeignKey(Producer, models.CASCADE, related_name="+", verbose_name=_("主体甲"))
    high = models.ForeignKey(Producer, models.CASCADE, related_name="+", verbose_name=_("主体乙"))
    reasons = ArrayField(
        models.CharField(max_length=12, choices=DuplicateReason.choices), verbose_name=_("疑似理由")
    )
    score = models.PositiveSmallIntegerField(_("相似度"))
    state = models.CharField(_("状态"), max_length=8, choices=PairState.choices, default=PairState.OPEN)
    found_at = models.DateTimeField(_("最近发现时间"))
    kept = models.ForeignKey(
        Producer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("保留的主体")
    )
    picked = ArrayField(models.CharField(max_length=20), verbose_name=_("取自另一主体的内容"), default=list)
    kept_before = EncryptedTextField(_("合并前的内容"), null=True, blank=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("处理人"),
    )  # fmt: skip
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    decision = models.CharField(_("处理理由"), max_length=240, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = _("疑似重复主体")
        verbose_name_plural = _("疑似重复主体")
        default_permissions = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(name="duplicate_pair_stands_once", fields=["low", "high"]),
            models.CheckConstraint(
                name="duplicate_pair_is_in_order", condition=models.Q(low__lt=models.F("high"))
            ),
            models.CheckConstraint(
                name="duplicate_pair_state_is_known", condition=models.Q(state__in=PairState.values)
            ),
            models.CheckConstraint(
                name="duplicate_pair_is_merged_if_and_only_if_it_names_whom_it_kept",
                condition=models.Q(state="merged", kept__isnull=False)
                | (~models.Q(state="merged") & models.Q(kept__isnull=True)),
            ),
            models.CheckConstraint(
                name="duplicate_pair_score_is_a_percentage", condition=models.Q(score__lte=100)
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "-score", "id"], name="duplicate_pair_work"),
        ]

    def __str__(self) -> str:
        return f"{self.low} ／ {self.high}"
