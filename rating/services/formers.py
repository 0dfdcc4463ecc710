"""What a producer was registered as before: files that two officers found to be the same operator's."""

from __future__ import annotations

from dataclasses import dataclass

from archives.models import Producer
from rating.models import Reregistration, ReregistrationState
from rating.services.histories import YearGrade, histories


@dataclass(frozen=True)
class Former:
    """An earlier file, why it counts here and since when, and the grades it had, newest year first."""

    row: Reregistration
    years: list[YearGrade]

    @property
    def producer(self) -> Producer:
        """The earlier file."""
        return self.row.old


def formers(producer: Producer) -> list[Former]:
    """Earlier files of the producer, the last decided first, however long the chain."""
    rows: list[Reregistration] = []
    fresh = [producer.pk]
    while fresh:
        confirmed = Reregistration.objects.filter(new__in=fresh, state=ReregistrationState.CONFIRMED)
        found = list(confirmed.select_related("old").order_by("-decided_at", "-pk"))
        rows += found
        fresh = [row.old_id for row in found]
    years = histories([row.old_id for row in rows])
    return [Former(row, years.get(row.old_id, [])) for row in rows]
