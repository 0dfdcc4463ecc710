"""What the checks of many drafts need, fetched once for all of them."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.functional import cached_property

from agricredit.foundation.common import clock
from archives.models import Harvest, InputPurchase, Plot, Producer, ProducerProduct, Product
from archives.services.records.drafts import RecordDraft


class Context:
    """Producers are locked, so that uses and harvests of one producer are judged one after the other."""

    def __init__(self, drafts: Sequence[RecordDraft]) -> None:
        self.now = clock.now()
        self.today = clock.shanghai_date(self.now)
        self._drafts = drafts
        ids = {draft.producer_id for draft in drafts}
        locked = Producer.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
        self.producers: dict[int, Producer] = {row.pk: row for row in locked.filter(pk__in=ids)}

    @cached_property
    def products(self) -> dict[int, Product]:
        """The products named."""
        return Product.objects.in_bulk(self._named("product_id"))

    @cached_property
    def grown(self) -> set[tuple[int, int]]:
        """Which producer grows which product."""
        rows = ProducerProduct.objects.filter(producer_id__in=self.producers)
        return set(rows.values_list("producer_id", "product_id"))

    @cached_property
    def plots(self) -> dict[int, Plot]:
        """The plots named."""
        return Plot.objects.in_bulk(self._named("plot_id"))

    @cached_property
    def purchases(self) -> dict[uuid.UUID, InputPurchase]:
        """The purchases named, by uid; reversed ones are not there."""
        return _by_uid(InputPurchase, self._named("purchase"))

    @cached_property
    def harvests(self) -> dict[uuid.UUID, Harvest]:
        """The batches named, by uid; reversed ones are not there."""
        return _by_uid(Harvest, self._named("harvest"))

    @cached_property
    def batches(self) -> set[tuple[int, str]]:
        """Batch numbers of the producers that are taken already."""
        wanted = [draft.batch for draft in self._drafts if getattr(draft, "batch", "")]  # type: ignore[attr-defined]
        rows = Harvest.objects.active().filter(producer_id__in=self.producers, batch__in=wanted)
        return set(rows.values_list("producer_id", "batch"))

    def entered_at(self, draft: RecordDraft) -> datetime.datetime:
        """When the draft was entered."""
        return draft.entered_at or self.now

    def _named(self, field: str) -> set[Any]:
        return {value for draft in self._drafts if (value := getattr(draft, field, None)) is not None}


def _by_uid(model: Any, uids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    wanted = list(uids)
    return {row.uid: row for row in model.objects.active().filter(uid__in=wanted)} if wanted else {}
