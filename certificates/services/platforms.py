"""Certificates as other platforms are told of them: issued, and void when they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models.functions import Coalesce

from archives.services.platforms.outgoing import Item, Outgoing, offer, paged
from archives.services.sheets.columns import plain
from certificates.models import Certificate

NAME = "certificates"
FIELDS = (
    "code", "producer", "product", "quantity", "origin", "issued_on", "status", "void_reason", "batch",
)  # fmt: skip


def _items(page: list[Any]) -> list[Item]:
    return [Item(row.code, row.producer.key, _values(row)) for row in page]


def _values(row: Certificate) -> dict[str, str]:
    return {
        "code": row.code,
        "producer": row.producer.key,
        "product": row.product.name,
        "quantity": plain(row.quantity),
        "origin": row.origin_text,
        "issued_on": row.issued_on.isoformat(),
        "status": str(row.status),
        "void_reason": row.void_reason,
        "batch": row.harvest.batch if row.harvest else "",
    }


def _since(cursor: str, region: str, retry: Sequence[str]) -> Iterator[tuple[list[Item], str]]:
    rows = Certificate.objects.filter(producer__region__code__startswith=region)
    rows = rows.select_related("producer", "product", "harvest")
    rows = rows.annotate(moved_at=Coalesce("voided_at", "issued_at"))
    if retry:
        yield _items(list(rows.filter(code__in=list(retry)))), cursor
    yield from paged(rows, cursor=cursor, moment="moved_at", items=_items)


offer(Outgoing(NAME, FIELDS, _since))
