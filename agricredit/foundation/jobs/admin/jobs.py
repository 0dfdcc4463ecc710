"""The list of running, waiting and ended jobs, with what can be done about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.paginators import large_table_count
from agricredit.foundation.jobs import services
from agricredit.foundation.jobs.models import Job, State

STATE_COLOURS = {
    State.QUEUED: "info",
    State.RUNNING: "primary",
    State.DONE: "success",
    State.FAILED: "danger",
    State.CANCELLED: "warning",
}
# Two lines on a phone; the job's own page shows all of it.
SHOWN_ERROR = 36


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Read only but for two verbs: cancel, and run again."""

    list_display = ("title", "state_word", "progress_bar", "who", "created_at", "short_error")
    list_filter = ("state",)
    list_select_related = ("created_by",)
    search_fields = ("title",)
    search_help_text = _("按任务名称查找")
    ordering = ("-id",)
    exportable = False
    actions = ("cancel_jobs", "retry_jobs")
    list_before_template = "admin/jobs/job/before_list.html"
    fieldsets = (
        (None, {"fields": ("title", "state_word", "progress_bar", "message", "error")}),
        (
            _("经过"),
            {"fields": ("who", "region_code", "created_at", "started_at", "finished_at", "attempts")},
        ),
        (_("技术信息"), {"fields": ("kind", "args", "key", "heartbeat_at", "dispatched_at")}),
    )

    class Media:
        """Renews the page while something runs."""

        js = ("jobs/refresh.js",)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Cancelling and running again need the permission to change jobs."""
        return bool(request.user.has_perm("jobs.change_job"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list under a line of counts."""
        visible = self.get_queryset(request)
        running = large_table_count(visible.filter(state=State.RUNNING))
        queued = large_table_count(visible.filter(state=State.QUEUED))
        counts = {
            "jobs_running": running,
            "jobs_queued": queued,
            "jobs_failed": large_table_count(visible.filter(state=State.FAILED)),
            "jobs_active": bool(running or queued),
        }
        response: HttpResponse = super().changelist_view(request, {**counts, **(extra_context or {})})
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything, the computed ones included."""
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    @display(description=_("状态"), label=STATE_COLOURS)  # type: ignore[untyped-decorator]  # no types
    def state_word(self, job: Job) -> tuple[str, str]:
        """The state in words; a job asked to stop says so."""
        if job.state == State.RUNNING and job.cancel_requested:
            return Labelled(State.RUNNING, str(_("正在取消")))
        return Labelled(job.state, job.get_state_display())

    @admin.display(description=_("进度"))
    def progress_bar(self, job: Job) -> SafeString | str:
        """A bar with its figures in words; nothing while the total is unknown."""
        percent = job.percent
        if percent is None:
            return job.message or "—"
        words = f"{percent}%"
        if job.progress_total:
            words = f"{percent}% ({job.progress_done}/{job.progress_total})"
        return format_html(
            '<div><progress class="w-full" max="100" value="{}">{}</progress><br><small>{} {}</small></div>',
            percent,
            words,
            words,
            job.message,
        )

    @admin.display(description=_("发起人"))
    def who(self, job: Job) -> str:
        """The person who asked for it, or the system."""
        return str(job.created_by) if job.created_by else str(_("系统"))

    @admin.display(description=_("错误"))
    def short_error(self, job: Job) -> str:
        """The beginning of the error; the page of the job shows it whole."""
        if not job.error:
            return "—"
        return job.error if len(job.error) <= SHOWN_ERROR else job.error[:SHOWN_ERROR] + "…"

    @admin.action(description=_("取消所选任务"), permissions=["act"])
    def cancel_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Cancel each; say how many, and why not the others."""
        done = self._each(request, queryset, services.cancel)
        sentence = ngettext("已取消%(n)d项任务。", "已取消%(n)d项任务。", done) % {"n": done}
        self.message_user(request, sentence, messages.SUCCESS)

    @admin.action(description=_("重新运行所选任务"), permissions=["act"])
    def retry_jobs(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Run each again; say how many, and why not the others."""
        done = self._each(request, queryset, services.retry)
        sentence = ngettext("%(n)d项任务将重新运行。", "%(n)d项任务将重新运行。", done) % {"n": done}
        self.message_user(request, sentence, messages.SUCCESS)

    def _each(self, request: HttpRequest, queryset: QuerySet[Job], verb: Callable[..., None]) -> int:
        done = 0
        for job in queryset:
            try:
                verb(job=job, actor=request.user)
                done += 1
            except services.NotPossible as reason:
                self.message_user(request, f"{job.title}：{reason}", messages.WARNING)
        return done
