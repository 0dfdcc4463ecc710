"""Files of the procedures: opened only by whoever may see the row they belong to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from agricredit.foundation.common.admin import ReadOnlyAdmin
from agricredit.foundation.common.files.responses import file_response
from archives.admin.finding import DivisionFilter, ProducerSearch
from rating.models import Attachment
from rating.services import attachments


def links(rows: Iterable[Attachment]) -> SafeString | str:
    """Files as links, a dash where there are none."""
    pairs = [(reverse("admin:rating_attachment_file", args=[row.pk]), row.name) for row in rows]
    return format_html_join("　", '<a class="text-link" href="{}">{}</a>', pairs) or "—"


@admin.register(Attachment)
class AttachmentAdmin(ProducerSearch, ReadOnlyAdmin):
    """A list to search in; the files are read from the rows they belong to."""

    list_display = ("name", "purpose", "producer", "kind", "size", "uploaded_by", "uploaded_at")
    list_filter = ("purpose", "kind", DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer", "uploaded_by")
    search_help_text = _("文件名中的文字，或主体名称、拼音首字母、统一社会信用代码、主体编号")
    ordering = ("-id",)
    fields = ("name", "purpose", "producer", "kind", "size", "sha256", "uploaded_by", "uploaded_at", "opened")
    readonly_fields = fields

    def named(self, term: str) -> Q:
        """By words of the file's name."""
        return Q(name__icontains=term)

    def get_urls(self) -> list[URLPattern]:
        """The file itself."""
        view = self.admin_site.admin_view(self.file_view)
        own = [path("<int:pk>/file/", view, name="rating_attachment_file")]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def file_view(self, request: HttpRequest, pk: int) -> Any:
        """Send it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        return file_response(attachments.open_file(row), name=row.name, kind=row.kind)

    @admin.display(description=_("文件"))
    def opened(self, attachment: Attachment) -> SafeString | str:
        """A link to it."""
        return links([attachment])
