"""Certificates that producers of the demo city issued on the province's platform in a summer."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from archives.models import ORGANISED_KINDS, ProducerProduct
from archives.services.sheets import Row, Seen, Verdict, sheet_of
from certificates.services.foreign import NAME

PLATFORM = "省农产品质量安全追溯平台（演示）"
COUNT = 120
_FIRST = date(2026, 5, 4)


@transaction.atomic
def make(city: str) -> None:
    """Through the sheet in which an exchange brings them; repeated, they are recognised."""
    organised = {"producer__is_generated": True, "producer__kind__in": ORGANISED_KINDS}
    grown = ProducerProduct.objects.filter(producer__region__code__startswith=city, **organised)
    rows = [
        Row(
            n,
            {
                "platform": PLATFORM,
                "code": f"GD{_FIRST.year}{n:06d}",
                "producer": row.producer.key,
                "product": row.product.name,
                "quantity": str(200 + 37 * n % 900),
                "issued_on": (_FIRST + timedelta(days=n % 110)).isoformat(),
                "status": "void" if n % 40 == 7 else "issued",
                "void_reason": "重量填错，已重新开具" if n % 40 == 7 else "",
            },
        )
        for n, row in enumerate(grown.select_related("producer", "product").order_by("pk")[:COUNT])
    ]
    sheet = sheet_of(NAME)
    sheet.judge(rows, Seen(), None)
    if wanted := [row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)]:
        sheet.write(wanted, None)
