"""The file's pages: everything at a glance, one section further back, and the sheet to print."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from agricredit.foundation.audit.services import record_view
from agricredit.pages.office.file import sections, sheet
from agricredit.pages.office.file.credit import official_word
from agricredit.pages.office.file.registry import LONG, SECTIONS, SHORT, File, Section, open_to
from archives.models import Producer

__all__ = ["producer_file", "producer_section", "producer_sheet", "sections"]


@never_cache
@require_GET
def producer_file(request: HttpRequest, producer_id: int) -> HttpResponse:
    """Every section that this account may read, the newest rows of each; that it was read is written down."""
    file = file_of(request, producer_id)
    _note(file)
    parts = [_part(one, file, "", SHORT) for one in open_to(request.user)]
    return _page(request, file, parts)


@never_cache
@require_GET
def producer_section(request: HttpRequest, producer_id: int, section: str) -> HttpResponse:
    """One long section by itself, page by page (keyset)."""
    one = SECTIONS.get(section)
    file = file_of(request, producer_id)
    if one is None or not one.paged:
        raise Http404
    if not request.user.has_perm(one.permission):
        raise PermissionDenied
    try:
        part = _part(one, file, request.GET.get("after", ""), LONG)
    except signing.BadSignature:
        raise Http404 from None
    _note(file)
    return _page(request, file, [part], alone=True)


@never_cache
@require_GET
def producer_sheet(request: HttpRequest, producer_id: int) -> HttpResponse:
    """The archive sheet as a PDF on A4."""
    file = file_of(request, producer_id)
    _note(file, printed=True)
    answer = HttpResponse(sheet.pdf(file), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="archive-{file.producer.pk}.pdf"'
    return answer


def file_of(request: HttpRequest, producer_id: int) -> File:
    """The file of a producer in sight; 404 for any other, 403 for those who may not read files."""
    if not request.user.has_perm("archives.view_producer"):
        raise PermissionDenied
    rows = Producer.objects.visible_to(request.user).select_related("region", "merged_into")
    producer = get_object_or_404(rows, pk=producer_id)
    return File(
        producer=producer,
        user=request.user,
        family=tuple(Producer.objects.known_as(producer.pk)),
        may_write=request.user.has_perm("archives.change_producer"),
    )


def _note(file: File, *, printed: bool = False) -> None:
    """Contact, notes and people of a file are personal data: reading them leaves a line."""
    what = _("信用档案（打印）") if printed else _("信用档案")
    record_view(what=what, target=file.producer, region_code=file.producer.region_id)


def _part(one: Section, file: File, cursor: str, size: int) -> dict[str, Any]:
    shown = one.load(file, cursor, size)
    more = ""
    if one.paged and shown.get("next"):
        address = reverse("office-producer-section", args=[file.producer.pk, one.key])
        more = f"{address}?after={shown['next']}"
    return {"key": one.key, "title": one.title, "template": one.template, "part": shown, "more": more}


def _page(
    request: HttpRequest, file: File, parts: list[dict[str, Any]], *, alone: bool = False
) -> HttpResponse:
    standing = file.standing if request.user.has_perm("rating.view_standing") else None
    context = {
        **admin.site.each_context(request),
        "title": file.producer.name,
        "file": file,
        "producer": file.producer,
        "standing": standing,
        "word": official_word(standing),
        "parts": parts,
        "alone": alone,
        "may_write": file.may_write and file.producer.status != Producer.Status.MERGED,
    }
    return TemplateResponse(request, "admin/file/page.html", context)
