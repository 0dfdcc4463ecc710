"""The archives' back-office pages, one module a noun."""

from archives.admin import facts, records, register_lists, texts, training
from archives.admin.duplicates import DuplicatePairAdmin
from archives.admin.handed import HandedQueueAdmin
from archives.admin.idle import IdleFindingAdmin
from archives.admin.imports import ImportBatchAdmin
from archives.admin.inputs import InputItemAdmin, SubstanceRuleAdmin
from archives.admin.ledger import CreditEventAdmin, SealAdmin
from archives.admin.memberships import MembershipAdmin
from archives.admin.places import PlotAdmin, ProducerProductAdmin, ProductAdmin, RegionAdmin
from archives.admin.platforms import ExternalIdAdmin, PlatformRunAdmin
from archives.admin.producers import ProducerAdmin
from archives.admin.region_changes import RegionChangeAdmin
from archives.admin.review_settings import ReviewSampleAdmin, ReviewSettingAdmin, ReviewSubstituteAdmin
from archives.admin.reviews import RecordReviewAdmin
from archives.admin.shops import ShopPurchaseAdmin, ShopSaleAdmin

__all__ = [
    "CreditEventAdmin",
    "DuplicatePairAdmin",
    "ExternalIdAdmin",
    "HandedQueueAdmin",
    "IdleFindingAdmin",
    "ImportBatchAdmin",
    "InputItemAdmin",
    "MembershipAdmin",
    "PlatformRunAdmin",
    "PlotAdmin",
    "ProducerAdmin",
    "ProducerProductAdmin",
    "ProductAdmin",
    "RecordReviewAdmin",
    "RegionAdmin",
    "RegionChangeAdmin",
    "ReviewSampleAdmin",
    "ReviewSettingAdmin",
    "ReviewSubstituteAdmin",
    "SealAdmin",
    "ShopPurchaseAdmin",
    "ShopSaleAdmin",
    "SubstanceRuleAdmin",
    "facts",
    "records",
    "register_lists",
    "texts",
    "training",
]
