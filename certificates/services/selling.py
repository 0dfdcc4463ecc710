"""卖货开证: one flow that writes harvest, sale and certificate together, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from archives.models import Harvest, Plot, Producer, Product, Sale
from archives.services.records import RecordsRefused, record_harvest, record_sale
from certificates.models import Certificate
from certificates.services.issuing import in_kilograms, issue

Row = TypeVar("Row", Harvest, Sale)


@dataclass(frozen=True)
class Sold:
    """What one 卖货开证 wrote."""

    harvest: Harvest
    sale: Sale
    certificate: Certificate


@transaction.atomic
def sell_and_certify(
    *,
    uid: UUID,
    producer: Producer,
    product: Product,
    quantity: Decimal,
    unit: str,
    bases: Sequence[str],
    buyer: str = "",
    plot: Plot | None = None,
    harvest: Harvest | None = None,
    sold_on: date | None = None,
    over_quantity_reason: str = "",
    actor: Any,
) -> Sold:
    """Sell a quantity and certify it: from a batch on record, or from one harvested now.

    All three records take their uids from ``uid``, so sending twice is selling once. Refuses as
    :func:`certificates.services.issuing.issue` and the record services do; nothing is half-written.
    """
    weight = in_kilograms(quantity, unit)
    if weight is None:
        raise ValidationError({"unit": _("合格证按重量开具，请用公斤、斤或吨。")})
    day = sold_on or today()
    if harvest is None:
        harvest = _asking(
            record_harvest,
            uid=uuid5(uid, "harvest"),
            producer=producer,
            product=product,
            plot=plot,
            occurred_on=day,
            quantity=quantity,
            unit=unit,
            reason=over_quantity_reason,
            actor=actor,
        )
    sale = _asking(
        record_sale,
        uid=uuid5(uid, "sale"),
        producer=producer,
        product=product,
        harvest=harvest,
        occurred_on=day,
        buyer=buyer,
        quantity=quantity,
        unit=unit,
        trace_code=harvest.batch,
        reason=over_quantity_reason,
        actor=actor,
    )
    certificate = issue(
        uid=uid,
        harvest=harvest,
        sale=sale,
        quantity=weight,
        bases=bases,
        issued_on=day,
        over_quantity_reason=over_quantity_reason,
        actor=actor,
    )
    return Sold(harvest, sale, certificate)


def _asking(record: Callable[..., Row], **fields: Any) -> Row:
    """A record; that it is more than was harvested or can grow is said where the reason is asked for."""
    try:
        return record(**fields)
    except RecordsRefused as refusal:
        for fault in refusal.faults:
            if fault.field == "reason":
                said = ValidationError(fault.message, code="over_quantity")
                raise ValidationError({"quantity": said}) from refusal
        raise
