"""Production records: one service a noun, for one record or many.

``record_X(producer=…, …)`` enters one and returns its row; ``record_many("X", drafts)`` enters a load with
set-based inserts, one call to the ledger and one audit line. Both are idempotent by the client's uid.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from archives.models import (
    HarmlessDisposal,
    Harvest,
    Immunisation,
    InputPurchase,
    InputUse,
    PackagingReturn,
    Packing,
    PestObservation,
    Plot,
    Procedure,
    Producer,
    Product,
    ProductionBatch,
    Record,
    Sale,
    SelfTest,
)
from archives.services.records.batches import BATCH, end_batch, set_procedure
from archives.services.records.context import hold
from archives.services.records.disposal import record_disposal, settle_overdue_disposals
from archives.services.records.drafts import (
    BatchDraft,
    HarmlessDraft,
    HarvestDraft,
    ImmunisationDraft,
    PackagingDraft,
    PackingDraft,
    PestDraft,
    PurchaseDraft,
    RecordDraft,
    SaleDraft,
    SelfTestDraft,
    UseDraft,
)
from archives.services.records.entry import Entered, enter, judge, judge_outline
from archives.services.records.faults import RecordFault, RecordsRefused
from archives.services.records.harvests import HARVEST, PEST
from archives.services.records.husbandry import HARMLESS, IMMUNISATION, PACKAGING, PACKING
from archives.services.records.inputs import PURCHASE, USE, scope_fault
from archives.services.records.nouns import Noun
from archives.services.records.reversal import reverse_record
from archives.services.records.selling import SALE, SELF_TEST
from archives.services.records.waiting import earliest_harvest, standing_use

__all__ = [
    "NOUNS",
    "BatchDraft",
    "Entered",
    "HarmlessDraft",
    "HarvestDraft",
    "ImmunisationDraft",
    "Noun",
    "PackagingDraft",
    "PackingDraft",
    "PestDraft",
    "PurchaseDraft",
    "RecordDraft",
    "RecordFault",
    "RecordsRefused",
    "SaleDraft",
    "SelfTestDraft",
    "UseDraft",
    "earliest_harvest",
    "end_batch",
    "hold",
    "judge",
    "judge_outline",
    "record_batch",
    "record_disposal",
    "record_harmless",
    "record_harvest",
    "record_immunisation",
    "record_many",
    "record_packaging",
    "record_packing",
    "record_pest",
    "record_purchase",
    "record_sale",
    "record_self_test",
    "record_use",
    "reverse_record",
    "scope_fault",
    "set_procedure",
    "settle_overdue_disposals",
    "standing_use",
]

NOUNS: dict[str, Noun] = {noun.name: noun for noun in (
    PURCHASE, USE, PEST, HARVEST, SELF_TEST, SALE, BATCH, IMMUNISATION, HARMLESS, PACKING, PACKAGING,
)}  # fmt: skip
DRAFTS: dict[str, type[RecordDraft]] = {
    PURCHASE.name: PurchaseDraft,
    USE.name: UseDraft,
    PEST.name: PestDraft,
    HARVEST.name: HarvestDraft,
    SELF_TEST.name: SelfTestDraft,
    SALE.name: SaleDraft,
    BATCH.name: BatchDraft,
    IMMUNISATION.name: ImmunisationDraft,
    HARMLESS.name: HarmlessDraft,
    PACKING.name: PackingDraft,
    PACKAGING.name: PackagingDraft,
}


_ROWS = {"product": "product_id", "plot": "plot_id", "plots": "plot_ids", "procedure": "procedure_id"}
_DECIMALS = ("quantity", "pack_quantity", "area_mu", "water_temperature")


def record_many(noun: str, drafts: Iterable[RecordDraft], *, actor: Any = None) -> Entered:
    """Enter many records of one noun (a key of :data:`NOUNS`): all, or none with every fault named."""
    return enter(NOUNS[noun], drafts, actor=actor)


def record_purchase(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> InputPurchase:
    """Enter inputs bought; ``fields`` are those of :class:`PurchaseDraft`."""
    row: InputPurchase = _one(PURCHASE, producer, occurred_on, actor, fields)
    return row


def record_use(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> InputUse:
    """Enter inputs used; ``fields`` are those of :class:`UseDraft` (product, plot, purchase may be rows)."""
    row: InputUse = _one(USE, producer, occurred_on, actor, fields)
    return row


def record_pest(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> PestObservation:
    """Enter a pest or disease seen; ``fields`` are those of :class:`PestDraft`."""
    row: PestObservation = _one(PEST, producer, occurred_on, actor, fields)
    return row


def record_harvest(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> Harvest:
    """Enter a batch harvested; one inside an interval is entered and counts against its producer."""
    row: Harvest = _one(HARVEST, producer, occurred_on, actor, fields)
    return row


def record_self_test(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> SelfTest:
    """Enter a producer's own or entrusted test; a failed one is due for disposal."""
    row: SelfTest = _one(SELF_TEST, producer, occurred_on, actor, fields)
    return row


def record_sale(*, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any) -> Sale:
    """Enter a sale; its certificate is the certificates floor's (``selling.sell_and_certify``)."""
    row: Sale = _one(SALE, producer, occurred_on, actor, fields)
    return row


def record_batch(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> ProductionBatch:
    """Begin a production batch; ``fields`` are those of :class:`BatchDraft` (``plots`` may be rows)."""
    row: ProductionBatch = _one(BATCH, producer, occurred_on, actor, fields)
    return row


def record_immunisation(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> Immunisation:
    """Enter an immunisation; ``fields`` are those of :class:`ImmunisationDraft`."""
    row: Immunisation = _one(IMMUNISATION, producer, occurred_on, actor, fields)
    return row


def record_harmless(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> HarmlessDisposal:
    """Enter a harmless disposal; ``fields`` are those of :class:`HarmlessDraft`."""
    row: HarmlessDisposal = _one(HARMLESS, producer, occurred_on, actor, fields)
    return row


def record_packing(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> Packing:
    """Enter processing or packing; ``fields`` are those of :class:`PackingDraft`."""
    row: Packing = _one(PACKING, producer, occurred_on, actor, fields)
    return row


def record_packaging(
    *, producer: Producer, occurred_on: datetime.date, actor: Any = None, **fields: Any
) -> PackagingReturn:
    """Enter packaging handed back; ``fields`` are those of :class:`PackagingDraft`."""
    row: PackagingReturn = _one(PACKAGING, producer, occurred_on, actor, fields)
    return row


def _one(
    noun: Noun, producer: Producer, occurred_on: datetime.date, actor: Any, fields: dict[str, Any]
) -> Any:
    values = {_ROWS.get(name, name): _plain(value) for name, value in fields.items()}
    for name in _DECIMALS:
        if values.get(name) is not None:
            values[name] = Decimal(str(values[name]))
    draft = DRAFTS[noun.name](producer_id=producer.pk, occurred_on=occurred_on, **values)
    return enter(noun, [draft], actor=actor).rows[0]


def _plain(value: Any) -> Any:
    """Rows may be given where a draft has their key."""
    if isinstance(value, (list, tuple)):
        return tuple(_plain(each) for each in value)
    if isinstance(value, Record):
        return value.uid
    return value.pk if isinstance(value, (Product, Plot, Procedure)) else value
