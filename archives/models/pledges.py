"""Texts a bureau hands out (承诺书、告知书、明白纸), who signed which, and to whom they were delivered."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common import clock
from archives.models.kept import Kept, end_rules
from archives.models.regions import Region
from archives.querysets import NoticeTextQuerySet


class TextKind(models.TextChoices):
    """What a text is for."""

    PLEDGE = "pledge", _("承诺书")
    NOTICE = "notice", _("告知书")
    LEAFLET = "leaflet", _("明白纸")


class NoticeText(models.Model):
    """One version of a text for a division and all below it; once used it is not changed but replaced."""

    Kind = TextKind

    kind = models.CharField(_("种类"), max_length=8, choices=TextKind.choices)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name=_("适用区划"))
    title = models.CharField(_("标题"), max_length=120)
    version = models.CharField(_("版本"), max_length=40)
    body = models.TextField(_("正文"), max_length=10_000)
    in_force_on = models.DateField(_("启用日期"))
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("制定人"),
    )  # fmt: skip
    made_at = models.DateTimeField(_("制定时间"), default=clock.now)

    objects = NoticeTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("承诺与告知文本")
        verbose_name_plural = _("承诺与告知文本")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="notice_text_version_is_unique",
                fields=["region", "kind", "title", "version"],
                violation_error_message=_("这个文本已有这个版本，请另写版本号。"),
            ),
            models.CheckConstraint(
                name="notice_text_kind_is_known", condition=models.Q(kind__in=TextKind.values)
            ),
            models.CheckConstraint(
                name="notice_text_ends_after_it_begins",
                condition=models.Q(ended_on__isnull=True) | models.Q(ended_on__gte=models.F("in_force_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.version}）"


class SigningWay(models.TextChoices):
    """How a pledge was signed."""

    ONLINE = "online", _("本人在网上签")
    PAPER = "paper", _("签纸质件")


class Pledge(Kept):
    """A credit pledge signed by the producer (信用承诺); one a year counts."""

    Way = SigningWay

    text = models.ForeignKey(NoticeText, models.PROTECT, related_name="pledges", verbose_name=_("承诺书文本"))
    signed_on = models.DateField(_("签署日期"))
    signer = models.CharField(_("签署人"), max_length=80)
    way = models.CharField(_("签署方式"), max_length=8, choices=SigningWay.choices, default=SigningWay.PAPER)

    past = ("signed_on",)

    class Meta:
        verbose_name = _("信用承诺")
        verbose_name_plural = _("信用承诺")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="pledge_is_signed_once_a_day",
                fields=["producer", "text", "signed_on"],
                condition=models.Q(ended_on__isnull=True),
                violation_error_message=_("当天已签过这份承诺书。"),
            ),
            *end_rules("pledge"),
        ]

    def __str__(self) -> str:
        return str(self.text)

    def faults(self) -> dict[str, str]:
        """Only a pledge is signed, and not before it existed."""
        faults = super().faults()
        if self.text_id and self.text.kind != TextKind.PLEDGE:
            faults["text"] = _now("只有承诺书可以签署。")
        if self.text_id and self.signed_on and self.signed_on < self.text.in_force_on:
            faults["signed_on"] = _now("这份承诺书当时还没有启用。")
        return faults


class DeliveryWay(models.TextChoices):
    """How a text reached the producer."""

    HAND = "hand", _("当面送达")
    ONLINE = "online", _("网上推送")
    SMS = "sms", _("短信")
    MEETING = "meeting", _("会上发放")
    POSTED = "posted", _("张贴")


class Receipt(models.TextChoices):
    """What shows that it arrived."""

    NONE = "", _("没有回执")
    SIGNED = "signed", _("签字回执")
    READ = "read", _("网上已读")
    PHOTO = "photo", _("照片")
    REFUSED = "refused", _("拒收，见证人在场")


class Delivery(Kept):
    """That a notice or leaflet was delivered to the producer, and its receipt."""

    Way = DeliveryWay

    text = models.ForeignKey(NoticeText, models.PROTECT, related_name="deliveries", verbose_name=_("文本"))
    delivered_on = models.DateField(_("送达日期"))
    way = models.CharField(_("送达方式"), max_length=8, choices=DeliveryWay.choices)
    receiver = models.CharField(_("接收人"), max_length=80, blank=True)
    receipt = models.CharField(_("回执"), max_length=8, choices=Receipt.choices, blank=True, default="")
    read_at = models.DateTimeField(_("已读时间"), null=True, blank=True, editable=False)

    past = ("delivered_on",)

    class Meta:
        verbose_name = _("送达记录")
        verbose_name_plural = _("送达记录")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                name="delivery_of_a_text_is_kept_once_a_day",
                fields=["producer", "text", "delivered_on", "way"],
                condition=models.Q(ended_on__isnull=True),
                violation_error_message=_("当天已登记过这次送达。"),
            ),
            *end_rules("delivery"),
        ]

    def __str__(self) -> str:
        return str(self.text)

    def faults(self) -> dict[str, str]:
        """Pledges are signed, not delivered; nothing is delivered before it existed."""
        faults = super().faults()
        if self.text_id and self.text.kind == TextKind.PLEDGE:
            faults["text"] = _now("承诺书请登记为签署。")
        if self.text_id and self.delivered_on and self.delivered_on < self.text.in_force_on:
            faults["delivered_on"] = _now("这份文本当时还没有启用。")
        return faults
