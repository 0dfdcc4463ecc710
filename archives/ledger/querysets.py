"""Reads of the ledger, named for business states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models.expressions import RawSQL

from archives.ledger.excluded import excluded_event_ids_sql
from archives.querysets import visible_q

if TYPE_CHECKING:
    from archives.models.ledger import Seal

PAGE = 50
ALL_IDS = 2**63 - 1


class CreditEventQuerySet(models.QuerySet[Any]):
    """Credit events."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user))

    def as_of(self, seal: Seal) -> Self:
        """The ledger's first n events in order of arrival, whatever their dates say."""
        return self.filter(pk__lte=seal.last_id)

    def counting(self, as_of: Seal | None = None, *, of: Sequence[int] | None = None) -> Self:
        """Without what counts for nothing as of the seal: reversed events, reversals, repaired incidents.

        ``of`` narrows it to some producers (with everybody merged into them: ``ProducerQuerySet.known_as``),
        so that one page does not look through the whole ledger's reversals.
        """
        last_id = ALL_IDS if as_of is None else as_of.last_id
        rows = self if of is None else self.of_producers(of)
        excluded = RawSQL(excluded_event_ids_sql(last_id, of), ())  # noqa: S611 - whole numbers only
        return rows.filter(pk__lte=last_id).exclude(pk__in=excluded)

    def of_producers(self, producer_ids: Sequence[int]) -> Self:
        """Those posted for the producers given; for a merged producer give the aliases' ids as well."""
        return self.filter(producer_id__in=producer_ids)

    def with_reversed(self) -> Self:
        """Says of each, as ``is_reversed``, whether it was taken back."""
        taken_back = self.model._default_manager.filter(reverses_id=models.OuterRef("pk"))
        return self.annotate(is_reversed=models.Exists(taken_back))

    def for_page(self, before: int | None = None, size: int = PAGE) -> Self:
        """One page, newest first, of those that arrived before the id given (keyset: no offset, no count)."""
        rows = self if before is None else self.filter(pk__lt=before)
        return rows.select_related("producer", "region").order_by("-pk")[:size]


class EventNoteQuerySet(models.QuerySet[Any]):
    """Notes."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user, "event__producer__", "event__producer_id"))

    def kept(self) -> Self:
        """Those not erased."""
        return self.filter(erased_at__isnull=True)


class SealQuerySet(models.QuerySet["Seal"]):
    """Seals."""

    def visible_to(self, user: Any) -> Self:
        """Seals are published: anyone may check them."""
        return self.all()

    def last_made(self) -> Seal | None:
        """The newest seal, None before the first."""
        return self.order_by("-size").first()
