"""What a shop need not type: goods known by the number on the pack, from its own ledger or the catalogue."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from archives.models import InputItem, Producer, ShopPurchase
from archives.services.catalogue import spelt
from archives.services.shops import codes

LOOKED_AT = 200
"""So many of a shop's last lots are compared with a scanned code, which holds but the end of a number."""
_SAME = (
    "kind", "registration_number", "name", "ingredient", "manufacturer", "specification", "unit", "supplier",
    "supplier_contact", "restricted",
)  # fmt: skip
_OF_ITEM = ("kind", "registration_number", "name", "ingredient", "manufacturer")


def like_lot(lot: ShopPurchase) -> dict[str, Any]:
    """What another delivery of the same goods has in common with the lot."""
    return {name: getattr(lot, name) for name in _SAME}


def known_goods(*, shop: Producer, text: str) -> dict[str, Any]:
    """The columns of the purchase ledger that a typed or scanned number stands for, as far as known.

    ValidationError for what is no number. A number that nobody knows yet is all there is.
    """
    number = spelt(text)
    try:
        code = codes.parse(text)
    except ValidationError:
        if not any(sign.isdigit() for sign in number) or len(number) > 40:
            raise
        code = None  # numbers of veterinary drugs and fertilisers have no rule of their own
    lots = ShopPurchase.objects.active().filter(producer=shop).exclude(registration_number="")
    for lot in lots.order_by("-occurred_on", "-pk")[:LOOKED_AT]:
        if code.matches(lot.registration_number) if code else spelt(lot.registration_number) == number:
            return like_lot(lot)
    if code is not None:
        number = "" if code.unit_code else code.registration
    item = InputItem.objects.filter(registration_number=number).first() if number else None
    if item is not None:
        return {name: getattr(item, name) for name in _OF_ITEM}
    return {"registration_number": number}
