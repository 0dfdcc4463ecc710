"""What the checks of many drafts need, fetched once for all of them."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.functional import cached_property

from agricredit.foundation.common import clock
from archives.inputs import Rulebook, rulebook
from archives.models import (
    Harvest,
    InputPurchase,
    Plot,
    Procedure,
    Producer,
    ProducerProduct,
    Product,
    ProductionBatch,
)
from archives.services.catalogue import UNKNOWN, Known, known_inputs
from archives.services.records.drafts import HarvestDraft, RecordDraft, SaleDraft
from archives.services.records.quantities import Tallies
from archives.services.records.unbatched import Goods, goods_of
from archives.services.records.waiting import drafts_too_early


class Context:
    """Producers are locked, so that uses and harvests of one producer are judged one after the other."""

    def __init__(self, drafts: Sequence[RecordDraft]) -> None:
        self.now = clock.now()
        self.today = clock.shanghai_date(self.now)
        self.drafts = drafts
        self.doubts: dict[uuid.UUID, list[str]] = {}
        self.plots_of: dict[uuid.UUID, tuple[int, ...]] = {}
        self.taken: dict[uuid.UUID, Harvest] = {}
        self.unnamed: set[uuid.UUID] = set()
        self.producers = hold({draft.producer_id for draft in drafts})

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
    def areas(self) -> dict[tuple[int, int], Any]:
        """How many mu of which product each producer holds, where the archive says so."""
        rows = ProducerProduct.objects.filter(producer_id__in=self.producers, area_mu__isnull=False)
        return {(row.producer_id, row.product_id): row.area_mu for row in rows}

    @cached_property
    def plots(self) -> dict[int, Plot]:
        """The plots named."""
        several = (key for draft in self.drafts for key in getattr(draft, "plot_ids", ()))
        return Plot.objects.in_bulk({*self._named("plot_id"), *several})

    @cached_property
    def procedures(self) -> dict[int, Procedure]:
        """The operating procedures named."""
        return Procedure.objects.in_bulk(self._named("procedure_id"))

    @cached_property
    def productions(self) -> dict[uuid.UUID, ProductionBatch]:
        """The production batches named, by uid; reversed ones are not there."""
        return _by_uid(ProductionBatch, self._named("production"), "procedure")

    @cached_property
    def tallies(self) -> Tallies:
        """What has been used, sold and harvested so far."""
        return Tallies(self)

    @cached_property
    def too_early(self) -> dict[uuid.UUID, datetime.date]:
        """Harvests drafted before their day, by uid, with the first day allowed."""
        harvests = [draft for draft in self.drafts if isinstance(draft, HarvestDraft)]
        return drafts_too_early(harvests, self.productions)

    @cached_property
    def rules(self) -> Rulebook:
        """What is forbidden on what, from when."""
        return rulebook()

    @cached_property
    def _known(self) -> dict[tuple[str, str, str], Known]:
        return known_inputs(_input_key(draft) for draft in self.drafts if hasattr(draft, "kind"))

    def known(self, draft: Any) -> Known:
        """What the catalogue says of the input that a purchase or use names."""
        return self._known.get(_input_key(draft), UNKNOWN)

    def doubt(self, draft: RecordDraft, why: str) -> None:
        """Have officers verify the record that the draft becomes."""
        self.doubts.setdefault(draft.uid, []).append(why)

    @cached_property
    def purchases(self) -> dict[uuid.UUID, InputPurchase]:
        """The purchases named, by uid; reversed ones are not there."""
        return _by_uid(InputPurchase, self._named("purchase"))

    @cached_property
    def harvests(self) -> dict[uuid.UUID, Harvest]:
        """The batches named and those a sale without one may come from; reversed ones are not there."""
        maybe = {row.uid: row for goods in self.goods.values() for row in goods.batches}
        return maybe | _by_uid(Harvest, self._named("harvest"))

    @cached_property
    def goods(self) -> dict[uuid.UUID, Goods]:
        """What the farm has of the product, by the uid of each sale that names no batch."""
        sales = [draft for draft in self.drafts if isinstance(draft, SaleDraft) and draft.harvest is None]
        return dict(zip((draft.uid for draft in sales), goods_of(sales), strict=True))

    def batch_of(self, draft: SaleDraft) -> Harvest | None:
        """The batch that a sale names, or from which it is taken all the same."""
        return self.harvests.get(draft.harvest) if draft.harvest else self.taken.get(draft.uid)

    @cached_property
    def batches(self) -> set[tuple[int, str]]:
        """Batch numbers of the producers that are taken already."""
        return self._taken(Harvest, "batch")

    @cached_property
    def numbers(self) -> set[tuple[int, str]]:
        """Numbers of production batches that are taken already."""
        return self._taken(ProductionBatch, "number")

    def entered_at(self, draft: RecordDraft) -> datetime.datetime:
        """When the draft was entered."""
        return draft.entered_at or self.now

    def _taken(self, model: Any, field: str) -> set[tuple[int, str]]:
        wanted = [value for draft in self.drafts if (value := getattr(draft, field, ""))]
        rows = model.objects.active().filter(producer_id__in=self.producers, **{f"{field}__in": wanted})
        return set(rows.values_list("producer_id", field))

    def _named(self, field: str) -> set[Any]:
        return {value for draft in self.drafts if (value := getattr(draft, field, None)) is not None}


def hold(producer_ids: Iterable[int]) -> dict[int, Producer]:
    """Lock producers, in one order always: what is known of them from here on stays so until the end."""
    locked = Producer.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    return {row.pk: row for row in locked.filter(pk__in=list(producer_ids))}


def _input_key(draft: Any) -> tuple[str, str, str]:
    return draft.kind, draft.registration_number.strip(), draft.name.strip()


def _by_uid(model: Any, uids: Iterable[uuid.UUID], *related: str) -> dict[uuid.UUID, Any]:
    wanted = list(uids)
    if not wanted:
        return {}
    rows = model.objects.active().filter(uid__in=wanted)
    return {row.uid: row for row in (rows.select_related(*related) if related else rows)}
