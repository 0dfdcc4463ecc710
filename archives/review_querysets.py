"""Reads of verification: who may look at which records put up, and who verifies for whom."""

from __future__ import annotations

import datetime
from typing import Any, Self

from django.db import models

from agricredit.foundation.accounts.jurisdiction import region_q, scope_of
from agricredit.foundation.common.clock import today
from archives.querysets import visible_q

TOWNSHIP_DIGITS = 9


class RegionedQuerySet(models.QuerySet[Any]):
    """Rows that belong to a division."""

    def visible_to(self, user: Any) -> Self:
        """Those of divisions inside the user's own."""
        return self.filter(region_q(user, "region__code"))


class SubstituteQuerySet(RegionedQuerySet):
    """Who verifies for another township."""

    def visible_to(self, user: Any) -> Self:
        """Those of divisions inside the user's own, and one's own."""
        return self.filter(region_q(user, "region__code") | models.Q(user_id=user.pk))

    def in_force(self, on: datetime.date | None = None) -> Self:
        """Those that hold on the day (today when not given)."""
        day = on or today()
        return self.filter(valid_from__lte=day, valid_until__gte=day)


class RecordReviewQuerySet(models.QuerySet[Any]):
    """Records put up for verification."""

    def visible_to(self, user: Any) -> Self:
        """Those of producers the user may see, and of townships it verifies for at present."""
        rule = visible_q(user)
        for code in substituted(user):
            rule |= models.Q(producer__region__code__startswith=code)
        return self.filter(rule)

    def open(self) -> Self:
        """Those that wait for an officer."""
        return self.filter(state="open")

    def returned(self) -> Self:
        """Those that wait for their producer."""
        return self.filter(state="returned")

    def with_own(self, user: Any) -> Self:
        """Each with ``own``: whether the user entered it, answered for it or ever acted for its producer."""
        from archives.models.memberships import Membership

        member = Membership.objects.filter(user_id=user.pk).filter(
            models.Q(producer_id=models.OuterRef("producer_id"))
            | models.Q(producer__merged_into_id=models.OuterRef("producer_id"))
        )
        mine = models.Q(recorded_by_id=user.pk) | models.Q(answered_by_id=user.pk) | models.Exists(member)
        return self.annotate(
            own=models.Case(
                models.When(mine, then=models.Value(True)),
                default=models.Value(False),
                output_field=models.BooleanField(),
            )
        )


def substituted(user: Any) -> list[str]:
    """The townships beyond its own for which an officer verifies today."""
    from archives.models.reviews import ReviewSubstitute

    if len(scope_of(user).region_code) != TOWNSHIP_DIGITS:  # only supervisors of townships are assigned
        return []
    rows = ReviewSubstitute.objects.in_force().filter(user_id=user.pk)
    return list(rows.values_list("region_id", flat=True))
