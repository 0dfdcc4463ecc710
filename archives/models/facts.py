"""Decided facts by the documents they came from: views of the ledger, one row a document.

What a document says is kept beside its event's note (``EventNote.facts``), erased with it, and written by the
sheets of ``services.sheets.facts`` only.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from archives.ledger.kinds import KINDS
from archives.ledger.querysets import CreditEventQuerySet
from archives.models.ledger import FACT_SOURCES, CreditEvent

_Events = models.Manager.from_queryset(CreditEventQuerySet)


class DocumentManager(_Events[Any]):
    """The events that stand for a document; what else the document led to, and reversals, are left out."""

    def get_queryset(self) -> CreditEventQuerySet:
        """By the model's source and kinds, which the ledger's index of documents finds."""
        numbers = [KINDS[name].number for name in self.model.HEADS]
        rows = CreditEventQuerySet(self.model, using=self._db)
        return rows.filter(source=self.model.SOURCE, kind__in=numbers, reverses__isnull=True)


class OfficialTest(CreditEvent):
    """A sample's result: supervision sampling, risk monitoring or rapid test."""

    SOURCE: ClassVar[str] = FACT_SOURCES[0]
    HEADS: ClassVar[tuple[str, ...]] = ("sampling.tested", "monitoring.tested", "rapid.tested")

    objects: ClassVar[Any] = DocumentManager()

    class Meta:
        proxy = True
        verbose_name = _("官方检测结果")
        verbose_name_plural = _("官方检测结果")
        default_permissions = ("view",)


class PenaltyDecision(CreditEvent):
    """A decision of an administrative penalty, on one producer."""

    SOURCE: ClassVar[str] = FACT_SOURCES[1]
    HEADS: ClassVar[tuple[str, ...]] = ("penalty.imposed",)

    objects: ClassVar[Any] = DocumentManager()

    class Meta:
        proxy = True
        verbose_name = _("行政处罚")
        verbose_name_plural = _("行政处罚")
        default_permissions = ("view",)


class PublicCreditItem(CreditEvent):
    """An item of the public-credit catalogue, of an entity."""

    SOURCE: ClassVar[str] = FACT_SOURCES[2]
    HEADS: ClassVar[tuple[str, ...]] = (
        "registry.status", "public_credit.percentile", "principal.checked", "tax.checked", "finance.checked",
        "dishonesty.listed", "offence.public", "production_accident.occurred",
    )  # fmt: skip

    objects: ClassVar[Any] = DocumentManager()

    class Meta:
        proxy = True
        verbose_name = _("公共信用信息")
        verbose_name_plural = _("公共信用信息")
        default_permissions = ("view",)
