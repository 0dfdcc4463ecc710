"""The file of one producer: everything kept on it, section by section, and the acts on each entry."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import ScopedModelAdmin
from archives.admin.register_acts import CheckForm, DocumentForm, EndForm
from archives.models import Checked, Document, Kept, Producer, Profile, ProfileState, TrainingAttendance
from archives.register_forms import add_refusals, entry_form
from archives.services.register import completeness, documents, keeping
from archives.services.register.nouns import NOUNS, Noun

SHOWN = 50
"""So many entries of a noun are shown on the file's page; a producer has a handful."""


class RegisterPages(ScopedModelAdmin):
    """Pages under a producer's own: its file, an entry added, changed, ended or checked, documents."""

    def get_urls(self) -> list[URLPattern]:
        """The file's pages before the producer's own."""
        wrap = self.admin_site.admin_view
        at = "<int:pk>/file/"
        own = [
            path(at, wrap(self.file_view), name="archives_producer_file"),
            path(f"{at}documents/add/", wrap(self.document_view), name="archives_producer_document_add"),
            path(
                f"{at}documents/<uuid:document>/", wrap(self.download_view),
                name="archives_producer_document",
            ),
            path(f"{at}<slug:kept>/add/", wrap(self.add_entry_view), name="archives_producer_entry_add"),
            path(
                f"{at}<slug:kept>/<int:entry>/<slug:deed>/", wrap(self.entry_view),
                name="archives_producer_entry",
            ),
        ]  # fmt: skip
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All sections with what is missing above them."""
        producer = self._producer(request, pk)
        ids = Producer.objects.known_as(producer.pk)
        profile = Profile.objects.filter(producer=producer).first()
        files = _files(ids)
        context = {
            **self.admin_site.each_context(request),
            "title": _("%(name)s的档案资料") % {"name": producer.name},
            "opts": self.opts,
            "producer": producer,
            "profile": profile,
            "missing": completeness.labels(profile.missing) if profile else [],
            "state": ProfileState.objects.filter(producer=producer).first(),
            "sections": [
                _section(request, noun, ids, files)
                for noun in NOUNS.values()
                if request.user.has_perm(noun.right("view"))
            ],
            "loose": files.get(("", None), []),
            "trainings": _trainings(ids),
            "may_confirm": producer.merged_into_id is None
            and request.user.has_perm("archives.change_producer"),
            "may_upload": request.user.has_perm("archives.add_document"),
            "back": reverse("admin:archives_producer_change", args=[producer.pk]),
        }
        return TemplateResponse(request, "admin/archives/register/file.html", context)

    def add_entry_view(self, request: HttpRequest, pk: int, kept: str) -> HttpResponse:
        """A new entry of a section."""
        producer, noun = self._producer(request, pk), _noun(kept)
        _need(request, noun.right("add"))
        made = entry_form(noun, producer, _control)
        form = made(request.POST if request.method == "POST" else None)

        def act(_cleaned: dict[str, Any]) -> str:
            _taking(form, lambda: keeping.add(
                noun=noun.code, producer=producer, actor=request.user, **form.given()
            ))  # fmt: skip
            return _("已登记。")

        return self._asked(request, producer, f"{noun.label} · {producer.name}", [str(noun.hint)], form, act)

    def entry_view(self, request: HttpRequest, pk: int, kept: str, entry: int, deed: str) -> HttpResponse:
        """Correct, end or check one entry."""
        producer, noun = self._producer(request, pk), _noun(kept)
        _need(request, noun.right("change"))
        ids = Producer.objects.known_as(producer.pk)
        row = get_object_or_404(noun.model._default_manager.filter(producer__in=ids), pk=entry)
        title = f"{row} · {producer.name}"
        if deed == "change":
            form: Any = entry_form(noun, producer, _control)(
                request.POST if request.method == "POST" else None, instance=row
            )

            def change(_cleaned: dict[str, Any]) -> str:
                _taking(form, lambda: keeping.change(row=row, actor=request.user, **form.given()))
                return _("已更正。")

            return self._asked(
                request, producer, title, [_("更正登记错误或补充内容，原内容留在日志里。")], form, change
            )
        if deed == "end":
            form = EndForm(request.POST if request.method == "POST" else None)

            def end(values: dict[str, Any]) -> str:
                keeping.end(row=row, actor=request.user, **values)
                return _("已终止。")

            return self._asked(
                request, producer, title, [_("不再有效时使用；这一条留在档案里备查。")], form, end
            )
        if deed == "check" and isinstance(row, Checked):
            form = CheckForm(request.POST if request.method == "POST" else None)

            def check(values: dict[str, Any]) -> str:
                keeping.check(row=row, actor=request.user, **values)
                return _("已核验。")

            return self._asked(
                request, producer, title, [_("与原件核对后填写，结果计入信用信息。")], form, check
            )
        raise Http404

    def document_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Upload a file to the producer, or to one entry (``?section=…&entry=…``)."""
        producer = self._producer(request, pk)
        _need(request, "archives.add_document")
        row = _row_named(producer, request.GET.get("section", ""), request.GET.get("entry", ""))
        sent = request.method == "POST"
        form = DocumentForm(request.POST if sent else None, request.FILES if sent else None)

        def act(values: dict[str, Any]) -> str:
            documents.keep(producer=producer, row=row, actor=request.user, **values)
            return _("文件已存入档案。")

        title = _("上传文件 · %(what)s") % {"what": row or producer}
        lines = [_("JPG、PNG照片不超过10 MB，PDF不超过20 MB；按内容识别，改扩展名的程序会被拒绝。")]
        return self._asked(request, producer, title, lines, form, act)

    def download_view(self, request: HttpRequest, pk: int, document: UUID) -> FileResponse:
        """The file itself, as a download; that personal data was opened is written down."""
        producer = self._producer(request, pk)
        _need(request, "archives.view_document")
        ids = Producer.objects.known_as(producer.pk)
        row = get_object_or_404(Document.objects.filter(producer__in=ids), uid=document)
        return download(row, request)

    def _producer(self, request: HttpRequest, pk: int) -> Producer:
        """The producer, when this account may see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found: Producer = get_object_or_404(self.get_queryset(request).select_related("region"), pk=pk)
        return found

    def _asked(
        self, request: HttpRequest, producer: Producer, title: str, lines: list[str], form: Any, act: Any
    ) -> HttpResponse:
        back = reverse("admin:archives_producer_file", args=[producer.pk])
        return act_page(request, title=title, lines=lines, button=_("保存"), form=form, act=act, back=back)


def download(row: Document, request: HttpRequest) -> FileResponse:
    """A document as an attachment; a person's browser never renders what was uploaded."""
    try:
        stream = documents.opened(document=row, actor=request.user)
    except (ValidationError, FileNotFoundError) as gone:
        raise Http404 from gone
    response = FileResponse(stream, as_attachment=True, filename=f"{row.title}.{row.content}")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _section(
    request: HttpRequest, noun: Noun, ids: list[int], files: dict[tuple[str, int | None], list[Document]]
) -> dict[str, Any]:
    rows: list[Any] = list(
        noun.model._default_manager.filter(producer__in=ids).order_by("ended_on", "-pk")[:SHOWN]
    )
    return {
        "noun": noun,
        "rows": [{"row": row, "files": files.get((noun.code, row.pk), [])} for row in rows],
        "may_add": request.user.has_perm(noun.right("add")),
        "may_change": request.user.has_perm(noun.right("change")),
    }


def _files(ids: list[int]) -> dict[tuple[str, int | None], list[Document]]:
    """The producer's documents by what they belong to."""
    found: dict[tuple[str, int | None], list[Document]] = defaultdict(list)
    for row in Document.objects.open().filter(producer__in=ids).order_by("-pk")[: 4 * SHOWN]:
        found[row.noun, row.row_id].append(row)
    return found


def _trainings(ids: list[int]) -> list[TrainingAttendance]:
    rows = TrainingAttendance.objects.standing().filter(producer__in=ids).select_related("session")
    return list(rows.order_by("-session__held_on", "-pk")[:SHOWN])


def _row_named(producer: Producer, kept: str, entry: str) -> Kept | None:
    if not kept:
        return None
    if kept not in NOUNS or not entry.isdecimal():
        raise Http404
    found: Kept = get_object_or_404(
        NOUNS[kept].model._default_manager.filter(producer=producer), pk=int(entry)
    )
    return found


def _noun(kept: str) -> Noun:
    if kept not in NOUNS:
        raise Http404
    return NOUNS[kept]


def _need(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _taking(form: Any, act: Any) -> None:
    """Do it; refusals of single fields are put beside them before the page shows the form again."""
    try:
        act()
    except ValidationError as refusal:
        if not hasattr(refusal, "error_dict"):
            raise
        add_refusals(form, refusal.error_dict)
        raise ValidationError([]) from refusal


def _control(field: forms.Field) -> forms.Widget | None:
    """The back office's control for a field."""
    control: forms.Widget
    if isinstance(field, forms.DateField):
        control = UnfoldAdminTextInputWidget(attrs={"type": "date"})
    elif isinstance(field, forms.BooleanField):
        control = UnfoldBooleanSwitchWidget()
    elif isinstance(field, forms.ChoiceField):
        control = UnfoldAdminSelectWidget()
    elif isinstance(field.widget, forms.Textarea):
        control = UnfoldAdminTextareaWidget()
    else:
        control = UnfoldAdminTextInputWidget()
    return control
