"""Public-credit facts obtained from other agencies: items of the lawful catalogue, of entities only.

Natural persons are refused: their public-credit information may be had only by government sharing and query
with authorisation, and never in bulk (policy.md §4, Natural persons).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from archives.ledger.drafts import EventDraft
from archives.models import Producer, ProducerNature, PublicCreditItem
from archives.services.sheets.base import Row
from archives.services.sheets.columns import Column, Wrong, as_decimal, choice, day, words
from archives.services.sheets.entries import CODE, PRODUCER, REMARK
from archives.services.sheets.facts import NUMBER, FactSheet

PERCENTILE = "public_credit.percentile"
LISTED = "dishonesty.listed"
ITEMS = {
    "registry.status": gettext_lazy("登记状态"),
    PERCENTILE: gettext_lazy("公共信用评价"),
    "principal.checked": gettext_lazy("负责人信用"),
    "tax.checked": gettext_lazy("纳税信用"),
    "finance.checked": gettext_lazy("金融信用"),
    LISTED: gettext_lazy("列入严重失信主体名单"),
    "offence.public": gettext_lazy("其他违法信息"),
    "production_accident.occurred": gettext_lazy("安全生产事故"),
}
FIVE = ("registry.status", PERCENTILE, "principal.checked", "tax.checked", "finance.checked")
"""The five public items that are pulled from the provincial platforms (seed 3)."""
JUDGED = frozenset(FIVE) - {PERCENTILE}


def _percentile(text: str) -> int:
    """0–1, or −1 for one on a bad list; in hundredths."""
    value = as_decimal(text, 2)
    if value == -1 or 0 <= value <= 1:
        return int(value * 100)
    raise Wrong(_("应为0至1之间的百分位（如0.85）；在严重失信名单上的填-1。"))


def _written(value: int) -> str:
    return f"{value / 100:.2f}"


class PublicCreditSheet(FactSheet):
    """See the module."""

    name = "public_credit"
    title = gettext_lazy("公共信用信息")
    permission = "archives.import_public_credit"
    explains = gettext_lazy("只收目录内的项目，只收企业等单位；自然人的公共信用信息不能批量导入。")
    model = PublicCreditItem
    stem = "public"
    columns = (
        words(NUMBER, gettext_lazy("数据编号"), 80, required=True, text=True, example="GX-2026-000001",
              note=gettext_lazy("来源系统中的编号或文书号。")),
        PRODUCER,
        CODE,
        choice("item", gettext_lazy("项目"), ITEMS, required=True, example=ITEMS["registry.status"]),
        choice("result", gettext_lazy("结果"),
               {"pass": gettext_lazy("正常"), "fail": gettext_lazy("异常")}, example=gettext_lazy("正常"),
               note=gettext_lazy("登记状态、负责人信用、纳税信用、金融信用必填，其他项目不填。")),
        Column("percentile", gettext_lazy("百分位"), read=_percentile, write=_written,
               note=gettext_lazy("公共信用评价必填：0至1，失信为-1。")),
        day("effective_on", gettext_lazy("生效日期"), required=True, example="2026-06-30"),
        day("valid_until", gettext_lazy("有效期至")),
        words("agency", gettext_lazy("来源部门"), 80, required=True,
              example=gettext_lazy("县市场监督管理局")),
        REMARK,
    )  # fmt: skip

    def check(self, row: Row) -> None:
        """Each item says what it must say and nothing else."""
        super().check(row)
        item = row.values.get("item")
        if item is None:
            return
        for name, wanted in (("result", item in JUDGED), ("percentile", item == PERCENTILE)):
            if wanted and not row.cells.get(name):
                row.refuse(name, _("这个项目必须填写此列。"))
            elif not wanted and row.cells.get(name):
                row.refuse(name, _("这个项目不填此列。"))

    def check_producer(self, row: Row, producer: Producer) -> None:
        """Entities only."""
        super().check_producer(row, producer)
        if producer.nature == ProducerNature.NATURAL_PERSON:
            row.refuse("producer", _("自然人的公共信用信息不能批量导入，只收企业等单位的。"))

    def identity(self, row: Row, producer: Producer) -> str:
        """One item of one notice about one producer."""
        return f"{self.stem}:{row.values[NUMBER]}:{producer.key}"

    def events(self, row: Row, producer: Producer) -> Iterator[EventDraft]:
        """One event."""
        given = row.values
        note = "，".join(filter(None, [given["agency"], given.get("remark", "")]))
        yield self.event(
            row, producer, given["item"], given.get("result", "none"), given.get("percentile"), note=note,
            valid_until=given.get("valid_until"),
        )  # fmt: skip
