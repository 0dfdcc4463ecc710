"""Verification in the demo city: the weekly random subsets, and what the home county did about them."""

from __future__ import annotations

from datetime import date, timedelta

from agricredit.foundation.accounts.models import User
from archives.models import RecordReview, ReviewSample
from archives.services.reviews import deciding, sampling

MONDAY, WEEKS = date(2026, 9, 21), 8
RETURNED = "用药数量与购买票据不符，请说明，或撤销后重新录入。"


def make(region: str, county: str, accounts: dict[str, User]) -> None:
    """Draw each week once; the county verified half of what waited and returned one record."""
    if ReviewSample.objects.filter(region__code__startswith=region).exists():
        return
    for week in range(WEEKS):
        first = MONDAY + timedelta(weeks=week)
        sampling.draw(region=region, first=first, last=first + timedelta(days=6))
    waiting = RecordReview.objects.open().filter(producer__region__code__startswith=county)
    rows = list(waiting.order_by("put_up_at", "pk")[: deciding.BULK_MOST])
    if len(rows) < 3:
        return
    deciding.confirm(reviews=[row.pk for row in rows[1::2]], actor=accounts["xian"])
    deciding.send_back(review=rows[0], reason=RETURNED, actor=accounts["xian"])
