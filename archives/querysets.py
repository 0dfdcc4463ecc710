"""Reads of the archives, named for business states; ``visible_to`` is the only rule of who sees what."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, models
from django.db.models.expressions import RawSQL

from agricredit.foundation.accounts.jurisdiction import region_q, scope_of
from agricredit.foundation.common.clock import today

if TYPE_CHECKING:
    from archives.models import (  # noqa: F401 - named in quotes below
        DuplicatePair,
        HandedQueue,
        ImportBatch,
        ImportFinding,
        Membership,
        NoticeText,
        Producer,
        Product,
        Region,
        RegionChange,
        TrainingAttendance,
        TrainingSession,
    )

# A member of a merged producer is a member of what it was merged into: the alias resolves for people too.
_OWN_PRODUCERS = """
    WITH RECURSIVE own AS (
        SELECT producer_id AS id FROM archives_membership
        WHERE user_id = %s AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)
        UNION
        SELECT p.merged_into_id FROM archives_producer p JOIN own ON p.id = own.id
        WHERE p.merged_into_id IS NOT NULL
    ) SELECT id FROM own
"""
_FORMER = """
    WITH RECURSIVE former AS (
        SELECT old_id FROM archives_regionsuccession WHERE new_id LIKE %s
        UNION
        SELECT s.old_id FROM archives_regionsuccession s JOIN former f ON s.new_id = f.old_id
    ) SELECT old_id FROM former
"""
_CURRENT = """
    WITH RECURSIVE chain AS (
        SELECT code AS start, code, 0 AS step FROM unnest(%s::text[]) AS code
        UNION
        SELECT chain.start, s.new_id, chain.step + 1
        FROM chain JOIN archives_regionsuccession s ON s.old_id = chain.code
    ) SELECT DISTINCT ON (start) start, code FROM chain ORDER BY start, step DESC
"""


def visible_q(user: Any, producer: str = "producer__", producer_id: str = "producer_id") -> models.Q:
    """Who may see a row that belongs to a producer, reached by the field paths given (the ONE rule)."""
    scope = scope_of(user)
    if scope.kind == "own":
        day = today()
        return models.Q(**{f"{producer_id}__in": RawSQL(_OWN_PRODUCERS, (user.pk, day, day))})  # noqa: S611 - a statement of this module
    return region_q(user, f"{producer}region__code")


def former_q(user: Any, field: str) -> models.Q:
    """Rows that bear the code of a division which has since become part of the user's own (past runs)."""
    scope = scope_of(user)
    if scope.kind != "region":
        return models.Q(pk__in=[])
    return models.Q(**{f"{field}__in": RawSQL(_FORMER, (f"{scope.region_code}%",))})  # noqa: S611 - a statement of this module


class RegionQuerySet(models.QuerySet["Region"]):
    """Divisions."""

    def subtree(self, code: str) -> Self:
        """The division and all below it; "" is the whole country."""
        return self.filter(code__startswith=code) if code else self.all()

    def in_force(self, on: datetime.date | None = None) -> Self:
        """Those whose code is valid on the day (today when not given)."""
        day = on or today()
        return self.filter(
            models.Q(valid_from__isnull=True) | models.Q(valid_from__lte=day),
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=day),
        )

    def current_codes(self, codes: Iterable[str]) -> dict[str, str]:
        """What each code has become by now: itself where no change touched it."""
        with connection.cursor() as cursor:
            cursor.execute(_CURRENT, [list(codes)])
            return dict(cursor.fetchall())

    def visible_to(self, user: Any) -> Self:
        """Divisions are public data."""
        return self.all()


class ProductQuerySet(models.QuerySet["Product"]):
    """The catalogue."""

    def visible_to(self, user: Any) -> Self:
        """The catalogue is public."""
        return self.all()


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows that belong to a producer."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see."""
        return self.filter(visible_q(user))


class KeptQuerySet(OwnedQuerySet):
    """Entries of producers' files: licences, staff, honours and the like."""

    def open(self) -> Self:
        """Those that nobody has ended."""
        return self.filter(ended_on__isnull=True)

    def passed(self) -> Self:
        """Those that an officer has found true."""
        return self.open().filter(check_outcome="pass")

    def ending(self, days: int) -> Self:
        """Those whose validity is over or ends within so many days, the first to end first."""
        until = today() + datetime.timedelta(days=days)
        return self.open().filter(valid_until__lte=until).order_by("valid_until", "pk")


class NoticeTextQuerySet(models.QuerySet["NoticeText"]):
    """Texts that are signed and delivered."""

    def visible_to(self, user: Any) -> Self:
        """Published texts are for everybody."""
        return self.all()

    def in_force(self, region: str, on: datetime.date | None = None) -> Self:
        """Those that hold in a division on the day (today when not given): its own and those above it."""
        day = on or today()
        above = [region[:length] for length in (2, 4, 6, 9, 12) if length <= len(region)]
        rows = self.filter(region__in=above, in_force_on__lte=day)
        return rows.filter(models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=day))


class TrainingQuerySet(models.QuerySet["TrainingSession"]):
    """Training sessions."""

    def visible_to(self, user: Any) -> Self:
        """An officer's own division's and those held above it; a producer's, those it attended."""
        scope = scope_of(user)
        if scope.kind == "own":
            day = today()
            own = RawSQL(_OWN_PRODUCERS, (user.pk, day, day))  # noqa: S611 - a statement of this module
            return self.filter(attendances__producer_id__in=own).distinct()
        above = [scope.region_code[:length] for length in (2, 4, 6, 9) if length < len(scope.region_code)]
        return self.filter(region_q(user, "region__code") | models.Q(region__in=above))


class AttendanceQuerySet(models.QuerySet["TrainingAttendance"]):
    """Who attended."""

    def visible_to(self, user: Any) -> Self:
        """Producers' by their producer, supervisors' by their division, and one's own."""
        own = models.Q(supervisor_id=user.pk) if getattr(user, "pk", None) else models.Q(pk__in=[])
        supervised = models.Q(pk__in=[])
        if scope_of(user).kind == "region":
            supervised = models.Q(supervisor__isnull=False) & region_q(user, "supervisor__region_code")
        return self.filter(models.Q(producer__isnull=False) & visible_q(user) | supervised | own)

    def standing(self) -> Self:
        """Those not taken back."""
        return self.filter(withdrawn_on__isnull=True)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Who acts for whom."""

    def visible_to(self, user: Any) -> Self:
        """Those of the producers the user may see, and one's own."""
        return self.filter(visible_q(user) | models.Q(user=user))

    def in_force(self, on: datetime.date | None = None) -> Self:
        """Granted and not ended on the day (today when not given); the day of ``valid_to`` is already out."""
        day = on or today()
        return self.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day), valid_from__lte=day)


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    """Pairs that may be the same producer."""

    def visible_to(self, user: Any) -> Self:
        """Those of which the user may see both: half a pair would tell of a file elsewhere."""
        if scope_of(user).kind == "own":
            return self.none()
        return self.filter(visible_q(user, "low__", "low_id") & visible_q(user, "high__", "high_id"))

    def open(self) -> Self:
        """Those that nobody has decided about."""
        return self.filter(state="open")


class RegionChangeQuerySet(models.QuerySet["RegionChange"]):
    """Changes of divisions."""

    def visible_to(self, user: Any) -> Self:
        """Those inside the user's own division, and those of the divisions around it."""
        scope = scope_of(user)
        if scope.kind != "region":
            return self.filter(region_q(scope, "region_code"))
        above = [scope.region_code[:length] for length in range(2, len(scope.region_code))]
        return self.filter(region_q(scope, "region_code") | models.Q(region_code__in=above))


class TownshipFigureQuerySet(models.QuerySet[Any]):
    """Figures of divisions."""

    def visible_to(self, user: Any) -> Self:
        """Those of the user's own division and below."""
        return self.filter(region_q(user, "region_code"))


class RecordQuerySet(OwnedQuerySet):
    """Production records."""

    def active(self) -> Self:
        """Those not reversed."""
        return self.filter(status="active")


class BatchQuerySet(models.QuerySet["ImportBatch"]):
    """Files that came in."""

    def visible_to(self, user: Any) -> Self:
        """Those uploaded within the user's jurisdiction."""
        return self.filter(region_q(user, "region_code"))


class HandedQueueQuerySet(models.QuerySet["HandedQueue"]):
    """Hand-over files of phones."""

    def visible_to(self, user: Any) -> Self:
        """Those uploaded within the user's jurisdiction."""
        return self.filter(region_q(user, "region_code"))


class FindingQuerySet(models.QuerySet["ImportFinding"]):
    """What checks found in files."""

    def visible_to(self, user: Any) -> Self:
        """Those of the batches that the user may see."""
        return self.filter(region_q(user, "batch__region_code"))

    def faults(self) -> Self:
        """Faults, row by row."""
        return self.filter(kind="fault").order_by("row", "id")

    def changes(self) -> Self:
        """Changes, row by row."""
        return self.filter(kind="change").order_by("row", "id")


class OneselfQuerySet(models.QuerySet[Any]):
    """Rows that are an account's own business."""

    def visible_to(self, user: Any) -> Self:
        """One's own."""
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()


class RegionCodedQuerySet(models.QuerySet[Any]):
    """Rows that carry a division's code."""

    def visible_to(self, user: Any) -> Self:
        """Those of divisions inside the user's own."""
        return self.filter(region_q(user, "region_code"))
