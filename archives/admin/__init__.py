"""The archives' back-office pages, one module a noun."""

from archives.admin import records
from archives.admin.duplicates import DuplicatePairAdmin
from archives.admin.idle import IdleFindingAdmin
from archives.admin.ledger import CreditEventAdmin, SealAdmin
from archives.admin.memberships import MembershipAdmin
from archives.admin.places import PlotAdmin, ProducerProductAdmin, ProductAdmin, RegionAdmin
from archives.admin.producers import ProducerAdmin

__all__ = [
    "CreditEventAdmin",
    "DuplicatePairAdmin",
    "IdleFindingAdmin",
    "MembershipAdmin",
    "PlotAdmin",
    "ProducerAdmin",
    "ProducerProductAdmin",
    "ProductAdmin",
    "RegionAdmin",
    "SealAdmin",
    "records",
]
