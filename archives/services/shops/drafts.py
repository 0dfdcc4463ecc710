"""What a client hands over for one entry of a shop's ledgers; the fields are those of the forms."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from decimal import Decimal

from archives.models import EntryWay, ShopSaleWay


@dataclass(frozen=True, slots=True, kw_only=True)
class LotDraft:
    """A lot bought in (农药管理条例 art. 26). ``producer_id`` is the shop; ``restricted`` what was ticked."""

    producer_id: int
    uid: uuid.UUID
    occurred_on: datetime.date
    kind: str
    quantity: Decimal
    name: str = ""
    ingredient: str = ""
    registration_number: str = ""
    batch_number: str = ""
    manufacturer: str = ""
    supplier: str = ""
    supplier_contact: str = ""
    specification: str = ""
    unit: str = ""
    remark: str = ""
    expires_on: datetime.date | None = None
    restricted: bool = False
    entry: str = EntryWay.FORM.value


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDraft:
    """A part of a lot that leaves the shop (art. 27): sold, lost or sent back; ``lot`` is the lot's uid.

    ``buyer`` is a number by which a producer or a person is known; ``remark`` says why it is lost or sent
    back.
    """

    producer_id: int
    lot: uuid.UUID
    uid: uuid.UUID
    occurred_on: datetime.date
    quantity: Decimal
    way: str = ShopSaleWay.SALE.value
    buyer: str = ""
    buyer_name: str = ""
    purpose: str = ""
    unit_code: str = ""
    remark: str = ""
    entry: str = EntryWay.FORM.value
