"""Visits paid and tasks set: guidance and inspection stand apart, as the law keeps them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from agricredit.foundation.common.clock import today
from agricredit.pages.office.file.registry import File, section
from supervision.models import GuidanceVisit, Inspection, Task


@section("visits", 50, gettext_lazy("巡查指导与行政检查"), "supervision.view_guidancevisit")
def visits(file: File, cursor: str, size: int) -> dict[str, Any]:
    """The newest of each; inspections only for those who may read them."""
    guidance = GuidanceVisit.objects.visible_to(file.user).filter(producer_id__in=file.family)
    inspections = Inspection.objects.visible_to(file.user).filter(producer_id__in=file.family)
    may = file.user.has_perm("supervision.view_inspection")
    related = ("officer", "second_officer")
    return {
        "guidance": list(guidance.select_related("visitor").order_by("-visited_on", "-pk")[:size]),
        "inspections": list(inspections.select_related(*related).order_by("-inspected_on", "-pk")[:size])
        if may
        else [],
    }


@section("tasks", 55, gettext_lazy("检查任务"), "supervision.view_task")
def tasks(file: File, cursor: str, size: int) -> dict[str, Any]:
    """What is open first, then the newest of the rest."""
    rows = Task.objects.visible_to(file.user).filter(producer_id__in=file.family).select_related("assignee")
    waiting = list(rows.open().order_by("due_on", "pk")[:size])
    done = rows.exclude(state=Task.State.OPEN).order_by("-due_on", "-pk")
    day = today()
    return {
        "open": [(task, task.due_on < day) for task in waiting],
        "done": list(done[: max(size - len(waiting), 3)]),
    }
