"""What the producer keeps and issues: production records by day, commitment certificates."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from agricredit.pages.office.file.registry import File, section
from archives.portal import timeline
from archives.portal.wording import line
from certificates.models import Certificate, ForeignCertificate


@section("records", 30, gettext_lazy("生产记录"), "archives.view_harvest", paged=True)
def records(file: File, cursor: str, size: int) -> dict[str, Any]:
    """All kinds of records in one list, newest first."""
    page = timeline.page(file.producer, file.user, cursor=cursor, size=size)
    rows = [
        {"row": entry.row, "act": str(entry.row._meta.verbose_name), "line": line(entry.row)}
        for entry in page.entries
    ]
    return {"rows": rows, "next": page.next_cursor}


@section("certificates", 60, gettext_lazy("承诺达标合格证"), "certificates.view_certificate")
def certificates(file: File, cursor: str, size: int) -> dict[str, Any]:
    """The newest certificates of the producer and of those merged into it, and those of other platforms."""
    rows = Certificate.objects.visible_to(file.user).filter(producer_id__in=file.family)
    foreign = ForeignCertificate.objects.visible_to(file.user).filter(producer_id__in=file.family)
    return {
        "rows": list(rows.select_related("product").order_by("-issued_on", "-pk")[:size]),
        "foreign": list(foreign.order_by("-issued_on", "-pk")[:size]),
    }
