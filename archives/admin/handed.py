"""Hand-over files of phones: an officer looks at what is in one and takes it in on the producers' behalf."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled, ReadOnlyAdmin
from archives.models import HandedQueue, HandedState
from archives.portal.offline import handing

COLOURS = {"read": "warning", "taken": "success", "discarded": "default"}
STATUSES = {
    "sent": _("可以记入"),
    "refused": _("不能记入"),
    "conflict": _("有冲突"),
    "held": _("要等前一笔"),
    "clock": _("手机时间不对"),
    "draft": _("没写完"),
}
TAKEN = {**STATUSES, "sent": _("已记入")}


class HandedForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=_("文件"),
        help_text=_("手机上“没发送的记录 → 手机坏了、要换手机 → 导出成文件”得到的文件，只有本平台打得开。"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".json,application/json"}),
    )


@admin.register(HandedQueue)
class HandedQueueAdmin(ReadOnlyAdmin):
    """Who took in what for whom; ``portal.offline.handing`` writes."""

    list_display = ("filename", "made_by", "shown_state", "items", "taken", "asked_by", "asked_at")
    list_filter = (("state", ChoicesDropdownFilter),)
    list_filter_submit = True
    list_select_related = ("made_by", "asked_by")
    list_before_template = "admin/archives/handed/begin.html"
    search_fields = ("filename",)
    search_help_text = _("按文件名查找")
    ordering = ("-id",)
    exportable = False

    def get_urls(self) -> list[URLPattern]:
        """The own page before those of single rows."""
        view = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", view, name="archives_handedqueue_upload"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The history; those who may are offered to take a file in."""
        more = {"may": request.user.has_perm(handing.RIGHT)}
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """GET asks for the file, POST keeps it and leads to its page."""
        if not request.user.has_perm(handing.RIGHT):
            raise PermissionDenied
        given = (request.POST, request.FILES) if request.method == "POST" else ()
        made: list[HandedQueue] = []

        def act(values: dict[str, Any]) -> str:
            made.append(handing.start(upload=values["file"], actor=request.user))
            return str(_("文件已上传，请看内容，确认以后才记入。"))

        return act_page(
            request,
            title=str(_("导入手机交接文件")),
            lines=[str(_("文件是加密的，上传后先看内容，确认以后才记入。每一条都写明是谁代为导入的。"))],
            button=str(_("上传并查看")),
            form=HandedForm(*given),
            act=act,
            back=reverse("admin:archives_handedqueue_changelist"),
            done=lambda: self._address(made[0]),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What is in the file; POST takes it in (``act=take``) or gives it up (``act=discard``)."""
        row = self._row(request, int(object_id) if object_id.isdigit() else 0)
        if request.method == "POST":
            try:
                self._decide(request, row)
            except ValidationError as refusal:
                messages.error(request, refusal.messages[0])
            return HttpResponseRedirect(request.path)
        return TemplateResponse(request, "admin/archives/handed/file.html", self._context(request, row))

    def _decide(self, request: HttpRequest, row: HandedQueue) -> None:
        act = request.POST.get("act", "")
        if act == "take":
            done = handing.take_in(handed=row, actor=request.user)
            said = {"taken": done.taken, "items": done.items}
            messages.success(request, str(_("已记入 %(taken)d 条，共 %(items)d 条。")) % said)
        elif act == "discard":
            handing.discard(handed=row, actor=request.user)
            messages.success(request, str(_("已放弃，文件已删除。")))

    def _context(self, request: HttpRequest, row: HandedQueue) -> dict[str, Any]:
        may = request.user.has_perm(handing.RIGHT)
        waiting = row.state == HandedState.READ and may
        lines = handing.preview(handed=row, actor=request.user) if waiting else row.results
        words = STATUSES if row.state == HandedState.READ else TAKEN
        return {
            **self.admin_site.each_context(request),
            "title": f"{self.opts.verbose_name} · {row.filename}",
            "opts": self.opts,
            "row": row,
            "waiting": waiting,
            "lines": [{**line, "word": words[line["status"]]} for line in lines],
            "ready": sum(line["status"] == "sent" for line in lines),
            "back": reverse("admin:archives_handedqueue_changelist"),
        }

    def _row(self, request: HttpRequest, pk: int) -> HandedQueue:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("asked_by", "made_by")
        found: HandedQueue = get_object_or_404(rows, pk=pk)
        return found

    def _address(self, row: HandedQueue) -> str:
        return reverse("admin:archives_handedqueue_change", args=[row.pk])

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # no types
    def shown_state(self, row: HandedQueue) -> tuple[Any, str]:
        """The state in words and colour."""
        return Labelled(row.state, row.get_state_display())
