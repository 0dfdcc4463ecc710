"""A region's inspection plan for a year and the tasks it is made of."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.templatetags.formats import full_date
from supervision.querysets import PlanQuerySet, TaskQuerySet


class Plan(models.Model):
    """One year's plan (年度检查计划). ``inspection_cap``: inspections a producer a year at most.

    The cap is set and published each year (国办发〔2024〕54号); its value is a platform default.
    """

    region_code = models.CharField(_("行政区划代码"), max_length=12)
    year = models.PositiveSmallIntegerField(_("年度"))
    inspection_cap = models.PositiveSmallIntegerField(_("行政检查年度上限（次）"), default=2)
    made_at = models.DateTimeField(_("编制时间"))
    published_at = models.DateTimeField(_("公布时间"), null=True, blank=True)

    objects: ClassVar[PlanQuerySet] = PlanQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("检查计划")
        verbose_name_plural = _("检查计划")
        ordering = ["-year", "region_code"]
        permissions = [("make_plan", _("编制检查计划")), ("publish_plan", _("公布检查计划"))]
        constraints = [models.UniqueConstraint(fields=["region_code", "year"], name="plan_once_a_year")]

    def __str__(self) -> str:
        return _("%(year)s年度检查计划（%(region)s）") % {"year": self.year, "region": self.region_code}


class TaskKind(models.TextChoices):
    """Guidance and inspection are kept apart by law; only the second can find faults."""

    GUIDANCE = "guidance", _("巡查指导")
    INSPECTION = "inspection", _("行政检查")


class TaskCause(models.TextChoices):
    """What asked for the visit."""

    PLAN = "plan", _("年度计划")
    IDLE = "idle", _("核实在册不运行")


class Task(models.Model):
    """One visit that the plan asks for, due by the last day of its month."""

    class State(models.TextChoices):
        """Open until a visit or inspection does it; cancelled with a reason."""

        OPEN = "open", _("待完成")
        DONE = "done", _("已完成")
        CANCELLED = "cancelled", _("已取消")

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="tasks", verbose_name=_("检查计划"))
    producer = models.ForeignKey(
        "archives.Producer", models.PROTECT, related_name="tasks", verbose_name=_("生产经营主体")
    )
    kind = models.CharField(_("类别"), max_length=12, choices=TaskKind.choices)
    cause = models.CharField(
        _("来由"), max_length=8, choices=TaskCause.choices, default=TaskCause.PLAN, db_default="plan"
    )
    month = models.PositiveSmallIntegerField(_("月份"))
    due_on = models.DateField(_("截止日期"))
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.OPEN)
    done_on = models.DateField(_("完成日期"), null=True, blank=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("承办人"),
    )

    objects: ClassVar[TaskQuerySet] = TaskQuerySet.as_manager()  # type: ignore[assignment]  # as_manager() is typed as a manager

    class Meta:
        verbose_name = _("检查任务")
        verbose_name_plural = _("检查任务")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(state="open"), name="task_open_by_due"),
            models.Index(fields=["producer", "state"], name="task_of_producer"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["plan", "producer", "month"], name="task_once_a_month"),
            models.CheckConstraint(condition=Q(month__range=(1, 12)), name="task_month_is_a_month"),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | (~Q(state="done") & Q(done_on=None)),
                name="task_done_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {full_date(self.due_on)}"
