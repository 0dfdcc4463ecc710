"""The archives' back-office pages, one module a noun."""

from archives.admin.ledger import CreditEventAdmin, SealAdmin

__all__ = ["CreditEventAdmin", "SealAdmin"]
