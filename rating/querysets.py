"""Reads of the rating app, named for business states; ``visible_to`` is the only rule of who sees what."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from agricredit.foundation.accounts.jurisdiction import region_q, scope_of

if TYPE_CHECKING:
    from agricredit.foundation.accounts.models import User


def _own_producers(user: User) -> Any:
    from archives.models import Producer

    return Producer.objects.visible_to(user).values("pk")


class RegionSchemeQuerySet(models.QuerySet[Any]):
    """Which scheme holds where."""

    def in_force(self, region_code: str, on: date) -> Any:
        """The entry for a region on a day: the longest matching code, then the latest date; None if none."""
        prefixes = [region_code[:length] for length in range(2, len(region_code) + 1)]
        rows = self.filter(region_code__in=prefixes, valid_from__lte=on).select_related("scheme")
        return max(rows, key=lambda row: (len(row.region_code), row.valid_from), default=None)


class RunQuerySet(models.QuerySet[Any]):
    """Runs by state and by who may see them."""

    def visible_to(self, user: User) -> RunQuerySet:
        """Runs over, inside or around an officer's region; producers see the runs in effect."""
        scope = scope_of(user)
        if scope.kind == "everything":
            return self
        if scope.kind == "region":
            above = [scope.region_code[:length] for length in range(2, len(scope.region_code))]
            return self.filter(region_q(user, "region_code") | Q(region_code__in=above))
        if scope.kind == "own":
            return self.official()
        return self.none()

    def official(self) -> RunQuerySet:
        """Runs whose results have, or once had, effect."""
        return self.filter(state__in=["effective", "superseded"])


class RatingQuerySet(models.QuerySet[Any]):
    """Results; every read should name its run, which is the partition."""

    def visible_to(self, user: User) -> RatingQuerySet:
        """An officer's region (all runs), or one's own producers (only what has effect)."""
        scope = scope_of(user)
        if scope.kind == "everything":
            return self
        if scope.kind == "region":
            return self.filter(region_q(user, "region_id"))
        if scope.kind == "own":
            return self.official().filter(producer__in=_own_producers(user))
        return self.none()

    def current(self) -> RatingQuerySet:
        """Only the newest version of each producer's result in each run."""
        newer = self.model._base_manager.filter(
            run_id=OuterRef("run_id"), producer_id=OuterRef("producer_id"), version__gt=OuterRef("version")
        )
        return self.filter(~Exists(newer))

    def official(self) -> RatingQuerySet:
        """The newest versions in runs that have, or once had, effect."""
        return self.current().filter(run__state__in=["effective", "superseded"])

    def public(self) -> RatingQuerySet:
        """What anybody may see: official, decided, and never of a natural person."""
        return self.official().exclude(status="pending").exclude(producer__nature="natural_person")

    def undecided(self) -> RatingQuerySet:
        """Results with a veto or a lowest grade that no decision has confirmed."""
        return self.current().filter(status="pending")


class StandingQuerySet(models.QuerySet[Any]):
    """Where producers stand."""

    def visible_to(self, user: User) -> StandingQuerySet:
        """The producers that the user may see."""
        scope = scope_of(user)
        if scope.kind == "everything":
            return self
        if scope.kind == "region":
            return self.filter(region_q(user, "producer__region_id"))
        if scope.kind == "own":
            return self.filter(producer__in=_own_producers(user))
        return self.none()

    def official(self) -> StandingQuerySet:
        """Producers with an official grade in force."""
        return self.exclude(official_grade="")

    def public(self) -> StandingQuerySet:
        """Official grades that anybody may see: never of a natural person, never merged."""
        return self.official().exclude(producer__nature="natural_person").exclude(producer__status="merged")


class DecisionQuerySet(models.QuerySet[Any]):
    """Decisions on grades."""

    def visible_to(self, user: User) -> DecisionQuerySet:
        """An officer's region, or the decisions on one's own producers."""
        scope = scope_of(user)
        if scope.kind == "everything":
            return self
        if scope.kind == "region":
            return self.filter(region_q(user, "producer__region_id"))
        if scope.kind == "own":
            return self.filter(producer__in=_own_producers(user))
        return self.none()

    def open(self) -> DecisionQuerySet:
        """Noticed and not yet decided."""
        return self.filter(state="noticed")
