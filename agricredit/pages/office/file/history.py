"""What was done to the file (who, when, what changed from what to what), and the papers kept with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy

from agricredit.foundation.audit.models import AuditLine
from agricredit.foundation.common.paginators import KeysetPaginator
from agricredit.pages.office.file.registry import File, section
from archives.models import Document, Producer
from archives.services.register.nouns import NOUNS

#: Columns of which history keeps only a hash: that they changed is said, not what they were.
HIDDEN = frozenset({"phone", "phone_hash", "identity_number", "identity_hash"})


@section("history", 80, gettext_lazy("变更记录"), "archives.view_producerevent", paged=True)
def history(file: File, cursor: str, size: int) -> dict[str, Any]:
    """Acts on the file and on those merged into it, the newest first; looking at it is no change."""
    lines = AuditLine.objects.acts_on(Producer, file.family).order_by("-pk")
    page = KeysetPaginator(lines, size).page(cursor)
    changes = _changes(file, [line for line in page.items if line.facts.get("changed")])
    rows = [{"line": line, "changes": changes.get(line.pk, [])} for line in page.items]
    return {"rows": rows, "next": page.next_cursor}


@section("documents", 75, gettext_lazy("档案文件"), "archives.view_document", paged=True)
def documents(file: File, cursor: str, size: int) -> dict[str, Any]:
    """Files that stand, the newest first, each with the noun of the entry it belongs to."""
    rows = Document.objects.visible_to(file.user).open().filter(producer__in=file.family)
    page = KeysetPaginator(rows.order_by("-pk"), size).page(cursor)
    return {
        "rows": [(row, str(NOUNS[row.noun].label) if row.noun in NOUNS else "") for row in page.items],
        "next": page.next_cursor,
        "producer": file.producer,
    }


def _changes(file: File, lines: list[AuditLine]) -> dict[int, list[tuple[str, str, str]]]:
    """Of each change its columns: label, what stood there before ("" when not known), what was written.

    The triggers keep the row as each change left it, in the order of the lines; one query for a page.
    """
    if not lines:
        return {}
    kept = apps.get_model("archives", "ProducerEvent")._default_manager.filter(
        pgh_obj_id__in=file.family, pgh_created_at__lte=max(line.at for line in lines)
    )
    states = list(kept.select_related("region").order_by("-pgh_created_at", "-pgh_id")[: 4 * len(lines) + 1])
    found = {}
    for line in lines:
        own = [
            row for row in states if str(row.pgh_obj_id) == line.target_id and row.pgh_created_at <= line.at
        ]
        if own:
            names = [str(name) for name in line.facts["changed"]]
            found[line.pk] = list(_differences(names, own[0], own[1] if len(own) > 1 else None))
    return found


def _differences(names: Iterable[str], after: Any, before: Any) -> Iterable[tuple[str, str, str]]:
    for name in names:
        if name not in HIDDEN and hasattr(after, name):
            label = str(Producer._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # columns only
            yield label, _said(before, name) if before is not None else "", _said(after, name)


def _said(row: Any, name: str) -> str:
    value = getattr(row, name)
    if isinstance(value, list):
        words = dict(Producer._meta.get_field(name).base_field.choices)  # type: ignore[union-attr]  # an array's
        return "、".join(str(words.get(one, one)) for one in value)
    display = getattr(row, f"get_{name}_display", None)
    return str(display() if display else value if value is not None else "")
