"""Guidance visits and administrative inspections: two tables, because the law keeps them apart."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from supervision.models.plan import Task
from supervision.querysets import EnforcementCertificateQuerySet, OfProducerQuerySet


class EnforcementCertificate(models.Model):
    """An officer's 行政执法证; without a valid one nobody inspects (行政处罚法 art. 42)."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="enforcement_certificate",
        verbose_name=_("人员"),
    )
    number = models.CharField(_("执法证号"), max_length=40, unique=True)
    authority = models.CharField(_("执法机关"), max_length=100)
    valid_until = models.DateField(_("有效期至"))

    objects: ClassVar[EnforcementCertificateQuerySet] = EnforcementCertificateQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("行政执法证")
        verbose_name_plural = _("行政执法证")

    def __str__(self) -> str:
        return f"{self.user} {self.number}"


class GuidanceVisit(models.Model):
    """A visit by village assistants or other staff: advice only, it weighs nothing in the rating."""

    uid = models.UUIDField(_("客户端编号"), unique=True)
    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="guidance_visits", verbose_name=_("生产经营主体")
    )
    task = models.OneToOneField(
        Task, models.SET_NULL, null=True, blank=True, related_name="guidance_visit", verbose_name=_("任务")
    )
    visited_on = models.DateField(_("巡查日期"))
    visitor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("巡查人")
    )
    observations = models.TextField(_("情况"))
    advice = models.TextField(_("指导意见"), blank=True)
    entered_at = models.DateTimeField(_("录入时间"))

    objects: ClassVar[OfProducerQuerySet] = OfProducerQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("巡查指导")
        verbose_name_plural = _("巡查指导")
        ordering = ["-visited_on", "-id"]
        indexes = [models.Index(fields=["producer", "-visited_on"], name="guidance_of_producer")]

    def __str__(self) -> str:
        return f"{self.producer} {full_date(self.visited_on)}"


class Inspection(models.Model):
    """An administrative inspection (行政检查): two certified officers, authority, item list, notice."""

    class Result(models.TextChoices):
        """A minor fault put right on the spot is a pass (ledger contract, "Guidance is not inspection")."""

        PASS = "pass", _("未发现问题")
        CORRECTED = "corrected", _("轻微问题，当场改正")
        FINDING = "finding", _("发现问题")
        REFUSED = "refused", _("拒绝、阻挠检查")

    class Signature(models.TextChoices):
        """Whether the producer signed, or why not; without a signature there is a witness or a video."""

        SIGNED = "signed", _("已签字")
        DECLINED = "declined", _("拒签")
        ABSENT = "absent", _("不在场")

    class Reason(models.TextChoices):
        """Why the inspection was made; complaints and leads lie outside the plan and its cap."""

        PLAN = "plan", _("年度计划")
        COMPLAINT = "complaint", _("投诉举报")
        LEAD = "lead", _("监测线索")

    uid = models.UUIDField(_("客户端编号"), unique=True)
    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="inspections", verbose_name=_("生产经营主体")
    )
    task = models.OneToOneField(
        Task, models.SET_NULL, null=True, blank=True, related_name="inspection", verbose_name=_("任务")
    )
    reason = models.CharField(_("检查事由"), max_length=10, choices=Reason.choices, default=Reason.PLAN)
    inspected_on = models.DateField(_("检查日期"))
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("执法人员一")
    )
    officer_certificate = models.CharField(_("执法证号一"), max_length=40)
    second_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("执法人员二")
    )
    second_certificate = models.CharField(_("执法证号二"), max_length=40)
    authority = models.CharField(_("检查机关"), max_length=100)
    notice_number = models.CharField(_("检查通知书文号"), max_length=60)
    items = models.JSONField(_("检查项目"), default=list)
    result = models.CharField(_("检查结果"), max_length=10, choices=Result.choices)
    finding = models.TextField(_("问题描述"), blank=True)
    cooperation_lacked = models.BooleanField(_("配合不足"), default=False)
    signature = models.CharField(_("签字"), max_length=10, choices=Signature.choices)
    witness = models.CharField(_("见证人或录像编号"), max_length=100, blank=True)
    entered_at = models.DateTimeField(_("录入时间"))

    objects: ClassVar[OfProducerQuerySet] = OfProducerQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("行政检查")
        verbose_name_plural = _("行政检查")
        ordering = ["-inspected_on", "-id"]
        indexes = [models.Index(fields=["producer", "-inspected_on"], name="inspection_of_producer")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(officer=F("second_officer")), name="inspection_by_two_officers"
            ),
            models.CheckConstraint(
                condition=~Q(officer_certificate="") & ~Q(second_certificate=""),
                name="inspection_officers_are_certified",
            ),
            models.CheckConstraint(
                condition=~Q(notice_number="") & ~Q(authority=""), name="inspection_has_notice_and_authority"
            ),
            models.CheckConstraint(
                condition=Q(result__in=["pass"]) | ~Q(finding=""), name="inspection_says_what_was_found"
            ),
            models.CheckConstraint(
                condition=Q(signature="signed") | ~Q(witness=""), name="inspection_unsigned_has_a_witness"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.producer} {full_date(self.inspected_on)} {self.get_result_display()}"
