"""What a client hands over for one production record; the fields are those of the form."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from archives.models import EntryWay


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDraft:
    """What every record has. ``uid`` is drawn by the client: sending the same again records nothing twice.

    ``reason`` explains figures that do not fit (more used than bought, sold than harvested…).
    ``entered_at`` is for loads of the past; it defaults to now and is no part of the content.
    """

    producer_id: int
    occurred_on: datetime.date
    uid: uuid.UUID = field(default_factory=uuid.uuid4)
    entry: str = EntryWay.FORM.value
    remark: str = ""
    reason: str = ""
    entered_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseDraft(RecordDraft):
    """Inputs bought."""

    kind: str
    name: str
    quantity: Decimal
    unit: str
    ingredient: str = ""
    registration_number: str = ""
    batch_number: str = ""
    manufacturer: str = ""
    supplier: str = ""
    pack_quantity: Decimal | None = None
    pack_unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseDraft(RecordDraft):
    """Inputs used; ``purchase`` is the uid of the purchase they come from, ``production`` that of the batch.

    ``interval_days`` are the label's for the product itself; meat, milk and eggs of the same animals may have
    others. ``degree_days`` with the water's temperature stand for days (aquaculture).
    """

    kind: str
    name: str
    product_id: int
    quantity: Decimal
    unit: str
    purchase: uuid.UUID | None = None
    plot_id: int | None = None
    ingredient: str = ""
    registration_number: str = ""
    manufacturer: str = ""
    target: str = ""
    method: str = ""
    dilution: str = ""
    stopped_on: datetime.date | None = None
    interval_days: int | None = None
    on_label: bool | None = None
    operator: str = ""
    production: uuid.UUID | None = None
    batch_number: str = ""
    area_mu: Decimal | None = None
    meat_days: int | None = None
    milk_days: int | None = None
    egg_days: int | None = None
    degree_days: int | None = None
    water_temperature: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PestDraft(RecordDraft):
    """A pest or disease seen."""

    product_id: int
    pest: str
    plot_id: int | None = None
    severity: str = ""
    treatment: str = ""
    production: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestDraft(RecordDraft):
    """A batch harvested; without a ``batch`` number one is made from the day and the uid."""

    product_id: int
    quantity: Decimal
    unit: str
    plot_id: int | None = None
    batch: str = ""
    standard: str = ""
    production: uuid.UUID | None = None
    way: str = ""
    head_count: int | None = None
    quarantine_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestDraft(RecordDraft):
    """A producer's own or entrusted test; ``harvest`` is the uid of the batch tested."""

    product_id: int
    method: str
    passed: bool
    harvest: uuid.UUID | None = None
    items: str = ""
    laboratory: str = ""
    report_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDraft(RecordDraft):
    """A batch or part of one sold; ``harvest`` is its uid."""

    product_id: int
    quantity: Decimal
    unit: str
    harvest: uuid.UUID | None = None
    buyer: str = ""
    trace_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchDraft(RecordDraft):
    """A production batch begun; without a ``number`` one is made from the day and the uid."""

    product_id: int
    number: str = ""
    plot_ids: tuple[int, ...] = ()
    variety: str = ""
    origin: str = ""
    quarantine_number: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    procedure_id: int | None = None

    @property
    def sop(self) -> str:
        """The procedure's name as it was once typed: no batch has it any more, old fingerprints count it."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImmunisationDraft(RecordDraft):
    """Animals immunised."""

    product_id: int
    disease: str
    vaccine: str
    quantity: Decimal
    unit: str
    plot_id: int | None = None
    production: uuid.UUID | None = None
    batch_number: str = ""
    manufacturer: str = ""
    mark_range: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmlessDraft(RecordDraft):
    """Dead animals or unfit products made harmless."""

    product_id: int
    cause: str
    method: str
    quantity: Decimal
    unit: str
    plot_id: int | None = None
    production: uuid.UUID | None = None
    handler: str = ""
    proof_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingDraft(RecordDraft):
    """A batch processed or packed."""

    product_id: int
    work: str
    quantity: Decimal
    unit: str
    harvest: uuid.UUID | None = None
    packages: int | None = None
    agent: str = ""
    agent_dose: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagingDraft(RecordDraft):
    """Empty packaging of inputs handed back."""

    pieces: int
    collection_point: str
    receipt_number: str = ""
