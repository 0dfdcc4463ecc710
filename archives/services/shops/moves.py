"""What leaves a shop (销售台账): sold, lost or sent back, one entry or a load, judged in the order given.

Stock is never negative: lots are locked, and what a load takes is counted while it is judged. A sale to a
producer on file writes that producer's purchase record through the record service, in the same transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from archives.inputs import rulebook
from archives.models import EntryWay, ShopPurchase, ShopSale, ShopSaleWay
from archives.services.records import NOUNS, PurchaseDraft, record_many
from archives.services.records import judge as judge_records
from archives.services.shops import noting
from archives.services.shops.buyers import Buyer, Buyers
from archives.services.shops.checks import fingerprint, refuse_sale, refuse_taking, same
from archives.services.shops.codes import parse
from archives.services.shops.drafts import MoveDraft
from archives.services.shops.licences import Held, refuse_other_than_shop

REMARK_LENGTH = 240


class _Counter:
    """What judging sales takes, fetched once for all of them. The lots are locked, one after the other."""

    def __init__(self, drafts: Sequence[MoveDraft], earlier: Sequence[MoveDraft] = ()) -> None:
        rows = ShopPurchase.objects.select_for_update(of=("self",)).select_related("producer").order_by("pk")
        self.lots = {row.uid: row for row in rows.filter(uid__in={draft.lot for draft in drafts})}
        self.held, self.rules = Held({row.producer_id for row in self.lots.values()}), rulebook()
        self.buyers = Buyers(draft.buyer for draft in drafts if draft.way == ShopSaleWay.SALE)
        everything = [draft.uid for draft in (*earlier, *drafts)]
        known = ShopSale.objects.filter(uid__in=everything).select_related("producer")
        self.known: dict[uuid.UUID, ShopSale] = {row.uid: row for row in known}
        self.packs = _sold_packs(drafts)
        self.now = clock.now()
        self._taken_before(draft for draft in earlier if draft.uid not in self.known)

    def _taken_before(self, drafts: Iterable[MoveDraft]) -> None:
        """Entries of the same load that were judged before and are not written yet."""
        for draft in drafts:
            lot = self.lots.get(draft.lot)
            if lot is not None:
                lot.left -= draft.quantity
            if draft.unit_code.strip():
                self.packs.add(parse(draft.unit_code.strip()).unit_code)

    def row_of(self, draft: MoveDraft, actor: Any) -> ShopSale:
        """The row that the draft becomes, or the one that it is already; ValidationError says why not."""
        lot = self.lots[draft.lot]
        refuse_other_than_shop(lot.producer)
        sold = draft.way == ShopSaleWay.SALE
        who = self.buyers.find(number=draft.buyer, name=draft.buyer_name) if sold else Buyer()
        print_ = fingerprint(lot.producer_id, draft.occurred_on, _content(draft, lot, who))
        before = self.known.get(draft.uid)
        if before is not None:
            return same(before, print_)
        if not sold:
            _refuse_write_off(draft)
        refuse_taking(lot, draft.occurred_on, draft.quantity)
        pack = ""
        if sold:
            refuse_sale(lot, draft.occurred_on, who, self.rules, self.held)
            pack = self._pack(lot, draft)
        row = ShopSale(
            uid=draft.uid, producer=lot.producer, occurred_on=draft.occurred_on, entered_at=self.now,
            recorded_by=actor, entry=draft.entry, fingerprint=print_, lot=lot, way=draft.way,
            quantity=draft.quantity, restricted=lot.restricted, buyer=who.producer, buyer_name=who.name,
            buyer_identity=who.identity, buyer_identity_hash=who.identity_hash,
            purpose=draft.purpose.strip()[:120], unit_code=pack, remark=draft.remark.strip()[:REMARK_LENGTH],
        )  # fmt: skip
        lot.left -= draft.quantity
        self.known[draft.uid] = row
        return row

    def _pack(self, lot: ShopPurchase, draft: MoveDraft) -> str:
        """The unit code of one pack, of the lot's product and not sold yet; "" when none is given."""
        text = draft.unit_code.strip()
        if not text:
            return ""
        code = parse(text)
        if not code.unit_code or not code.matches(lot.registration_number):
            raise ValidationError({"unit_code": _("扫到的代码不是这一批货品的，请核对。")})
        if draft.quantity != 1:
            raise ValidationError({"unit_code": _("一个代码对应一个最小包装，数量应为1；整箱销售不必扫码。")})
        if code.unit_code in self.packs:
            raise ValidationError({"unit_code": _("这一包已经登记销售过，请核对是否重复。")})
        self.packs.add(code.unit_code)
        return code.unit_code


def judge(drafts: Sequence[MoveDraft], *, earlier: Sequence[MoveDraft] = ()) -> dict[int, ValidationError]:
    """What :func:`enter` would refuse, by position; in the caller's transaction, writing nothing.

    ``earlier`` are drafts of the same load that were judged before: what they take of a lot is gone, whether
    they are written yet or not. The buyers' purchase records are judged too.
    """
    counter = _Counter(drafts, earlier)
    refused: dict[int, ValidationError] = {}
    rows: dict[int, ShopSale] = {}
    for index, draft in enumerate(drafts):
        try:
            row = counter.row_of(draft, None)
        except ValidationError as refusal:
            refused[index] = refusal
        else:
            if _is_new(row) and row.buyer is not None:
                rows[index] = row
    places = list(rows)
    for fault in judge_records(NOUNS["purchase"], [_purchase_of(row) for row in rows.values()]):
        said = _("购买主体的购买记录：%(reason)s") % {"reason": fault.message}
        refused.setdefault(places[fault.index], ValidationError({"buyer": said}))
    return refused


@transaction.atomic
def enter(drafts: Sequence[MoveDraft], *, actor: Any = None) -> list[ShopSale]:
    """Enter what left; all of it, or nothing with the refusal of the first that is wrong. One audit line."""
    counter = _Counter(drafts)
    rows = [counter.row_of(draft, actor) for draft in drafts]
    new = list({row.uid: row for row in rows if _is_new(row)}.values())
    bought = [row for row in new if row.buyer is not None]
    records = record_many("purchase", [_purchase_of(row) for row in bought], actor=actor).rows
    for row, purchase in zip(bought, records, strict=True):
        row.purchase = purchase
    ShopSale.objects.bulk_create(new, batch_size=1_000)
    touched = list({row.lot_id: row.lot for row in new}.values())
    ShopPurchase.objects.bulk_update(touched, ["left"], batch_size=500)
    if len(new) == 1:
        _note_one(new[0], actor)
    else:
        noting.note_load(ShopSale, new, actor)
    return rows


def _is_new(row: ShopSale) -> bool:
    return bool(row._state.adding)


def _sold_packs(drafts: Sequence[MoveDraft]) -> set[str]:
    """Which of the packs that a load names are sold already."""
    named: set[str] = set()
    for text in {draft.unit_code.strip() for draft in drafts} - {""}:
        with suppress(ValidationError):  # said of its row when the row is judged
            named.add(parse(text).unit_code)
    if not named - {""}:
        return set()
    sold = ShopSale.objects.active().filter(unit_code__in=named)
    return set(sold.values_list("unit_code", flat=True))


def _content(draft: MoveDraft, lot: ShopPurchase, who: Buyer) -> dict[str, Any]:
    if draft.way != ShopSaleWay.SALE:
        reason = draft.remark.strip()
        return {"lot": lot.uid, "quantity": draft.quantity, "way": draft.way, "reason": reason}
    return {
        "lot": lot.uid, "quantity": draft.quantity, "way": draft.way, "unit_code": draft.unit_code.strip(),
        "producer": who.producer.pk if who.producer else None, "identity": who.identity_hash,
        "name": who.name, "purpose": draft.purpose.strip(),
    }  # fmt: skip


def _refuse_write_off(draft: MoveDraft) -> None:
    if draft.way not in (ShopSaleWay.LOSS, ShopSaleWay.RETURN):
        raise ValidationError({"way": _("请选择报损或退回供货人。")})
    if not draft.remark.strip():
        raise ValidationError({"reason": _("请填写理由。")})


def _purchase_of(sale: ShopSale) -> PurchaseDraft:
    """The buyer's own purchase record: the sale's uid makes it one and the same however often it is sent."""
    lot = sale.lot
    assert sale.buyer is not None  # noqa: S101 - asked by the callers
    return PurchaseDraft(
        producer_id=sale.buyer.pk, occurred_on=sale.occurred_on, uid=sale.uid, entry=EntryWay.API.value,
        kind=lot.kind, name=lot.name, ingredient=lot.ingredient, registration_number=lot.registration_number,
        batch_number=lot.batch_number, manufacturer=lot.manufacturer, supplier=lot.producer.name,
        quantity=sale.quantity, unit=lot.unit, remark=_("由农资店销售台账生成"),
    )  # fmt: skip


def _note_one(row: ShopSale, actor: Any) -> None:
    if row.way == ShopSaleWay.SALE:
        noting.note(
            "shop.sold", row.producer, actor, goods=str(row.lot), restricted=row.restricted, uid=row.uid
        )
    else:
        noting.note(
            "shop.written_off", row.producer, actor, goods=str(row.lot), reason=row.remark, uid=row.uid
        )
