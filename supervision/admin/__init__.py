"""Back-office pages of supervision: plans, tasks, frequencies, visits and officers' certificates."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from agricredit.foundation.accounts.jurisdiction import region_q
from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.admin import ReadOnlyAdmin, ScopedModelAdmin
from archives.admin.finding import DivisionFilter, FirstProducersSearch
from rating.admin.grades import GradeFilter
from supervision.admin import watch  # noqa: F401 - registering is what importing it does
from supervision.models import (
    EnforcementCertificate,
    Flag,
    FrequencyAssignment,
    GuidanceVisit,
    Inspection,
    Plan,
    Risk,
    Task,
)
from supervision.services import checklist, officers, plans


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
class TaskAdmin(FirstProducersSearch, ReadOnlyAdmin):
    """Tasks, soonest first."""

    list_display = ("producer", "kind", "due_on", "state", "done_on", "assignee")
    list_filter = ("state", "kind", "month", DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer", "assignee")


class RiskFilter(admin.SimpleListFilter):
    """By risk class, in words."""

    title = _("风险类别")
    parameter_name = "risk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Every class."""
        return list(Risk.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Those of the chosen class."""
        return queryset.filter(risk=self.value()) if self.value() else queryset


@admin.register(FrequencyAssignment)
class FrequencyAdmin(FirstProducersSearch, ReadOnlyAdmin):
    """How often whom, and why."""

    list_display = ("producer", "year", "grade", "risk_word", "visits_word", "sampling", "monthly_follow_up")
    list_filter = ("year", RiskFilter, GradeFilter, DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer",)
    fields = (
        "producer",
        ("year", "run"),
        ("grade", "risk_word", "flag_words"),
        ("visits_word", "sampling", "monthly_follow_up"),
        "assigned_at",
    )
    readonly_fields = ("risk_word", "flag_words", "visits_word")

    @admin.display(description=_("风险类别"), ordering="risk")
    def risk_word(self, assignment: FrequencyAssignment) -> str:
        """In words."""
        return str(dict(Risk.choices).get(assignment.risk, assignment.risk))

    @admin.display(description=_("风险标记"))
    def flag_words(self, assignment: FrequencyAssignment) -> str:
        """Why more often than the grade alone would ask."""
        words = dict(Flag.choices)
        return str(_("、")).join(str(words.get(flag, flag)) for flag in assignment.flags) or "—"

    @admin.display(description=_("年巡查次数"), ordering="visits")
    def visits_word(self, assignment: FrequencyAssignment) -> str:
        """Visits a year, or that there is no limit."""
        return assignment.visits_in_words


@admin.register(GuidanceVisit)
class GuidanceVisitAdmin(FirstProducersSearch, ReadOnlyAdmin):
    """Guidance visits as recorded in the field."""

    list_display = ("producer", "visited_on", "visitor")
    list_select_related = ("producer", "visitor")
    list_filter = (DivisionFilter,)
    list_filter_submit = True


@admin.register(Inspection)
class InspectionAdmin(FirstProducersSearch, ReadOnlyAdmin):
    """Administrative inspections as recorded in the field."""

    list_display = ("producer", "inspected_on", "result", "reason", "officer", "second_officer")
    list_filter = ("result", "reason", DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer", "officer", "second_officer")
    search_help_text = _("检查通知书文号，或主体名称、拼音首字母、统一社会信用代码、主体编号")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """All of the record, the item list in words."""
        return ["shown_items" if f.name == "items" else f.name for f in self.opts.fields if f.name != "id"]

    @admin.display(description=_("检查项目"))
    def shown_items(self, inspection: Inspection) -> str:
        """What was looked at and what was found, a line an item."""
        return format_html_join("", "<p>{}：{}</p>", checklist.in_words(inspection.items)) or "—"

    def named(self, term: str) -> Q:
        """By the number of the notice."""
        return Q(notice_number__icontains=term)


@admin.register(EnforcementCertificate)
class EnforcementCertificateAdmin(ScopedModelAdmin):
    """Officers' enforcement certificates; kept by the county."""

    list_display = ("user", "number", "authority", "valid_until")
    list_select_related = ("user",)
    search_fields = ("number",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Holders are staff of one's own division; they are few, so a drop-down serves."""
        if db_field.name == "user":
            own = region_q(request.user, "region_code")
            kwargs["queryset"] = User.objects.filter(own, is_active=True, is_staff=True)
            kwargs["widget"] = UnfoldAdminSelectWidget()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """By the service, which writes the audit line."""
        officers.keep_certificate(certificate=obj, actor=request.user)
