"""A shop's two ledgers (台账): lots bought in, and what left them. Stock is never negative.

The same uid with the same content is the same entry; with other content it is refused. A sale to a producer
on file writes that producer's purchase record through the record service, in the same transaction.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import uuid
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.designated import designated_on
from archives.inputs import banned_on
from archives.models import EntryWay, InputKind, Producer, RecordStatus, ShopPurchase, ShopSale, ShopSaleWay
from archives.services.records import record_purchase, reverse_record
from archives.services.shops.buyers import Buyer, find_buyer
from archives.services.shops.codes import parse
from archives.services.shops.licences import refuse_other_than_shop, refuse_unlicensed

Entry = TypeVar("Entry", ShopPurchase, ShopSale)
QUANTITY_LIMIT = Decimal("999999999.999")
_LENGTHS = {
    "name": 80, "ingredient": 120, "registration_number": 40, "batch_number": 40, "manufacturer": 120,
    "supplier": 120, "supplier_contact": 60, "specification": 60, "unit": 16, "remark": 240,
}  # fmt: skip
_NEEDED = ("name", "supplier", "unit")
_NEEDED_OF_PESTICIDES = ("registration_number", "manufacturer", "batch_number")


@transaction.atomic
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
    row = _shop(shop)
    given = {name: texts.get(name, "").strip() for name in _LENGTHS}
    content = {
        "kind": kind, "quantity": quantity, "expires_on": expires_on, "ticked": restricted, **given,
    }  # fmt: skip
    print_ = _fingerprint(row, occurred_on, content)
    before: ShopPurchase | None = ShopPurchase.objects.filter(uid=uid).first()
    if before is not None:
        return _same(before, print_)
    _refuse_goods(kind, given, quantity)
    _refuse_day(occurred_on)
    if expires_on is not None and expires_on < occurred_on:
        raise ValidationError({"expires_on": _("已过质量保证期的货品不能进货。")})
    _refuse_banned(kind, given["name"], given["ingredient"], occurred_on)
    listed = kind == InputKind.PESTICIDE and designated_on(occurred_on, given["name"], given["ingredient"])
    if restricted and kind != InputKind.PESTICIDE:
        raise ValidationError({"restricted": _("只有农药才有限制使用的。")})
    refuse_unlicensed(row, kind, bool(listed) or restricted, occurred_on)
    lot: ShopPurchase = ShopPurchase.objects.create(
        uid=uid, producer=row, occurred_on=occurred_on, entered_at=clock.now(), recorded_by=actor,
        entry=entry, fingerprint=print_, kind=kind, quantity=quantity, left=quantity, expires_on=expires_on,
        restricted=bool(listed) or restricted, **given,
    )  # fmt: skip
    _note("shop.bought_in", row, actor, goods=str(lot), uid=uid)
    return lot


@transaction.atomic
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
    row = _lot(lot)
    who = find_buyer(number=buyer, name=buyer_name)
    content = {
        "lot": row.uid, "quantity": quantity, "way": ShopSaleWay.SALE.value, "unit_code": unit_code.strip(),
        "producer": who.producer.pk if who.producer else None, "identity": who.identity_hash,
        "name": who.name, "purpose": purpose.strip(),
    }  # fmt: skip
    print_ = _fingerprint(row.producer, occurred_on, content)
    before: ShopSale | None = ShopSale.objects.filter(uid=uid).first()
    if before is not None:
        return _same(before, print_)
    _refuse_taking(row, occurred_on, quantity)
    _refuse_sale(row, occurred_on, who)
    pack = _pack(row, unit_code.strip(), quantity)
    sale: ShopSale = ShopSale.objects.create(
        uid=uid, producer=row.producer, occurred_on=occurred_on, entered_at=clock.now(), recorded_by=actor,
        entry=entry, fingerprint=print_, lot=row, quantity=quantity, restricted=row.restricted,
        buyer=who.producer, buyer_name=who.name, buyer_identity=who.identity,
        buyer_identity_hash=who.identity_hash, purpose=purpose.strip()[:120], unit_code=pack,
        remark=remark.strip()[:240],
    )  # fmt: skip
    _take(row, quantity)
    if who.producer is not None:
        _purchase_of(sale, row, who.producer, actor)
    _note("shop.sold", row.producer, actor, goods=str(row), restricted=row.restricted, uid=uid)
    return sale


@transaction.atomic
def write_off(
    *, lot: ShopPurchase, uid: uuid.UUID, occurred_on: datetime.date, quantity: Decimal, way: str,
    reason: str, entry: str = EntryWay.FORM, actor: Any = None,
) -> ShopSale:  # fmt: skip
    """Enter goods lost or sent back; expired ones too, which is how they leave the shelf."""
    row = _lot(lot)
    content = {"lot": row.uid, "quantity": quantity, "way": way, "reason": reason.strip()}
    print_ = _fingerprint(row.producer, occurred_on, content)
    before: ShopSale | None = ShopSale.objects.filter(uid=uid).first()
    if before is not None:
        return _same(before, print_)
    if way not in (ShopSaleWay.LOSS, ShopSaleWay.RETURN):
        raise ValidationError({"way": _("请选择报损或退回供货人。")})
    if not reason.strip():
        raise ValidationError({"reason": _("请填写理由。")})
    _refuse_taking(row, occurred_on, quantity)
    gone: ShopSale = ShopSale.objects.create(
        uid=uid, producer=row.producer, occurred_on=occurred_on, entered_at=clock.now(), recorded_by=actor,
        entry=entry, fingerprint=print_, lot=row, way=way, quantity=quantity, restricted=row.restricted,
        remark=reason.strip()[:240],
    )  # fmt: skip
    _take(row, quantity)
    _note("shop.written_off", row.producer, actor, goods=str(row), reason=gone.remark, uid=uid)
    return gone


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
    _note("shop.entry_reversed", lot.producer, actor, goods=str(lot), reason=row.reverse_reason, uid=row.uid)
    return row


@transaction.atomic
def reverse_purchase(*, lot: ShopPurchase, reason: str, actor: Any = None) -> ShopPurchase:
    """Take a mis-entered lot back; refused while anything was sold of it."""
    row = _standing(ShopPurchase, lot, reason)
    if row.sales.active().exists():
        raise ValidationError(_("这一批已有销售或报损，请先撤销它们。"), code="built_on")
    row.left = Decimal(0)
    _reverse(row, reason, actor, "left")
    _note("shop.entry_reversed", row.producer, actor, goods=str(row), reason=row.reverse_reason, uid=row.uid)
    return row


def _shop(shop: Producer) -> Producer:
    row = Producer.objects.select_for_update(no_key=True).get(pk=shop.pk)
    refuse_other_than_shop(row)
    return row


def _lot(lot: ShopPurchase) -> ShopPurchase:
    """The lot, locked: two sales at once take from it one after the other."""
    rows = ShopPurchase.objects.select_for_update(of=("self",)).select_related("producer")
    row: ShopPurchase = rows.get(pk=lot.pk)
    refuse_other_than_shop(row.producer)
    return row


def _refuse_goods(kind: str, given: dict[str, str], quantity: Decimal) -> None:
    faults: dict[str, str] = {}
    if kind not in InputKind.values:
        faults["kind"] = _("请选择投入品类别。")
    needed = (*_NEEDED, *(_NEEDED_OF_PESTICIDES if kind == InputKind.PESTICIDE else ()))
    for field, length in _LENGTHS.items():
        if not given[field] and field in needed:
            faults[field] = _("请填写。")
        elif len(given[field]) > length:
            faults[field] = _("最多%(length)d个字。") % {"length": length}
        elif "\0" in given[field]:
            faults[field] = _("含有不可见的字符，请重新填写。")
    if faults:
        raise ValidationError(faults)
    _refuse_quantity(quantity)


def _refuse_quantity(quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity <= 0:
        raise ValidationError({"quantity": _("数量须大于0。")})
    if quantity > QUANTITY_LIMIT or quantity != quantity.quantize(Decimal("0.001")):
        raise ValidationError({"quantity": _("数量过大，或小数多于三位。")})


def _refuse_day(day: datetime.date) -> None:
    if day > clock.today():
        raise ValidationError({"occurred_on": _("日期不能晚于今天。")})
    if day.year < 2000:
        raise ValidationError({"occurred_on": _("日期太早，请核对年份。")})


def _refuse_banned(kind: str, name: str, ingredient: str, day: datetime.date) -> None:
    for field, text in (("name", name), ("ingredient", ingredient)):
        rule = banned_on(text, day, kind)
        if rule is not None:
            said = {"name": rule.name, "day": rule.begins.isoformat(), "basis": rule.basis}
            raise ValidationError(
                {field: _("“%(name)s”自%(day)s起禁止生产、经营和使用（%(basis)s），不能进货或销售。") % said}
            )


def _refuse_taking(lot: ShopPurchase, day: datetime.date, quantity: Decimal) -> None:
    if lot.status != RecordStatus.ACTIVE:
        raise ValidationError(_("这一批进货已撤销。"), code="reversed")
    _refuse_day(day)
    if day < lot.occurred_on:
        raise ValidationError(
            {"occurred_on": _("日期早于进货日期%(day)s。") % {"day": lot.occurred_on.isoformat()}}
        )
    _refuse_quantity(quantity)
    if quantity > lot.left:
        said = {"left": format(lot.left.normalize(), "f"), "unit": lot.unit}
        raise ValidationError({"quantity": _("库存只有%(left)s%(unit)s，不能超过。") % said}, code="stock")


def _refuse_sale(lot: ShopPurchase, day: datetime.date, who: Buyer) -> None:
    if lot.expires_on is not None and day > lot.expires_on:
        said = {"day": lot.expires_on.isoformat()}
        raise ValidationError(_("这一批的质量保证期到%(day)s为止，不能再卖，请报损或退回。") % said)
    _refuse_banned(lot.kind, lot.name, lot.ingredient, day)
    refuse_unlicensed(lot.producer, lot.kind, lot.restricted, day)
    if who.producer is not None and who.producer.pk == lot.producer_id:
        raise ValidationError({"buyer": _("购买人不能是本店。")})
    if lot.restricted and not who.is_known:
        raise ValidationError(
            {"buyer": _("限制使用农药实名购买：请填写购买主体的信用代码、编号、手机号，或购买人身份证号。")}
        )
    if lot.kind == InputKind.PESTICIDE and not (who.is_known or who.name):
        raise ValidationError({"buyer_name": _("农药销售台账须写明购买人。")})


def _pack(lot: ShopPurchase, text: str, quantity: Decimal) -> str:
    """The unit code of one pack, of the lot's product and not sold yet; "" when none is given."""
    if not text:
        return ""
    code = parse(text)
    if not code.unit_code or not code.matches(lot.registration_number):
        raise ValidationError({"unit_code": _("扫到的代码不是这一批货品的，请核对。")})
    if quantity != 1:
        raise ValidationError({"unit_code": _("一个代码对应一个最小包装，数量应为1；整箱销售不必扫码。")})
    if ShopSale.objects.active().filter(unit_code=code.unit_code).exists():
        raise ValidationError({"unit_code": _("这一包已经登记销售过，请核对是否重复。")})
    return code.unit_code


def _take(lot: ShopPurchase, quantity: Decimal) -> None:
    lot.left -= quantity
    lot.save(update_fields=["left"])


def _purchase_of(sale: ShopSale, lot: ShopPurchase, buyer: Producer, actor: Any) -> None:
    """The buyer's own purchase record: the sale's uid makes it one and the same however often it is sent."""
    sale.purchase = record_purchase(
        producer=buyer, occurred_on=sale.occurred_on, uid=sale.uid, entry=EntryWay.API.value, kind=lot.kind,
        name=lot.name, ingredient=lot.ingredient, registration_number=lot.registration_number,
        batch_number=lot.batch_number, manufacturer=lot.manufacturer, supplier=lot.producer.name,
        quantity=sale.quantity, unit=lot.unit, remark=_("由农资店销售台账生成"), actor=actor,
    )  # fmt: skip
    sale.save(update_fields=["purchase"])


def _fingerprint(shop: Producer, day: datetime.date, content: dict[str, Any]) -> bytes:
    plain = {
        name: format(value.normalize(), "f") if isinstance(value, Decimal) else value
        for name, value in content.items()
    }
    text = json.dumps([shop.pk, day, plain], cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def _same(before: Entry, fingerprint: bytes) -> Entry:
    if bytes(before.fingerprint) != fingerprint:
        raise ValidationError(
            {"uid": _("这个编号已有内容不同的记录；若是新的记录，请换一个编号。")}, code="conflict"
        )
    return before


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


def _note(verb: str, shop: Producer, actor: Any, **facts: Any) -> None:
    record(verb=verb, actor=actor, target=shop, region_code=shop.region_id, **facts)
