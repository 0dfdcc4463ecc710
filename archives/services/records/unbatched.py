"""Sales that name no batch (采收批次) while some of the product may not be sold (农产品质量安全法 art. 36).

A batch tells at once whether it may be sold. A sale that names none is judged by what the farm has of the
product on the day: while an interval or withdrawal period (安全间隔期、休药期) runs for it anywhere, or a
batch harvested too early is not sold out, the only batch there is is the one sold; of several one must be
named; and where nothing harvested in time is left, nothing may be sold.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.formats import near_date
from archives.models import Harvest, Producer, Product, Sector
from archives.services.records.drafts import SaleDraft
from archives.services.records.quantities import sold_of
from archives.services.records.units import measured
from archives.services.records.waiting import products_too_early

KEPT_FOR = datetime.timedelta(days=60)
"""What was harvested longer ago is not taken for the batch sold (a default of this platform)."""
_FIRST = datetime.date(2000, 1, 1)
_NAMED = 4
Sums = Mapping[tuple[int, str], Decimal]
"""Sold of batches, by their ids and a common measure."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What a farm has of a product on a day: until when some of it must wait, and its last batches."""

    until: datetime.date | None
    batches: Sequence[Harvest]

    def unsold(self, sold: Sums) -> list[Harvest]:
        """Of the batches those that are not sold out; one in a unit that cannot be compared is not."""
        had = [(row, *measured(row.quantity, row.unit)) for row in self.batches]
        return [row for row, measure, most in had if sold.get((row.pk, measure), Decimal(0)) < most]


@dataclass(frozen=True, slots=True)
class Answer:
    """What becomes of a sale without a batch: ``batch`` is the one it is taken from; ``faults`` are (field,
    sentence) that stop it until a batch is named or a reason written."""

    batch: Harvest | None = None
    faults: tuple[tuple[str, str], ...] = ()


def goods_of(drafts: Sequence[SaleDraft]) -> list[Goods]:
    """For each of these sales, what the farm has of its product on its day; in three queries at most.

    ``batches`` are looked up only where some of the product must wait or was harvested too early.
    """
    if not drafts:
        return []
    until = products_too_early([(draft.producer_id, draft.product_id, draft.occurred_on) for draft in drafts])
    early = _batches(drafts, interval_kept=False)
    touched = {at for at, draft in enumerate(drafts) if at in until or _among(early, draft)}
    batches = _batches([draft for at, draft in enumerate(drafts) if at in touched])
    return [
        Goods(until.get(at), _among(batches, draft) if at in touched else [])
        for at, draft in enumerate(drafts)
    ]


def answer(goods: Goods, product: Product, sold: Sums) -> Answer | None:
    """What a sale of these goods without a batch meets; None when nothing stands in its way."""
    unsold = goods.unsold(sold)
    kept = [row for row in unsold if row.interval_kept]
    if goods.until is None and len(kept) == len(unsold):
        return None
    if len(unsold) == 1:
        return Answer(batch=unsold[0])
    if kept:
        return Answer(faults=(("harvest", _which(product, unsold)), ("reason", _or_why())))
    return Answer(faults=(("reason", _nothing(product, goods.until)),))


def look(producer: Producer, product: Product, on: datetime.date) -> Answer | None:
    """The answer to a sale not entered yet, for a page."""
    draft = SaleDraft(
        producer_id=producer.pk, product_id=product.pk, occurred_on=on, quantity=Decimal(1), unit=""
    )
    [goods] = goods_of([draft])
    return answer(goods, product, sold_of(row.pk for row in goods.batches))


Batches = dict[tuple[int, int], list[Harvest]]


def _batches(drafts: Sequence[SaleDraft], **more: bool) -> Batches:
    """The batches from which the sales may come, by producer and product, the newest first."""
    if not drafts:
        return {}
    days = [draft.occurred_on for draft in drafts]
    rows = Harvest.objects.active().filter(
        producer_id__in={draft.producer_id for draft in drafts},
        product_id__in={draft.product_id for draft in drafts},
        occurred_on__range=(max(min(days), _FIRST) - KEPT_FOR, max(days)),
        **more,
    )
    found: Batches = defaultdict(list)
    for row in rows.select_related("product", "plot").order_by("-occurred_on", "-pk"):
        found[row.producer_id, row.product_id].append(row)
    return found


def _among(batches: Batches, draft: SaleDraft) -> list[Harvest]:
    rows = batches.get((draft.producer_id, draft.product_id), [])
    return [row for row in rows if datetime.timedelta(0) <= draft.occurred_on - row.occurred_on <= KEPT_FOR]


def _which(product: Product, unsold: Sequence[Harvest]) -> str:
    """Ask for the batch, naming the last few by number and day as a file and the API must name them."""
    named = _("、").join(
        _("%(batch)s（%(day)s）") % {"batch": row.batch, "day": near_date(row.occurred_on)}
        for row in unsold[:_NAMED]
    )
    said = {"product": product, "batches": named}
    if product.sector == Sector.CROPS:
        return _("%(product)s有的没过安全间隔期，不能卖。卖的是哪一批？还没卖完的有%(batches)s。") % said
    return _("%(product)s有的没过休药期，不能卖。卖的是哪一批？还没卖完的有%(batches)s。") % said


def _or_why() -> str:
    return _("选了批次就不用写；已经卖了又说不清是哪一批的，写明原因，监管人员会核实。")


def _nothing(product: Product, until: datetime.date | None) -> str:
    """Why nothing may be sold, from when something may, and what to do if it has happened all the same."""
    said = {"product": product, "day": near_date(until) if until else ""}
    if until is None:
        what = _("没卖完的%(product)s都是没到日子就采的，不能卖（农产品质量安全法第三十六条）。") % said
    elif product.sector == Sector.CROPS:
        what = (
            _(
                "%(product)s %(day)s起才可采收，没到日子的不能卖（农产品质量安全法第三十六条）。"
                "是别的地块采的，先记采收，再从那一批卖。"
            )
            % said
        )
    else:
        what = (
            _(
                "%(product)s %(day)s起才可上市，没到日子的不能卖（农产品质量安全法第三十六条）。"
                "不是用过药的那些，先记一批出栏、捕捞或收蛋挤奶，再从那一批卖。"
            )
            % said
        )
    return what + _("确实已经卖了的，写明原因再保存，监管人员会核实。")


def taken_sentence(batch: Harvest) -> str:
    """That a sale without a batch is taken from the only one that is not sold out."""
    said = {"product": batch.product, "day": near_date(batch.occurred_on), "batch": batch.batch}
    return (
        _(
            "%(product)s没卖完的只有%(day)s的这一批（%(batch)s），这一笔就记在这一批。不是这一批的，先把那一批记下来。"
        )
        % said
    )
