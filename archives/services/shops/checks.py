"""What the two ledgers refuse: each check raises ValidationError with the field it belongs to."""

from __future__ import annotations

import datetime
import hashlib
import json
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from agricredit.foundation.common import clock
from agricredit.foundation.common.templatetags.formats import full_date
from archives.inputs import Rulebook
from archives.models import InputKind, RecordStatus, ShopPurchase, ShopSale
from archives.services.shops.buyers import Buyer
from archives.services.shops.drafts import LotDraft
from archives.services.shops.licences import Held

Entry = TypeVar("Entry", ShopPurchase, ShopSale)
QUANTITY_LIMIT = Decimal("999999999.999")
LENGTHS = {
    "name": 80, "ingredient": 120, "registration_number": 40, "batch_number": 40, "manufacturer": 120,
    "supplier": 120, "supplier_contact": 60, "specification": 60, "unit": 16, "remark": 240,
}  # fmt: skip
_NEEDED = ("name", "supplier", "unit")
_NEEDED_OF_PESTICIDES = ("registration_number", "manufacturer", "batch_number")


def refuse_goods(draft: LotDraft) -> None:
    """Refuse a lot whose description is not what the purchase ledger asks for; every field at once."""
    faults: dict[str, str] = {}
    if draft.kind not in InputKind.values:
        faults["kind"] = _("请选择投入品类别。")
    needed = (*_NEEDED, *(_NEEDED_OF_PESTICIDES if draft.kind == InputKind.PESTICIDE else ()))
    for field, length in LENGTHS.items():
        text = getattr(draft, field)
        if not text and field in needed:
            faults[field] = _("请填写。")
        elif len(text) > length:
            faults[field] = _("最多%(length)d个字。") % {"length": length}
        elif "\0" in text:
            faults[field] = _("含有不可见的字符，请重新填写。")
    if faults:
        raise ValidationError(faults)
    refuse_quantity(draft.quantity)


def refuse_quantity(quantity: Decimal) -> None:
    """Refuse what is no amount of goods."""
    if not quantity.is_finite() or quantity <= 0:
        raise ValidationError({"quantity": _("数量须大于0。")})
    if quantity > QUANTITY_LIMIT or quantity != quantity.quantize(Decimal("0.001")):
        raise ValidationError({"quantity": _("数量过大，或小数多于三位。")})


def refuse_day(day: datetime.date) -> None:
    """Refuse days that have not come, and slips of the year."""
    if day > clock.today():
        raise ValidationError({"occurred_on": _("日期不能晚于今天。")})
    if day.year < 2000:
        raise ValidationError({"occurred_on": _("日期太早，请核对年份。")})


def refuse_banned(rules: Rulebook, kind: str, name: str, ingredient: str, day: datetime.date) -> None:
    """Refuse trade in what is banned on the day."""
    for field, text in (("name", name), ("ingredient", ingredient)):
        rule = rules.banned_on(text, day, kind)
        if rule is not None:
            said = {"name": rule.name, "day": full_date(rule.begins), "basis": rule.basis}
            raise ValidationError(
                {field: _("“%(name)s”自%(day)s起禁止生产、经营和使用（%(basis)s），不能进货或销售。") % said}
            )


def refuse_taking(lot: ShopPurchase, day: datetime.date, quantity: Decimal) -> None:
    """Refuse more than is left, and days before the lot was there."""
    if lot.status != RecordStatus.ACTIVE:
        raise ValidationError(_("这一批进货已撤销。"), code="reversed")
    refuse_day(day)
    if day < lot.occurred_on:
        raise ValidationError(
            {"occurred_on": _("日期早于进货日期%(day)s。") % {"day": full_date(lot.occurred_on)}}
        )
    refuse_quantity(quantity)
    if quantity > lot.left:
        said = {"left": format(lot.left.normalize(), "f"), "unit": lot.unit}
        raise ValidationError({"quantity": _("库存只有%(left)s%(unit)s，不能超过。") % said}, code="stock")


def refuse_sale(lot: ShopPurchase, day: datetime.date, who: Buyer, rules: Rulebook, held: Held) -> None:
    """Refuse a sale of expired or banned goods, without a licence, or to somebody who is not known enough."""
    if lot.expires_on is not None and day > lot.expires_on:
        said = {"day": full_date(lot.expires_on)}
        raise ValidationError(_("这一批的质量保证期到%(day)s为止，不能再卖，请报损或退回。") % said)
    refuse_banned(rules, lot.kind, lot.name, lot.ingredient, day)
    held.refuse_unlicensed(lot.producer_id, lot.kind, lot.restricted, day)
    if who.producer is not None and who.producer.pk == lot.producer_id:
        raise ValidationError({"buyer": _("购买人不能是本店。")})
    if lot.restricted and not who.is_known:
        raise ValidationError(
            {"buyer": _("限制使用农药实名购买：请填写购买主体的信用代码、编号、手机号，或购买人身份证号。")}
        )
    if lot.kind == InputKind.PESTICIDE and not (who.is_known or who.name):
        raise ValidationError({"buyer_name": _("农药销售台账须写明购买人。")})


def fingerprint(shop_id: int, day: datetime.date, content: dict[str, Any]) -> bytes:
    """SHA-256 of what an entry says: by this the same uid is the same entry, or a conflict."""
    plain = {
        name: format(value.normalize(), "f") if isinstance(value, Decimal) else value
        for name, value in content.items()
    }
    text = json.dumps([shop_id, day, plain], cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).digest()


def same(before: Entry, print_: bytes) -> Entry:
    """The entry that is there already; refused when it says something else."""
    if bytes(before.fingerprint) != print_:
        raise ValidationError(
            {"uid": _("这个编号已有内容不同的记录；若是新的记录，请换一个编号。")}, code="conflict"
        )
    return before
