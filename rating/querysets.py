"""Reads of the rating app, named for business states; ``visible_to`` is the only rule of who sees what."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from agricredit.foundation.accounts.jurisdiction import region_q, scope_of
from agricredit.foundation.accounts.roles import OFFICERS
from archives.querysets import former_q, visible_q

if TYPE_CHECKING:  # ruff does not see names in the strings that subscript a base class
    from rating.models import (  # noqa: F401 - named in quotes
        ConsequenceRow,
        ConsequenceTable,
        CreditCheckLog,
        Decision,
        DishonestyListing,
        Interview,
        Objection,
        Rating,
        RatingRun,
        RegionScheme,
        Repair,
        Reregistration,
        RunShard,
        Scheme,
        ScopeRule,
        Simulation,
        Standing,
        WatchEntry,
    )

#: Run states whose results have, or once had, effect.
OFFICIAL_STATES = ("effective", "superseded")


def is_officer(user: Any) -> bool:
    """Whether the account is one that prepares schemes: drafts and trials leak to nobody else."""
    return getattr(user, "role", "") in OFFICERS


class ReregistrationQuerySet(models.QuerySet["Reregistration"]):
    """Re-registrations."""

    def visible_to(self, user: Any) -> Self:
        """Officers', where both files are theirs: half a pair would tell of a file elsewhere."""
        if scope_of(user).kind == "own":
            return self.none()
        return self.filter(visible_q(user, "old__", "old_id") & visible_q(user, "new__", "new_id"))


class SchemeQuerySet(models.QuerySet["Scheme"]):
    """Schemes."""

    def visible_to(self, user: Any) -> Self:
        """Every logged-in account may read the rules it is rated by; drafts are for officers."""
        if scope_of(user).kind == "nothing":
            return self.none()
        return self if is_officer(user) else self.filter(state__in=["in_force", "retired"])

    def in_force(self) -> Self:
        """The version of each scheme that runs are started with."""
        return self.filter(state="in_force")


class SimulationQuerySet(models.QuerySet["Simulation"]):
    """What-ifs."""

    def visible_to(self, user: Any) -> Self:
        """Officers', of their own region: the list of movers names producers."""
        return self.filter(region_q(user, "region_code")) if is_officer(user) else self.none()


class RegionSchemeQuerySet(models.QuerySet["RegionScheme"]):
    """Which scheme holds where."""

    def visible_to(self, user: Any) -> Self:
        """Public knowledge to whoever is logged in and has any reach."""
        return self.none() if scope_of(user).kind == "nothing" else self

    def holding(self, region_code: str, on: date) -> RegionScheme | None:
        """The entry for a region on a day: the longest matching code, then the latest date; None if none."""
        prefixes = [region_code[:length] for length in range(2, len(region_code) + 1)]
        rows = self.filter(region_code__in=prefixes, valid_from__lte=on).select_related("scheme")
        return max(rows, key=lambda row: (len(row.region_code), row.valid_from), default=None)


class ScopeRuleQuerySet(models.QuerySet["ScopeRule"]):
    """Who must be rated where."""

    def visible_to(self, user: Any) -> Self:
        """Officers': what holds in their region, above it and below it."""
        if not is_officer(user):
            return self.none()
        scope = scope_of(user)
        above = [scope.region_code[:length] for length in range(2, len(scope.region_code))]
        return self.filter(region_q(scope, "region_code") | Q(region_code__in=above))

    def holding(self, region_code: str, year: int) -> ScopeRule | None:
        """The entry for a region and a rated year: the longest code, the latest year, the newest entry."""
        prefixes = [region_code[:length] for length in range(2, len(region_code) + 1)]
        rows = self.filter(region_code__in=prefixes, first_year__lte=year)
        return max(rows, key=lambda row: (len(row.region_code), row.first_year, row.pk), default=None)


class RunQuerySet(models.QuerySet["RatingRun"]):
    """Runs by state and by who may see them."""

    def visible_to(self, user: Any) -> Self:
        """Runs inside an officer's region and those of the regions around it; producers: those in effect."""
        scope = scope_of(user)
        if scope.kind == "region":
            above = [scope.region_code[:length] for length in range(2, len(scope.region_code))]
            return self.filter(
                region_q(scope, "region_code") | Q(region_code__in=above) | former_q(user, "region_code")
            )
        if scope.kind == "own":
            return self.official()
        return self.filter(region_q(scope, "region_code"))

    def official(self) -> Self:
        """Runs whose results have, or once had, effect."""
        return self.filter(state__in=OFFICIAL_STATES)

    def formal(self) -> Self:
        """Runs that are meant to take effect: no trials (试评价)."""
        return self.filter(trial=False)

    def deciding(self) -> list[RatingRun]:
        """Runs of the newest rated year with vetoes and lowest grades to decide, the newest first."""
        states = ["in_review", "public_notice", "effective"]
        runs = list(self.formal().filter(state__in=states).order_by("-year", "-id")[:200])
        return [run for run in runs if run.year == runs[0].year]


class ShardQuerySet(models.QuerySet["RunShard"]):
    """Shards of runs."""

    def visible_to(self, user: Any) -> Self:
        """Those of the runs the user may see."""
        from rating.models import RatingRun

        return self.filter(run__in=RatingRun.objects.visible_to(user))

    def undone(self) -> Self:
        """Not yet written."""
        return self.exclude(state="done")


class RatingQuerySet(models.QuerySet["Rating"]):
    """Results; a read that names its run reads one partition."""

    def visible_to(self, user: Any) -> Self:
        """An officer's region as frozen by the run; or one's own producers, and only what has effect."""
        scope = scope_of(user)
        if scope.kind == "own":
            return self.official().filter(visible_q(user))
        return self.filter(region_q(scope, "region_id") | former_q(user, "region_id"))

    def current(self) -> Self:
        """Only the newest version of each producer's result in each run."""
        newer = self.model._base_manager.filter(
            # Follows from the rest; said, a whole run is joined with the few that were issued again.
            Q(version__gt=1),
            run_id=OuterRef("run_id"),
            producer_id=OuterRef("producer_id"),
            version__gt=OuterRef("version"),
        )
        return self.filter(~Exists(newer))

    def official(self) -> Self:
        """The newest versions in runs that have, or once had, effect."""
        return self.current().filter(run__state__in=OFFICIAL_STATES)

    def public(self) -> Self:
        """What anybody may see: official, decided, and never of a natural person."""
        shown = self.official().exclude(status__in=["pending", "suspended"])
        return shown.exclude(producer__nature="natural_person")

    def with_objections(self) -> Self:
        """Each with ``objected``: an objection to this very version is not decided yet."""
        from rating.models import Objection

        filed = Objection.objects.filter(
            run_id=OuterRef("run_id"), producer_id=OuterRef("producer_id"), rating_version=OuterRef("version")
        )
        return self.annotate(objected=Exists(filed.open()))

    def undecided(self) -> Self:
        """Results with a veto or a lowest grade that no decision has confirmed."""
        return self.current().filter(status="pending")

    def awaiting_notice(self, run_ids: list[int]) -> Self:
        """Undecided results of these runs whose producers have not been told yet."""
        from rating.models import Decision

        told = Decision.objects.filter(
            run_id=OuterRef("run_id"), producer_id=OuterRef("producer_id"), state__in=["noticed", "confirmed"]
        )
        return self.undecided().filter(~Exists(told), run_id__in=run_ids)


class StandingQuerySet(models.QuerySet["Standing"]):
    """Where producers stand."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user))

    def official(self) -> Self:
        """Producers with an official grade in force."""
        return self.exclude(official_grade="")

    def public(self) -> Self:
        """Official grades that anybody may see: never of a natural person, never merged."""
        return self.official().exclude(producer__nature="natural_person").exclude(producer__status="merged")


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Decisions on grades."""

    def visible_to(self, user: Any) -> Self:
        """Those on the producers the user may see."""
        return self.filter(visible_q(user))

    def open(self) -> Self:
        """Noticed and not yet decided."""
        return self.filter(state="noticed")

    def under_way(self) -> Self:
        """Begun and without effect yet: noticed, or decided and not served."""
        return self.filter(state__in=["noticed", "confirmed"])

    def in_force(self) -> Self:
        """Grades lowered or suspended during the year, until they are lifted."""
        return self.filter(state="effective", ground__in=["lowered", "suspended"])

    def held_at(self, run_id: int, producer_id: int, version: int) -> Self:
        """Those of :meth:`in_force` that weighed on one version of a result, lifted since or not."""
        rows = self.filter(
            run_id=run_id,
            producer_id=producer_id,
            ground__in=["lowered", "suspended"],
            written_version__lt=version,
        )
        return rows.filter(Q(lifted_version__isnull=True) | Q(lifted_version__gt=version))

    def to_serve(self, document: str) -> Self:
        """Notices not served yet, or decisions not served yet (``notice``, ``decision``)."""
        if document == "notice":
            return self.filter(state="noticed", notice_served_on__isnull=True)
        return self.filter(state="confirmed")


class OfProducerQuerySet(models.QuerySet[Any]):
    """Rows that belong to a producer and are seen with it: receipts' papers, hearings, files."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user))


class OfDecisionQuerySet(models.QuerySet[Any]):
    """Rows that belong to a decision: service receipts and hearings."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user, "decision__producer__", "decision__producer_id"))


class ListingQuerySet(models.QuerySet["DishonestyListing"]):
    """Entries on lawful lists."""

    def visible_to(self, user: Any) -> Self:
        """Officers', of the producers in their region, and the producer's own."""
        return self.filter(visible_q(user))

    def in_force(self, on: date) -> Self:
        """Entries that hold on a day."""
        return self.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on), state="listed")


class WatchQuerySet(models.QuerySet["WatchEntry"]):
    """The internal watch list."""

    def visible_to(self, user: Any) -> Self:
        """Officers only: it is shown to nobody else, not to the producer either."""
        return self.filter(visible_q(user)) if is_officer(user) else self.none()

    def in_force(self) -> Self:
        """Those on the list today."""
        return self.filter(state__in=["watched", "leaving"])

    def due(self) -> Self:
        """What an officer must do: decide what was proposed, look again at what is due; the nearest first."""
        return self.filter(state__in=["proposed", "watched", "leaving"]).order_by("review_by", "pk")


class ConsequenceTableQuerySet(models.QuerySet["ConsequenceTable"]):
    """Versions of the table of consequences."""

    def visible_to(self, user: Any) -> Self:
        """Officers'; what is in force agencies read in every answer."""
        return self if is_officer(user) else self.none()


class OfTableQuerySet(models.QuerySet["ConsequenceRow"]):
    """Rows of the table of consequences."""

    def visible_to(self, user: Any) -> Self:
        """As the tables."""
        return self if is_officer(user) else self.none()


class CreditCheckQuerySet(models.QuerySet["CreditCheckLog"]):
    """Who asked about whom."""

    def visible_to(self, user: Any) -> Self:
        """Officers see what was asked about the producers of their region."""
        return self.filter(visible_q(user)) if is_officer(user) else self.none()


class InterviewQuerySet(models.QuerySet["Interview"]):
    """Interviews (约谈)."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user))

    def due(self) -> Self:
        """What an officer must do next: hold it, or see to what was agreed; the nearest first."""
        rows = self.filter(Q(state="called") | Q(state="held", follow_up_by__isnull=False))
        return rows.annotate(deadline=Coalesce("follow_up_by", "scheduled_on")).order_by("deadline", "pk")


class RepairQuerySet(models.QuerySet["Repair"]):
    """Applications for credit repair."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user))

    def open(self) -> Self:
        """Neither granted nor refused yet."""
        return self.filter(state__in=["applied", "accepted"])

    def due(self) -> Self:
        """What an officer must do next, each with its ``deadline``, the nearest first."""
        deadline = Coalesce("decide_by", "accept_by")
        return self.open().annotate(deadline=deadline).order_by("deadline", "pk")


class ObjectionQuerySet(models.QuerySet["Objection"]):
    """Objections."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user))

    def open(self) -> Self:
        """Not decided yet."""
        return self.filter(state="open")

    def due(self) -> Self:
        """What an officer must decide, each with its ``deadline``, the nearest first."""
        return self.open().annotate(deadline=F("decide_by")).order_by("decide_by", "pk")
