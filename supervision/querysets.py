"""Reads of supervision, named for business states."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Left

from agricredit.foundation.accounts.jurisdiction import region_q, scope_of
from agricredit.foundation.accounts.roles import Role
from archives.models import Region
from archives.querysets import visible_q


class OfProducerQuerySet(models.QuerySet[Any]):
    """Rows that belong to one producer."""

    def visible_to(self, user: Any) -> Self:
        """Those of producers that the user may see."""
        return self.filter(visible_q(user))


class PlanQuerySet(models.QuerySet[Any]):
    """Plans."""

    def visible_to(self, user: Any) -> Self:
        """Plans of divisions inside the user's own, and those of the divisions above it."""
        scope = scope_of(user)
        above = [scope.region_code[:length] for length in (2, 4, 6, 9) if len(scope.region_code) > length]
        inside = region_q(scope, "region_code")
        return self.filter(inside | Q(region_code__in=above)) if above else self.filter(inside)


class TaskQuerySet(OfProducerQuerySet):
    """Tasks of plans."""

    def open(self) -> Self:
        """Not done and not cancelled."""
        return self.filter(state="open")

    def overdue(self, day: datetime.date) -> Self:
        """Open although the due day is past."""
        return self.open().filter(due_on__lt=day)

    def due_in_month(self, day: datetime.date) -> Self:
        """Open and due in the month of ``day``."""
        return self.open().filter(due_on__year=day.year, due_on__month=day.month)

    def due_by(self, day: datetime.date) -> Self:
        """Open and due on the day or before."""
        return self.open().filter(due_on__lte=day)

    def by_township(self) -> list[dict[str, Any]]:
        """How many in each township: its code, name and count, most first."""
        counts = dict(
            self.annotate(township=Left("producer__region", 9))
            .values_list("township")
            .annotate(count=Count("id"))
            .order_by("-count", "township")
        )
        names = dict(Region.objects.filter(code__in=counts).values_list("code", "name"))
        return [
            {"code": code, "name": names.get(code, code), "count": count} for code, count in counts.items()
        ]

    def progress(self) -> dict[str, int]:
        """How many are done, open and in all (cancelled ones left out)."""
        return self.exclude(state="cancelled").aggregate(
            done=Count("id", filter=Q(state="done")),
            open=Count("id", filter=Q(state="open")),
            total=Count("id"),
        )


class EnforcementCertificateQuerySet(models.QuerySet[Any]):
    """Officers' enforcement certificates."""

    def visible_to(self, user: Any) -> Self:
        """Those of officers inside the user's own division."""
        return self.filter(region_q(user, "user__region_code"))


#: Who may see statistics about officers; the watched may not.
WATCHERS = (Role.PROVINCE_OFFICER, Role.CITY_OFFICER)


class WatchReportQuerySet(models.QuerySet[Any]):
    """Reports about ourselves."""

    def visible_to(self, user: Any) -> Self:
        """Those inside a city or province officer's own region; nobody else's."""
        if getattr(user, "role", "") not in WATCHERS:
            return self.none()
        return self.filter(region_q(user, "region_code"))
