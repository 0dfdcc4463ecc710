"""Back-office pages of supervision: plans, tasks, frequencies, visits and officers' certificates."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.admin import ReadOnlyAdmin, ScopedModelAdmin
from supervision.models import (
    EnforcementCertificate,
    FrequencyAssignment,
    GuidanceVisit,
    Inspection,
    Plan,
    Task,
)
from supervision.services import plans


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    """Plans of one's own and higher divisions; publishing is an act of its own."""

    list_display = ("__str__", "inspection_cap", "made_at", "published_at")
    list_filter = ("year",)
    actions = ("publish",)

    @admin.action(description=_("公布所选计划"), permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: Any) -> None:
        """Publish the chosen plans (they name no producer)."""
        for plan in queryset:
            plans.publish(plan=plan, actor=request.user)
        messages.success(request, _("所选计划已公布。"))

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """By role."""
        return request.user.has_perm("supervision.publish_plan")


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """Tasks, soonest first."""

    list_display = ("producer", "kind", "due_on", "state", "done_on", "assignee")
    list_filter = ("state", "kind", "month")
    list_select_related = ("producer", "assignee")
    search_fields = ("producer__key", "producer__credit_code")


@admin.register(FrequencyAssignment)
class FrequencyAdmin(ReadOnlyAdmin):
    """How often whom, and why."""

    list_display = ("producer", "year", "grade", "risk", "visits_in_words", "sampling", "monthly_follow_up")
    list_filter = ("year", "risk", "grade")
    list_select_related = ("producer",)
    search_fields = ("producer__key", "producer__credit_code")


@admin.register(GuidanceVisit)
class GuidanceVisitAdmin(ReadOnlyAdmin):
    """Guidance visits as recorded in the field."""

    list_display = ("producer", "visited_on", "visitor")
    list_select_related = ("producer", "visitor")
    date_hierarchy = None
    search_fields = ("producer__key", "producer__credit_code")


@admin.register(Inspection)
class InspectionAdmin(ReadOnlyAdmin):
    """Administrative inspections as recorded in the field."""

    list_display = ("producer", "inspected_on", "result", "reason", "officer", "second_officer")
    list_filter = ("result", "reason")
    list_select_related = ("producer", "officer", "second_officer")
    search_fields = ("producer__key", "producer__credit_code", "notice_number")


@admin.register(EnforcementCertificate)
class EnforcementCertificateAdmin(ScopedModelAdmin):
    """Officers' enforcement certificates; kept by the county."""

    list_display = ("user", "number", "authority", "valid_until")
    list_select_related = ("user",)
    search_fields = ("number",)
