"""Reports in which the authority watches itself: grade lines, officers, familiarity."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from supervision.querysets import WatchReportQuerySet


class WatchReport(models.Model):
    """One region's report over one year; ``result`` is None until a worker has answered.

    Statistics only; see :mod:`supervision.services.watch`. A reason to look, never a finding.
    """

    region_code = models.CharField(_("行政区划代码"), max_length=12)
    year = models.PositiveSmallIntegerField(_("年度"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("发起人")
    )
    asked_at = models.DateTimeField(_("发起时间"))
    answered_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    result = models.JSONField(_("结果"), null=True, blank=True)

    objects: ClassVar[WatchReportQuerySet] = WatchReportQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("监管自查")
        verbose_name_plural = _("监管自查")
        default_permissions = ("add", "view")
        ordering: ClassVar[list[str]] = ["-id"]

    def __str__(self) -> str:
        return _("%(region)s %(year)s年度监管自查") % {"region": self.region_code, "year": self.year}
