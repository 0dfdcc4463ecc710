"""The two ledgers of input shops (农药管理条例 art. 26, 27) as sheets: lots bought in, and what left them.

A sale names its lot by the number that the lot has in the purchase ledger: lots come in first. Persons who
bought are exported masked; the mask of what is there says nothing new.
"""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.masking import mask_identity, mask_name
from archives.models import InputKind, Producer, ProducerNature, ShopPurchase, ShopSale, ShopSaleWay
from archives.services.sheets.base import Row, Seen, Verdict, find_producers
from archives.services.sheets.columns import amount, choice, day, words, yes_no
from archives.services.sheets.entries import CODE, OCCURRED, PRODUCER, REMARK, UID, EntrySheet, record_uid
from archives.services.shops import lots, moves
from archives.services.shops.drafts import LotDraft, MoveDraft

MASK = "*"
LOTS, MOVES = "shop_purchase", "shop_sale"


class _ShopSheet(EntrySheet):
    """What both ledgers do: the plan of a row is a draft, and the service says what is wrong with it."""

    about: ClassVar[str]
    """The column beside which stands what is wrong with the whole row."""

    def judge(self, rows: Sequence[Row], seen: Seen, actor: Any) -> None:
        """Shops and what the rows name are looked up together; known entries are told from new ones."""
        for row in rows:
            self.read(row)
        shops = find_producers(rows, actor)
        self.plan([row for row in rows if row.sound and row.number in shops], shops)
        for row in rows:
            if row.plan is not None:
                self.look_for_repeats(row, seen)
        self.compare_known([row for row in rows if row.sound])
        new = [row for row in rows if row.sound and row.verdict is Verdict.NEW]
        for index, refusal in self.refused([row.plan for row in new], seen).items():
            self._refuse(new[index], refusal)

    @abstractmethod
    def plan(self, rows: Sequence[Row], shops: Mapping[int, Producer]) -> None:
        """Give each row its draft."""

    @abstractmethod
    def refused(self, drafts: Sequence[Any], seen: Seen) -> dict[int, ValidationError]:
        """What the ledger's service would refuse, by position."""

    def _refuse(self, row: Row, refusal: ValidationError) -> None:
        """The service's sentences beside the columns that they are about."""
        whole = {NON_FIELD_ERRORS: refusal.messages}
        said = refusal.message_dict if hasattr(refusal, "error_dict") else whole
        columns = {NON_FIELD_ERRORS: self.about, "reason": "remark"}
        for field, messages in said.items():
            for message in messages:
                row.refuse(columns.get(field, field), message)

    def uid_of(self, row: Row, shop: Producer) -> uuid.UUID:
        """The uid of a row's entry, by its number or by what it says."""
        return record_uid(shop, self.name, row.values.get("uid") or self.content_of(row))


class LotSheet(_ShopSheet):
    """采购台账."""

    name = LOTS
    about = "producer"
    title = gettext_lazy("农资店进货台账")
    model = ShopPurchase
    columns = (
        UID, PRODUCER, CODE, OCCURRED,
        choice("kind", gettext_lazy("投入品类别"), dict(InputKind.choices), required=True,
               example=InputKind.PESTICIDE.label),
        words("name", gettext_lazy("通用名"), 80, required=True, example=gettext_lazy("阿维菌素")),
        words("ingredient", gettext_lazy("有效成分"), 120),
        words("registration_number", gettext_lazy("登记证号"), 40, text=True, example="PD20000001",
              note=gettext_lazy("农药必填。")),
        words("batch_number", gettext_lazy("生产批号"), 40, text=True, note=gettext_lazy("农药必填。")),
        words("manufacturer", gettext_lazy("生产企业"), 120, example=gettext_lazy("示例农药厂"),
              note=gettext_lazy("农药必填。")),
        words("supplier", gettext_lazy("供货人"), 120, required=True, example=gettext_lazy("示例农资公司")),
        words("supplier_contact", gettext_lazy("供货人联系方式"), 60, text=True),
        words("specification", gettext_lazy("规格"), 60),
        amount("quantity", gettext_lazy("数量"), required=True, example="20"),
        words("unit", gettext_lazy("单位"), 16, required=True, example=gettext_lazy("瓶")),
        day("expires_on", gettext_lazy("质量保证期至")),
        yes_no("restricted", gettext_lazy("限制使用农药"), gettext_lazy("是"), gettext_lazy("否"),
               note=gettext_lazy("标签标注“限制使用”的填是；名录中的不填也按限制使用管理。")),
        REMARK,
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], shops: Mapping[int, Producer]) -> None:
        """A lot names nothing but its shop."""
        for row in rows:
            shop = shops[row.number]
            given = {name: value for name, value in row.values.items() if name not in _OWNERS}
            row.plan = LotDraft(producer_id=shop.pk, uid=self.uid_of(row, shop), entry=row.entry, **given)

    def refused(self, drafts: Sequence[Any], seen: Seen) -> dict[int, ValidationError]:
        """Each lot by itself."""
        return lots.judge(drafts)

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """Through the ledger's service."""
        lots.enter([row.plan for row in rows], actor=actor)

    def means_same(self, record: Any, field: str, given: str) -> bool:
        """What the list of designated dealing made restricted need not have been ticked."""
        return field == "restricted" and bool(record.restricted)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """With the shop."""
        return queryset.select_related(None).select_related("producer")

    def cells_of(self, record: Any) -> list[str]:
        """As it was entered."""
        own = {"uid": str(record.uid), "producer": record.producer.key,
               "credit_code": record.producer.credit_code}  # fmt: skip
        return [c.cell(own[c.field] if c.field in own else getattr(record, c.field)) for c in self.columns]


class MoveSheet(_ShopSheet):
    """销售台账, with what was lost or sent back."""

    name = MOVES
    about = "lot"
    title = gettext_lazy("农资店销售台账")
    explains = gettext_lazy(
        "先导入进货台账。只新增；已登记的不能改动，有误的请撤销后重新登记。购买人是在册主体的，同时记入其购买记录。"
    )
    model = ShopSale
    columns = (
        UID, PRODUCER, CODE, OCCURRED,
        words("lot", gettext_lazy("进货记录编号"), 64, required=True, text=True, example="JH-0001",
              note=gettext_lazy("进货台账中的记录编号。")),
        choice("way", gettext_lazy("去向"), dict(ShopSaleWay.choices), example=ShopSaleWay.SALE.label,
               note=gettext_lazy("不填为销售。")),
        amount("quantity", gettext_lazy("数量"), required=True, example="2"),
        words("buyer", gettext_lazy("购买主体或身份证号"), 64, text=True,
              note=gettext_lazy("主体编号、信用代码、手机号或身份证号；限制使用农药必填。导出时遮盖身份证号。")),
        words("buyer_name", gettext_lazy("购买人"), 60, example=gettext_lazy("王某"),
              note=gettext_lazy("不是在册主体的填写；导出时遮盖。")),
        words("purpose", gettext_lazy("用于（作物、病虫）"), 120),
        words("unit_code", gettext_lazy("单元识别代码"), 400, text=True),
        REMARK,
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], shops: Mapping[int, Producer]) -> None:
        """The lots that the rows name, in one query."""
        numbers = {row.number: record_uid(shops[row.number], LOTS, row.values["lot"]) for row in rows}
        found = ShopPurchase.objects.filter(uid__in=set(numbers.values())).values_list("uid", "producer_id")
        owners = dict(found)
        for row in rows:
            shop, lot = shops[row.number], numbers[row.number]
            if owners.get(lot) != shop.pk:
                said = {"text": row.values["lot"]}
                row.refuse("lot", _("这家农资店没有“%(text)s”这批进货，请先导入进货台账。") % said)
                continue
            given = {name: value for name, value in row.values.items() if name not in (*_OWNERS, "lot")}
            uid = self.uid_of(row, shop)
            row.plan = MoveDraft(producer_id=shop.pk, lot=lot, uid=uid, entry=row.entry, **given)

    def refused(self, drafts: Sequence[Any], seen: Seen) -> dict[int, ValidationError]:
        """What earlier rows of the file take of a lot is gone, whether they are written yet or not."""
        refused = {
            index: ValidationError({"buyer": _("这是遮盖后的号码，请填写完整的号码。")})
            for index, draft in enumerate(drafts)
            if MASK in draft.buyer
        }
        places = [index for index in range(len(drafts)) if index not in refused]
        named = {draft.lot for draft in drafts}
        earlier = [draft for draft in seen.kept(MOVES) if draft.lot in named or draft.unit_code]
        judged = moves.judge([drafts[index] for index in places], earlier=earlier)
        refused |= {places[index]: refusal for index, refusal in judged.items()}
        seen.keep(MOVES, [draft for index, draft in enumerate(drafts) if index not in refused])
        return refused

    def write(self, rows: Sequence[Row], actor: Any) -> None:
        """Through the ledger's service."""
        moves.enter([row.plan for row in rows], actor=actor)

    def means_same(self, record: Any, field: str, given: str) -> bool:
        """A lot by its own number, a buyer by any of its numbers, a scanned text by the code in it."""
        if field == "lot":
            return bool(record_uid(record.producer, LOTS, given) == record.lot.uid)
        if field == "unit_code":
            return bool(record.unit_code) and record.unit_code in given
        if field == "buyer_name":
            return record.buyer is not None or given == str(record.buyer_name)
        return field == "buyer" and given.upper() in _numbers_of(record)

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """With shop, lot and buyer."""
        return queryset.select_related(None).select_related("producer", "lot", "buyer")

    def cells_of(self, record: Any) -> list[str]:
        """Persons masked."""
        own = {
            "uid": str(record.uid),
            "producer": record.producer.key,
            "credit_code": record.producer.credit_code,
            "lot": str(record.lot.uid),
            "buyer": record.buyer.key if record.buyer else mask_identity(str(record.buyer_identity)),
            "buyer_name": _shown_name(record),
        }
        return [c.cell(own[c.field] if c.field in own else getattr(record, c.field)) for c in self.columns]


_OWNERS = ("uid", "producer", "credit_code")


def _shown_name(record: Any) -> str:
    if record.buyer is None:
        return mask_name(str(record.buyer_name))
    person = record.buyer.nature == ProducerNature.NATURAL_PERSON
    return mask_name(record.buyer.name) if person else str(record.buyer.name)


def _numbers_of(record: Any) -> set[str]:
    """The numbers by which a sale's buyer may have been named."""
    if record.buyer is None:
        return {str(record.buyer_identity)}
    numbers = (record.buyer.key, record.buyer.credit_code, record.buyer.phone, record.buyer.identity_number)
    return {str(number).upper() for number in numbers if number}
