"""A shop's two ledgers (台账), entry by entry: lots bought in, and what left them. Stock is never negative.

The same uid with the same content is the same entry; with other content it is refused. Loads go through
``lots.enter`` and ``moves.enter``, which these verbs call with one.
"""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.models import EntryWay, Producer, RecordStatus, ShopPurchase, ShopSale, ShopSaleWay
from archives.services.records import reverse_record
from archives.services.shops import lots, moves
from archives.services.shops.checks import LENGTHS, Entry
from archives.services.shops.drafts import LotDraft, MoveDraft
from archives.services.shops.noting import note


def buy_in(
    *,
    shop: Producer,
    uid: uuid.UUID,
    occurred_on: datetime.date,
    kind: str,
    quantity: Decimal,
    expires_on: datetime.date | None = None,
    restricted: bool = False,
    entry: str = EntryWay.FORM,
    actor: Any = None,
    **texts: str,
) -> ShopPurchase:
    """Enter a lot bought in; ``texts`` are the columns of the purchase ledger (农药管理条例 art. 26).

    A pesticide on the list of designated dealing is restricted whatever was ticked.
    """
    given = {name: texts.get(name, "").strip() for name in LENGTHS}
    draft = LotDraft(
        producer_id=shop.pk, uid=uid, occurred_on=occurred_on, kind=kind, quantity=quantity,
        expires_on=expires_on, restricted=restricted, entry=entry, **given,
    )  # fmt: skip
    return lots.enter([draft], actor=actor)[0]


def sell(
    *,
    lot: ShopPurchase,
    uid: uuid.UUID,
    occurred_on: datetime.date,
    quantity: Decimal,
    buyer: str = "",
    buyer_name: str = "",
    purpose: str = "",
    unit_code: str = "",
    entry: str = EntryWay.FORM,
    remark: str = "",
    actor: Any = None,
) -> ShopSale:
    """Enter a sale out of a lot; ``buyer`` is a number by which a producer or a person is known.

    Refused: more than is left, after the lot's term, without a licence, a restricted pesticide without a
    known buyer, a pesticide without any (农药管理条例 art. 27), a pack that is sold already.
    """
    draft = MoveDraft(
        producer_id=lot.producer_id, lot=lot.uid, uid=uid, occurred_on=occurred_on, quantity=quantity,
        buyer=buyer, buyer_name=buyer_name, purpose=purpose, unit_code=unit_code, remark=remark, entry=entry,
    )  # fmt: skip
    return moves.enter([draft], actor=actor)[0]


def write_off(
    *, lot: ShopPurchase, uid: uuid.UUID, occurred_on: datetime.date, quantity: Decimal, way: str,
    reason: str, entry: str = EntryWay.FORM, actor: Any = None,
) -> ShopSale:  # fmt: skip
    """Enter goods lost or sent back; expired ones too, which is how they leave the shelf."""
    if way == ShopSaleWay.SALE:
        raise ValidationError({"way": _("请选择报损或退回供货人。")})
    draft = MoveDraft(
        producer_id=lot.producer_id, lot=lot.uid, uid=uid, occurred_on=occurred_on, quantity=quantity,
        way=way, remark=reason, entry=entry,
    )  # fmt: skip
    return moves.enter([draft], actor=actor)[0]


@transaction.atomic
def reverse_sale(*, sale: ShopSale, reason: str, actor: Any = None) -> ShopSale:
    """Take a mis-entered sale back: the goods are in stock again, the buyer's purchase record is reversed.

    Refused when the buyer has used what it bought.
    """
    lot = ShopPurchase.objects.select_for_update(of=("self",)).get(pk=sale.lot_id)
    row = _standing(ShopSale, sale, reason)
    if row.purchase is not None and row.purchase.status == RecordStatus.ACTIVE:
        said = _("农资店撤销销售：%(reason)s") % {"reason": reason.strip()}
        reverse_record(row=row.purchase, reason=said[:240], actor=actor)
    _reverse(row, reason, actor)
    lot.left += row.quantity
    lot.save(update_fields=["left"])
    note("shop.entry_reversed", lot.producer, actor, goods=str(lot), reason=row.reverse_reason, uid=row.uid)
    return row


@transaction.atomic
def reverse_purchase(*, lot: ShopPurchase, reason: str, actor: Any = None) -> ShopPurchase:
    """Take a mis-entered lot back; refused while anything was sold of it."""
    row = _standing(ShopPurchase, lot, reason)
    if row.sales.active().exists():
        raise ValidationError(_("这一批已有销售或报损，请先撤销它们。"), code="built_on")
    row.left = Decimal(0)
    _reverse(row, reason, actor, "left")
    note("shop.entry_reversed", row.producer, actor, goods=str(row), reason=row.reverse_reason, uid=row.uid)
    return row


def _standing(model: type[Entry], row: Entry, reason: str) -> Entry:
    if not reason.strip() or len(reason.strip()) > 240:
        raise ValidationError({"reason": _("请填写撤销理由，最多%(n)d个字。") % {"n": 240}})
    locked: Entry = model.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.status == RecordStatus.REVERSED:
        raise ValidationError(_("该记录已经撤销。"), code="reversed")
    return locked


def _reverse(row: Any, reason: str, actor: Any, *also: str) -> None:
    row.status, row.reversed_at, row.reversed_by = RecordStatus.REVERSED, clock.now(), actor
    row.reverse_reason = reason.strip()
    row.save(update_fields=["status", "reversed_at", "reversed_by", "reverse_reason", *also])
