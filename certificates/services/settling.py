"""Sales whose day is over without the certificate that the law asks for."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from agricredit.foundation.audit.services import record
from agricredit.foundation.common.clock import today
from archives.models import ORGANISED_KINDS, CreditEvent, Sale
from archives.services.ledger import EventDraft, post
from certificates.models import Certificate
from certificates.services.issuing import SOURCE

REACH = timedelta(days=40)  # a nightly job that was down for a month still catches up


def settle_uncertified_sales(*, until: date | None = None) -> int:
    """Post sale.certified fail for covered products sold before ``until`` (default: today) without one.

    Enterprises and cooperatives must certify, farming households are only encouraged
    (农产品质量安全法 art. 39), so only organised producers' sales count. Repeatable; returns how many.
    """
    day = until or today()
    certified = Certificate.objects.issued().filter(sale=OuterRef("pk"))
    sales = (
        Sale.objects.active()
        .filter(
            ~Exists(certified),
            occurred_on__lt=day,
            occurred_on__gte=day - REACH,
            product__certificate_required=True,
            producer__kind__in=ORGANISED_KINDS,
        )
        .values_list("uid", "producer_id", "occurred_on")
    )
    drafts = [
        EventDraft(
            uid=f"uncertified:{uid}",
            producer_id=producer_id,
            kind="sale.certified",
            outcome="fail",
            occurred_on=occurred_on,
            source=SOURCE,
        )
        for uid, producer_id, occurred_on in sales
    ]
    known = set(
        CreditEvent.objects.filter(uid__in=[draft.uid for draft in drafts]).values_list("uid", flat=True)
    )
    fresh = [draft for draft in drafts if draft.uid not in known]
    if fresh:
        post(fresh)
        record(verb="certificate.settled", count=len(fresh))
    return len(fresh)
