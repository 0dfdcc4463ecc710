"""Drafts of credit events, sound unless told otherwise."""

from __future__ import annotations

from datetime import date

import factory

from archives.services.ledger import EventDraft


class EventDraftFactory(factory.Factory):
    """A passed harvest record of the producer given; ``producer=`` or ``producer_id=`` must be said."""

    class Meta:
        model = EventDraft
        exclude = ("producer",)

    producer = None
    uid = factory.Sequence(lambda n: f"event-{n:06d}")
    producer_id = factory.LazyAttribute(lambda o: o.producer.pk)
    kind = "harvest.recorded"
    outcome = "pass"
    occurred_on = date(2024, 6, 1)
    source = "test"


draft = EventDraftFactory.build
