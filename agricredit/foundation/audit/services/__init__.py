"""Writes to the audit."""

from .lines import record, record_view

__all__ = ["record", "record_view"]
