"""Files that come in: the history, the templates, the upload, and the page on which an officer says yes."""

from __future__ import annotations

import tempfile
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from agricredit.foundation.jobs.models import Job
from archives.models import BatchState, ImportBatch
from archives.services import imports
from archives.services.imports.batches import allowed
from archives.services.sheets import SHEETS, Verdict
from archives.services.sheets.columns import in_file

COLOURS = {
    "checking": "info", "checked": "warning", "refused": "danger", "committing": "info", "done": "success",
    "discarded": "default",
}  # fmt: skip
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FINDINGS_SHOWN = 200
VERDICTS = {
    Verdict.NEW: _("新增"),
    Verdict.CHANGED: _("变更"),
    Verdict.UNCHANGED: _("未变"),
    Verdict.FAULTY: _("有误"),
}


class UploadForm(forms.Form):
    """Which table, and the file."""

    sheet = forms.ChoiceField(label=_("要导入的表"), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label=_("文件"),
        allow_empty_file=True,
        help_text=_("用模板填写的 .xlsx，或 .csv（UTF-8、GB18030）；每个文件最多10万行、50 MB。"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".xlsx,.csv"}),
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(sheet.name, sheet.title) for sheet in allowed(actor)]
        self.fields["sheet"].choices = choices  # type: ignore[attr-defined]  # a choice field


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnlyAdmin):
    """Who brought what in, when and with which figures; ``services.imports`` writes."""

    list_display = ("filename", "shown_sheet", "shown_state", "figures", "asked_by", "asked_at", "digest")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_select_related = ("asked_by",)
    list_before_template = "admin/archives/imports/begin.html"
    search_fields = ("filename",)
    search_help_text = _("按文件名查找")
    ordering = ("-id",)
    exportable = False

    def get_urls(self) -> list[URLPattern]:
        """The own pages before those of single rows."""
        wrap = self.admin_site.admin_view
        own = [
            path("upload/", wrap(self.upload_view), name="archives_importbatch_upload"),
            path("template/<slug:sheet>/", wrap(self.template_view), name="archives_importbatch_template"),
            path("<int:pk>/faults/", wrap(self.faults_view), name="archives_importbatch_faults"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The history; those who may import anything are offered to."""
        more = {"sheets": allowed(request.user)}
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks for the file, POST keeps it and leads to its page."""
        if not allowed(request.user):
            raise PermissionDenied
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        made: list[ImportBatch] = []

        def act(values: dict[str, Any]) -> str:
            made.append(imports.start(sheet=values["sheet"], upload=values["file"], actor=request.user))
            return str(_("文件已上传，正在逐行检查。"))

        return act_page(
            request,
            title=str(_("导入文件")),
            lines=[str(_("先检查、再确认：上传后逐行检查并列出每一处错误，确认前不写入任何内容。"))],
            button=str(_("上传并检查")),
            form=UploadForm(*given, actor=request.user, initial={"sheet": request.GET.get("sheet", "")}),
            act=act,
            back=reverse("admin:archives_importbatch_changelist"),
            done=lambda: self._address(made[0]),
            template="admin/archives/imports/upload.html",
            more={"opts": self.opts, "sheets": allowed(request.user)},
        )

    def template_view(self, request: HttpRequest, sheet: str) -> HttpResponse:
        """The empty workbook of a sheet that the account may import."""
        known = SHEETS.get(sheet)
        if known is None:
            raise Http404
        if not request.user.has_perm(known.permission):
            raise PermissionDenied
        answer = HttpResponse(imports.template(known), content_type=WORKBOOK)
        name = f"{in_file(known.title)}{in_file(_('导入模板'))}.xlsx"
        answer["Content-Disposition"] = _attached(name)
        return answer

    def faults_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """The faulty rows as a workbook, to be corrected and sent again."""
        batch = self._batch(request, pk)
        if not batch.file or not batch.faulty:
            raise Http404
        stream = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        imports.fault_sheet(batch, SHEETS[batch.sheet], stream)
        stream.seek(0)
        name = in_file(_("错误")) + f"-{batch.pk}.xlsx"
        return FileResponse(stream, as_attachment=True, filename=name, content_type=WORKBOOK)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What the check found; POST says yes (``confirm``), goes on (``resume``) or gives it up."""
        batch = self._batch(request, int(object_id) if object_id.isdigit() else 0)
        if request.method == "POST":
            try:
                self._decide(request, batch)
            except ValidationError as refusal:
                messages.error(request, refusal.messages[0])
            return HttpResponseRedirect(request.path)
        return TemplateResponse(request, "admin/archives/imports/batch.html", self._context(request, batch))

    def _decide(self, request: HttpRequest, batch: ImportBatch) -> None:
        act = request.POST.get("act", "")
        if not request.user.has_perm(SHEETS[batch.sheet].permission):
            raise PermissionDenied
        if act == "confirm":
            imports.confirm(batch=batch, actor=request.user)
            messages.success(request, str(_("已开始导入，完成后本页显示结果。")))
        elif act == "resume":
            imports.resume(batch=batch, actor=request.user)
            messages.success(request, str(_("已继续处理，完成后本页显示结果。")))
        elif act == "discard":
            imports.discard(batch=batch, actor=request.user)
            messages.success(request, str(_("已放弃，文件已删除。")))

    def _context(self, request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
        sheet = SHEETS[batch.sheet]
        titles = {column.field: column.title for column in sheet.columns}
        stopped = imports.has_stopped(batch)
        job = Job.objects.filter(key__in=[f"{k}:{batch.pk}" for k in (imports.CHECK_JOB, imports.COMMIT_JOB)])
        return {
            **self.admin_site.each_context(request),
            "title": f"{sheet.title} · {batch.filename}",
            "opts": self.opts,
            "batch": batch,
            "busy": batch.state in (BatchState.CHECKING, BatchState.COMMITTING) and not stopped,
            "stopped": stopped,
            "job": job.order_by("-pk").first(),
            "headings": [column.title for column in sheet.columns[:8]],
            "head": [{**row, "word": VERDICTS[Verdict(row["verdict"])]} for row in batch.head],
            "faults": _titled(batch.findings.faults()[:FINDINGS_SHOWN], titles),
            "changes": _titled(batch.findings.changes()[:FINDINGS_SHOWN], titles),
            "shown": FINDINGS_SHOWN,
            "to_write": batch.new + batch.changed,
            "may": request.user.has_perm(sheet.permission),
            "back": reverse("admin:archives_importbatch_changelist"),
        }

    def _batch(self, request: HttpRequest, pk: int) -> ImportBatch:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("asked_by", "committed_by")
        found: ImportBatch = get_object_or_404(rows, pk=pk)
        return found

    def _address(self, batch: ImportBatch) -> str:
        return reverse("admin:archives_importbatch_change", args=[batch.pk])

    @admin.display(description=_("表"), ordering="sheet")
    def shown_sheet(self, batch: ImportBatch) -> str:
        """The sheet's title."""
        return str(SHEETS[batch.sheet].title)

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, batch: ImportBatch) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(batch.state, batch.get_state_display())

    @admin.display(description=_("新增/变更/未变/有误"))
    def figures(self, batch: ImportBatch) -> str:
        """The four figures."""
        return f"{batch.new} / {batch.changed} / {batch.unchanged} / {batch.faulty}"

    @admin.display(description=_("文件摘要"))
    def digest(self, batch: ImportBatch) -> str:
        """Enough of the hash to tell two files apart."""
        return batch.sha256[:12]


def _titled(findings: Any, titles: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"row": f.row, "column": titles.get(f.column, f.column), "label": f.label, "before": f.before,
         "after": f.after}
        for f in findings
    ]  # fmt: skip


def _attached(name: str) -> str:
    return content_disposition_header(True, name) or "attachment"
