"""The archives' tables, one module a noun."""

from archives.models.documents import Document
from archives.models.duplicates import DuplicatePair, DuplicateReason, PairState
from archives.models.exchange import BatchState, FindingKind, IdempotentCall, ImportBatch, ImportFinding
from archives.models.figures import Figure, ProfileState, TownshipFigure
from archives.models.identities import Identity, Licence, Relation, number_key
from archives.models.idle import IdleFinding, IdleState
from archives.models.kept import Checked, CheckOutcome, Kept
from archives.models.ledger import CreditEvent, EventNote, LedgerTile, Seal
from archives.models.memberships import Membership, MembershipRole
from archives.models.platforms import Direction, ExternalId, PlatformRun, RunState
from archives.models.pledges import Delivery, DeliveryWay, NoticeText, Pledge, Receipt, SigningWay, TextKind
from archives.models.producers import (
    ORGANISED_KINDS,
    Activity,
    Producer,
    ProducerKind,
    ProducerNature,
    ProducerStatus,
    Sector,
)
from archives.models.products import Base, Plot, ProducerProduct, Product, RiskClass
from archives.models.profiles import Profile
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
from archives.models.shops import DealerLicence, DealerLicenceKind, ShopPurchase, ShopSale, ShopSaleWay
from archives.models.staff import Filing, GreenControl, Honour, HonourLevel, Procedure, StaffMember
from archives.models.training import SUPERVISORS_HOURS, Audience, TrainingAttendance, TrainingSession

__all__ = [
    "ORGANISED_KINDS",
    "SUPERVISORS_HOURS",
    "Activity",
    "Audience",
    "Base",
    "BatchState",
    "ChangeKind",
    "ChangeState",
    "CheckOutcome",
    "Checked",
    "CreditEvent",
    "DealerLicence",
    "DealerLicenceKind",
    "Delivery",
    "DeliveryWay",
    "Direction",
    "Document",
    "DuplicatePair",
    "DuplicateReason",
    "EntryWay",
    "EventNote",
    "ExternalId",
    "Figure",
    "Filing",
    "FindingKind",
    "GreenControl",
    "Harvest",
    "Honour",
    "HonourLevel",
    "IdempotentCall",
    "Identity",
    "IdleFinding",
    "IdleState",
    "ImportBatch",
    "ImportFinding",
    "InputKind",
    "InputPurchase",
    "InputUse",
    "Kept",
    "LedgerTile",
    "Licence",
    "Membership",
    "MembershipRole",
    "NoticeText",
    "PairState",
    "PestObservation",
    "PlatformRun",
    "Pledge",
    "Plot",
    "Procedure",
    "Producer",
    "ProducerKind",
    "ProducerNature",
    "ProducerProduct",
    "ProducerStatus",
    "Product",
    "Profile",
    "ProfileState",
    "QueuedItem",
    "QueuedOutcome",
    "Receipt",
    "Record",
    "RecordPhoto",
    "RecordReview",
    "RecordStatus",
    "Region",
    "RegionChange",
    "RegionLevel",
    "RegionMove",
    "RegionSuccession",
    "Relation",
    "ReviewFlag",
    "ReviewSample",
    "ReviewSetting",
    "ReviewState",
    "ReviewSubstitute",
    "RiskClass",
    "RunState",
    "Sale",
    "Seal",
    "Sector",
    "SelfTest",
    "ShopPurchase",
    "ShopSale",
    "ShopSaleWay",
    "SigningWay",
    "StaffMember",
    "TestMethod",
    "TextKind",
    "TownshipFigure",
    "TrainingAttendance",
    "TrainingSession",
    "number_key",
]
