"""Batches that may be sold with a certificate, and how much of each is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import near_date, plain_number
from archives.models import Harvest, Plot, Producer, Product
from archives.portal.wording import gathered
from certificates.models import Certificate
from certificates.services.issuing import in_kilograms

SHOWN = 8
JUST_NOW = timedelta(minutes=10)
FRESH = timedelta(days=60)
"""What was harvested longer ago is offered under its own heading: usually it is sold and gone."""


@dataclass(frozen=True)
class Batch:
    """One batch; ``left`` in kilograms, None for a unit that is no weight."""

    row: Harvest
    left: Decimal | None

    @property
    def is_fresh(self) -> bool:
        """Whether it is likely to be there to be sold."""
        return self.row.occurred_on >= clock.today() - FRESH and self.left != 0

    @property
    def words(self) -> str:
        """11月20日采收 · 1号地 · 还可开 80 公斤."""
        said = {"day": near_date(self.row.occurred_on), "act": gathered(self.row.product)}
        day = _("%(day)s%(act)s") % said
        left = _("还可开 %(left)s 公斤") % {"left": plain_number(self.left)} if self.left is not None else ""
        return " · ".join(filter(None, [day, str(self.row.plot or ""), left]))


def recent(producer: Producer, user: Any) -> list[Batch]:
    """The last batches of products that need a certificate, those sold out at the end of the list."""
    rows = _rows(producer, user).order_by("-occurred_on", "-id")[:SHOWN]
    found = [_batch(row) for row in rows]
    return sorted(found, key=lambda batch: batch.left == 0)


def find(producer: Producer, user: Any, uid: UUID) -> Batch | None:
    """One batch of the producer."""
    row = _rows(producer, user).filter(uid=uid).first()
    return _batch(row) if row else None


def certifiable(producer: Producer) -> list[Product]:
    """The producer's products that the certificate order covers."""
    return list(
        Product.objects.filter(growers__producer=producer, certificate_required=True).order_by("code")
    )


def plots(producer: Producer) -> list[Plot]:
    """Where a batch may come from."""
    return list(Plot.objects.filter(producer=producer).order_by("name"))


def last(producer: Producer) -> Certificate | None:
    """The last certificate, whose buyer and bases are suggested."""
    return producer.certificates.select_related("sale").order_by("-id").first()


def same_just_now(producer: Producer, product: Product, given: Mapping[str, Any]) -> Certificate | None:
    """A certificate of the same sale, some minutes old; the same page sent again is known by its uid."""
    rows = producer.certificates.filter(
        status=Certificate.Status.ISSUED, issued_at__gte=clock.now() - JUST_NOW
    )
    same = rows.filter(product=product, quantity=given["quantity"], sale__buyer=given["buyer"])
    return None if rows.filter(uid=given["uid"]).exists() else same.order_by("-id").first()


def _rows(producer: Producer, user: Any) -> Any:
    issued = Sum("certificates__quantity", filter=Q(certificates__status=Certificate.Status.ISSUED))
    rows = (
        Harvest.objects.visible_to(user)
        .active()
        .filter(producer=producer, product__certificate_required=True)
    )
    return rows.annotate(issued=issued).select_related("product", "plot")


def _batch(row: Any) -> Batch:
    harvested = in_kilograms(row.quantity, row.unit)
    left = None if harvested is None else max(harvested - (row.issued or 0), Decimal(0))
    return Batch(row, left)
