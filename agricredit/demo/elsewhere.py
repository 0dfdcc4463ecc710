"""What comes to the demo city from elsewhere: certificates of the province, and tests of laboratories."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from archives.models import ORGANISED_KINDS, ProducerProduct
from archives.services.sheets import Row, Seen, Verdict, sheet_of
from certificates.services.foreign import NAME

PLATFORM = "省农产品质量安全追溯平台（演示）"
LABORATORY = "市农产品质量安全检测中心（演示）"
COUNT = 120
_FIRST = date(2026, 5, 4)


@transaction.atomic
def make(city: str) -> None:
    """Through the sheets in which they come; repeated, they are recognised."""
    organised = {"producer__is_generated": True, "producer__kind__in": ORGANISED_KINDS}
    grown = ProducerProduct.objects.filter(producer__region__code__startswith=city, **organised)
    known = list(grown.select_related("producer", "product").order_by("pk")[:COUNT])
    _bring(NAME, (_certificate(n, row) for n, row in enumerate(known)))
    _bring("tests", (_test(n, row) for n, row in enumerate(known)))


def _certificate(n: int, row: ProducerProduct) -> dict[str, str]:
    return {
        "platform": PLATFORM,
        "code": f"GD{_FIRST.year}{n:06d}",
        "producer": row.producer.key,
        "product": row.product.name,
        "quantity": str(200 + 37 * n % 900),
        "issued_on": (_FIRST + timedelta(days=n % 110)).isoformat(),
        "status": "void" if n % 40 == 7 else "issued",
        "void_reason": "重量填错，已重新开具" if n % 40 == 7 else "",
    }


def _test(n: int, row: ProducerProduct) -> dict[str, str]:
    """Rapid tests and risk monitoring, which weigh nothing in a rating."""
    sampled_on = _FIRST + timedelta(days=n % 110)
    return {
        "number": f"YS{_FIRST.year}-{1 + n // 10:04d}",
        "sample": str(1 + n % 10),
        "producer": row.producer.key,
        "kind": "风险监测" if n % 3 == 0 else "快速检测",
        "product": row.product.name,
        "sampled_on": sampled_on.isoformat(),
        "effective_on": (sampled_on + timedelta(days=3)).isoformat(),
        "passed": "不合格" if n % 30 == 9 else "合格",
        "laboratory": LABORATORY,
    }


def _bring(name: str, items: Iterable[dict[str, str]]) -> None:
    sheet = sheet_of(name)
    rows = [Row(n, cells) for n, cells in enumerate(items)]
    sheet.judge(rows, Seen(), None)
    if wanted := [row for row in rows if row.verdict in (Verdict.NEW, Verdict.CHANGED)]:
        sheet.write(wanted, None)
