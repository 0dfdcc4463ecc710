"""The archives' tables, one module a noun."""

from archives.models.duplicates import DuplicatePair, DuplicateReason, PairState
from archives.models.exchange import BatchState, FindingKind, ImportBatch, ImportFinding
from archives.models.figures import Figure, ProfileState, TownshipFigure
from archives.models.idle import IdleFinding, IdleState
from archives.models.ledger import CreditEvent, EventNote, LedgerTile, Seal
from archives.models.memberships import Membership, MembershipRole
from archives.models.producers import (
    ORGANISED_KINDS,
    Activity,
    Producer,
    ProducerKind,
    ProducerNature,
    ProducerStatus,
    Sector,
)
from archives.models.products import Plot, ProducerProduct, Product
from archives.models.queued import QueuedItem, QueuedOutcome, RecordPhoto
from archives.models.records import (
    EntryWay,
    Harvest,
    InputKind,
    InputPurchase,
    InputUse,
    PestObservation,
    Record,
    RecordStatus,
    Sale,
    SelfTest,
    TestMethod,
)
from archives.models.region_changes import (
    ChangeKind,
    ChangeState,
    RegionChange,
    RegionMove,
    RegionSuccession,
)
from archives.models.regions import Region, RegionLevel
from archives.models.reviews import (
    RecordReview,
    ReviewFlag,
    ReviewSample,
    ReviewSetting,
    ReviewState,
    ReviewSubstitute,
)

__all__ = [
    "ORGANISED_KINDS",
    "Activity",
    "BatchState",
    "ChangeKind",
    "ChangeState",
    "CreditEvent",
    "DuplicatePair",
    "DuplicateReason",
    "EntryWay",
    "EventNote",
    "Figure",
    "FindingKind",
    "Harvest",
    "IdleFinding",
    "IdleState",
    "ImportBatch",
    "ImportFinding",
    "InputKind",
    "InputPurchase",
    "InputUse",
    "LedgerTile",
    "Membership",
    "MembershipRole",
    "PairState",
    "PestObservation",
    "Plot",
    "Producer",
    "ProducerKind",
    "ProducerNature",
    "ProducerProduct",
    "ProducerStatus",
    "Product",
    "ProfileState",
    "QueuedItem",
    "QueuedOutcome",
    "Record",
    "RecordPhoto",
    "RecordReview",
    "RecordStatus",
    "Region",
    "RegionChange",
    "RegionLevel",
    "RegionMove",
    "RegionSuccession",
    "ReviewFlag",
    "ReviewSample",
    "ReviewSetting",
    "ReviewState",
    "ReviewSubstitute",
    "Sale",
    "Seal",
    "Sector",
    "SelfTest",
    "TestMethod",
    "TownshipFigure",
]
