"""Field pages. Every view takes its rows from ``visible_to`` and hands them to one service."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from supervision.models import EnforcementCertificate, GuidanceVisit, Inspection, Task, TaskKind
from supervision.portal.forms import GuidanceForm, InspectionForm
from supervision.services import plans, visits

SHOWN = 20


@login_required
@permission_required("supervision.view_task", raise_exception=True)
def tasks(request: HttpRequest) -> HttpResponse:
    """What is overdue, then what is due this month, nearest first; by township where there are many."""
    day = today()
    mine = Task.objects.visible_to(request.user)
    townships = mine.due_by(plans.month_end(day)).by_township()
    chosen = request.GET.get("township", "")
    rows = mine.filter(producer__region__code__startswith=chosen) if chosen else mine
    rows = rows.select_related("producer", "producer__region")
    overdue, month = rows.overdue(day), rows.due_in_month(day).filter(due_on__gte=day)
    done = rows.filter(state=Task.State.DONE, done_on__year=day.year, done_on__month=day.month)
    return render(
        request,
        "field/tasks.html",
        {
            "day": day,
            "overdue": overdue[:SHOWN],
            "overdue_count": overdue.count(),
            "month": month[:SHOWN],
            "month_count": month.count(),
            "done_count": done.count(),
            "certified": certified(request.user, day),
            "townships": townships if len(townships) > 1 else [],
            "chosen": chosen,
        },
    )


@login_required
@permission_required("supervision.add_guidancevisit", raise_exception=True)
def guidance(request: HttpRequest, task_id: int) -> HttpResponse:
    """Record a guidance visit for a task."""
    task = _task(request, task_id, TaskKind.GUIDANCE)
    form = GuidanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        saved = _saved(
            form,
            lambda: visits.record_guidance(
                producer=task.producer, task=task, actor=request.user, **form.cleaned_data
            ),
        )
        if saved:
            messages.success(request, _("已保存对“%(name)s”的巡查指导。") % {"name": task.producer.name})
            return redirect("field:tasks")
    return _page(request, "field/guidance.html", task, form)


@login_required
@permission_required("supervision.add_inspection", raise_exception=True)
def inspection(request: HttpRequest, task_id: int) -> HttpResponse:
    """Record an administrative inspection for a task."""
    task = _task(request, task_id, TaskKind.INSPECTION)
    form = InspectionForm(
        request.POST or None,
        officer=request.user,  # type: ignore[arg-type]  # logged in: the page lets nobody else through
        producer=task.producer,
    )
    if request.method == "POST" and form.is_valid():
        saved = _saved(
            form,
            lambda: visits.record_inspection(
                producer=task.producer, task=task, actor=request.user, items=form.answers(), **form.facts()
            ),
        )
        if saved:
            messages.success(request, _("已保存对“%(name)s”的行政检查。") % {"name": task.producer.name})
            return redirect("field:tasks")
    return _page(request, "field/inspection.html", task, form)


def certified(user: Any, day: datetime.date) -> bool:
    """Whether the person holds a certificate without which nobody inspects (行政处罚法 art. 42)."""
    return EnforcementCertificate.objects.filter(user=user.pk, valid_until__gte=day).exists()


def _task(request: HttpRequest, task_id: int, kind: str) -> Task:
    rows = (
        Task.objects.visible_to(request.user).filter(kind=kind).select_related("producer", "producer__region")
    )
    task: Task = get_object_or_404(rows, pk=task_id)
    return task


def _saved(form: Any, act: Any) -> bool:
    """Whether the service took it; its refusals become the form's errors and nothing is lost."""
    try:
        act()
    except ValidationError as refusal:
        faults = refusal.message_dict if hasattr(refusal, "error_dict") else {"": refusal.messages}
        for field, sentences in faults.items():
            for sentence in sentences:
                form.add_error(field if field in form.fields else None, sentence)
        return False
    return True


def _page(request: HttpRequest, template: str, task: Task, form: Any) -> HttpResponse:
    earlier = {
        "inspections": Inspection.objects.filter(producer=task.producer)[:3],
        "guidance": GuidanceVisit.objects.filter(producer=task.producer)[:3],
    }
    context = {"task": task, "form": form, "earlier": earlier, "certified": certified(request.user, today())}
    return render(request, template, context)
