"""A what-if that an officer asked: a draft scheme over a past run, and its result."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from rating.querysets import SimulationQuerySet


class Simulation(models.Model):
    """The draft's document is kept whole, so that the page says the same after the draft has moved on.

    ``result`` is None until it is computed (:func:`rating.services.simulation.tables`).
    """

    run = models.ForeignKey(
        "rating.RatingRun", models.PROTECT, related_name="simulations", verbose_name=_("所据评价")
    )
    region_code = models.CharField(_("行政区划代码"), max_length=12)
    title = models.CharField(_("标题"), max_length=200)
    scheme_code = models.CharField(_("方案代码"), max_length=32)
    scheme_version = models.CharField(_("版本"), max_length=16)
    sha256 = models.CharField(_("内容指纹（SHA-256）"), max_length=64)
    document = models.JSONField(_("方案内容"))
    result = models.JSONField(_("试算结果"), null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("试算人")
    )
    asked_at = models.DateTimeField(_("试算时间"))
    answered_at = models.DateTimeField(_("完成时间"), null=True, blank=True)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        verbose_name = _("方案试算")
        verbose_name_plural = _("方案试算")
        default_permissions = ("add", "view")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return self.title
