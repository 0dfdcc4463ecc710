"""Lists as files: the button's target, one's own files, and the download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common import clock
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.common.exporting import (
    cells,
    columns_shown,
    listing_of,
    pages,
    request_as,
    rows_shown,
)
from agricredit.foundation.jobs.models import ExportFile, ExportState
from agricredit.foundation.jobs.registry import JobRefused
from agricredit.foundation.jobs.services import exports

COLOURS = {"waiting": "info", "ready": "success", "failed": "danger", "expired": "default"}
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def table_of(export: ExportFile) -> exports.Table:
    """The list as it is for the person now, under the filters it had then."""
    request = request_as(export.asked_by, export.query)
    try:
        shown = listing_of(export.listing)
        rows = rows_shown(shown, request)
    except (LookupError, PermissionDenied) as error:
        raise JobRefused(str(_("您没有查看这个列表的权限，或筛选条件不正确。"))) from error
    own = getattr(shown, "export_table", None)
    given = own(rows) if own is not None else None
    if given is not None:
        return exports.Table(*given)
    names, headings = columns_shown(shown, request)
    listed = rows.select_related(*related) if (related := shown.get_list_select_related(request)) else rows
    return exports.Table(headings, _lines(shown, names, listed))


def _lines(shown: Any, names: Sequence[str], listed: QuerySet[Any]) -> Iterator[list[str]]:
    for page in pages(listed):
        shown.make_ready(page)
        yield from (cells(shown, names, row) for row in page)


@admin.register(ExportFile)
class ExportFileAdmin(ReadOnlyAdmin):
    """One's own files; ``services.exports`` writes."""

    list_display = ("title", "format", "shown_state", "rows", "asked_at", "download")
    list_display_links = None
    exportable = False
    ordering = ("-id",)
    list_before_template = "admin/jobs/exports.html"

    class Media:
        """Renews the page while a file is being made."""

        js = ("jobs/refresh.js",)

    def get_urls(self) -> list[URLPattern]:
        """Asking, and fetching."""
        wrap = self.admin_site.admin_view
        own = [
            path("ask/", wrap(self.ask_view), name="jobs_exportfile_ask"),
            path("<int:pk>/fetch/", wrap(self.fetch_view), name="jobs_exportfile_fetch"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list; it renews itself while something is being made."""
        waiting = self.get_queryset(request).filter(state=ExportState.WAITING).exists()
        more = {"jobs_active": waiting, "days": exports.KEPT.days}
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """POST from a list's button: ``listing``, ``query`` (its filters) and ``format``."""
        address = reverse("admin:jobs_exportfile_changelist")
        if request.method != "POST":
            return HttpResponseRedirect(address)
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            shown = listing_of(request.POST.get("listing", ""))
        except LookupError as error:
            raise Http404 from error
        if not shown.has_view_or_change_permission(request):
            raise PermissionDenied
        title = f"{shown.opts.verbose_name_plural} {clock.today():%Y-%m-%d}"
        try:
            exports.ask(
                listing=shown.opts.label_lower, title=title, query=request.POST.get("query", ""),
                file_format=request.POST.get("format", ""), actor=request.user,
            )  # fmt: skip
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            messages.success(request, str(_("已开始导出，完成后在本页下载。")))
        return HttpResponseRedirect(address)

    def fetch_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """The file, to its asker."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = get_object_or_404(self.get_queryset(request), pk=pk, state=ExportState.READY)
        exports.note_fetched(export=export, actor=request.user)
        name = f"{export.title}.{export.format}"
        return FileResponse(
            export.file.open("rb"), as_attachment=True, filename=name, content_type=_TYPES[export.format]
        )

    @display(description=_("状态"), label=COLOURS)  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, export: ExportFile) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(export.state, export.get_state_display())

    @admin.display(description=_("下载"))
    def download(self, export: ExportFile) -> SafeString | str:
        """The link, or why there is none."""
        if export.state != ExportState.READY:
            return export.message or "—"
        address = reverse("admin:jobs_exportfile_fetch", args=[export.pk])
        return format_html('<a class="underline" href="{}">{}</a>', address, _("下载"))
