"""Who must be rated (应评名单), who of them could not be, and what is missing for it.

The scope comes from :class:`ScopeRule`. Honours valid at the end of the rated year are read from the
register, where they stand with kind and level (in the ledger a demonstration listing has no level), and from
the ledger for those that only came by its exchange file (``honour.granted``). Without a rule the scale
producers (规模主体) and every honour of a district or higher count: the default, after the 2021 work
plan of the seed documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from archives import vocabulary
from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Honour, Producer, Region
from archives.models import HonourLevel as Level
from archives.models.producers import ORGANISED_KINDS, ProducerKind
from rating.engine.columns import NO_READING, NOT_APPLICABLE
from rating.engine.scheme import ProducerKind as KindNumber
from rating.engine.scheme import Scheme
from rating.models import HonourLevel, Rating, RatingRun, ScopeRule
from rating.services import schemes
from rating.services.access import require
from rating.services.exporting import decimal_text

HONOUR = KINDS["honour.granted"].number
#: The register's levels as the rule counts them; a township's honour binds nobody.
REGISTER_LEVELS = {
    Level.NATIONAL.value: HonourLevel.NATIONAL.value,
    Level.PROVINCE.value: HonourLevel.PROVINCE.value,
    Level.CITY.value: HonourLevel.DISTRICT.value,
    Level.COUNTY.value: HonourLevel.DISTRICT.value,
}
#: 规模主体: the organised kinds, family farms and large households; smallholders come by a rule of their own.
SCALE_KINDS = (*ORGANISED_KINDS, ProducerKind.FAMILY_FARM.value, ProducerKind.LARGE_HOUSEHOLD.value)


@dataclass(frozen=True)
class Scope:
    """Who must be rated in a run; ``rule`` is None where the platform's default holds."""

    kinds: tuple[str, ...]
    honour_level: int | None
    rule: ScopeRule | None


@dataclass(frozen=True)
class Missing:
    """One that must be rated and could not be, why it must, and what is missing."""

    rating: Rating
    honoured: bool
    reasons: list[str]


@dataclass(frozen=True)
class Report:
    """How many must be rated, by what became of them; and the first of those that could not be."""

    scope: Scope
    due: int
    rated: int
    pending: int
    not_rated: int
    missing: list[Missing]


def set_scope(
    *,
    region_code: str,
    first_year: int,
    kinds: Sequence[str],
    basis: str,
    actor: User,
    honour_level: int | None = None,
) -> ScopeRule:
    """From a year on, name who must be rated in a region. Refused for an unknown region, year or nobody."""
    require(actor, "rating.add_scoperule", region_code)
    if not Region.objects.filter(pk=region_code).exists():
        raise ValidationError(
            _("没有代码为 %(code)s 的行政区划。") % {"code": region_code}, code="unknown_region"
        )
    if not 2000 <= first_year <= today().year + 1:
        raise ValidationError(_("评价年度 %(year)s 无效。") % {"year": first_year}, code="year")
    if not kinds and honour_level is None:
        raise ValidationError(_("请至少选一类主体，或规定荣誉级别。"), code="nobody")
    if not basis.strip():
        raise ValidationError(_("请写明依据。"), code="basis")
    with transaction.atomic():
        rule = ScopeRule.objects.create(
            region_code=region_code,
            first_year=first_year,
            kinds=list(kinds),
            honour_level=honour_level,
            basis=basis,
            set_by=actor,
            set_on=today(),
        )
        audit.record(
            verb="scope.set",
            actor=actor,
            target=rule,
            region_code=region_code,
            region=region_code,
            year=first_year,
        )
    return rule


def scope_of_run(run: RatingRun) -> Scope:
    """The rule that holds for a run's region and year, else the platform's default."""
    rule = ScopeRule.objects.holding(run.region_code, run.year)
    if rule is None:
        return Scope(SCALE_KINDS, HonourLevel.DISTRICT.value, None)
    return Scope(tuple(rule.kinds), rule.honour_level, rule)


def report(run: RatingRun, user: Any, limit: int = 20) -> Report:
    """Counts, and the first ``limit`` who must be rated and could not be, in the user's region."""
    scope = scope_of_run(run)
    honoured = _honoured(run, scope)
    numbers = [int(KindNumber[kind]) for kind in scope.kinds]
    due: QuerySet[Rating] = (
        Rating.objects.visible_to(user)
        .current()
        .filter(run=run)
        .filter(Q(kind__in=numbers) | Q(producer_id__in=honoured))
    )
    counted = dict(due.values_list("status").annotate(count=Count("pk")).order_by())
    unrated = due.filter(status=Rating.Status.NOT_RATED).select_related("producer", "run__scheme")
    scheme = schemes.parsed(run.scheme)
    missing = [
        Missing(row, row.producer_id in honoured, shortcomings(row, scheme))
        for row in unrated.order_by("producer_id")[:limit]
    ]
    return Report(
        scope,
        sum(counted.values()),
        counted.get(Rating.Status.RATED.value, 0),
        counted.get(Rating.Status.PENDING.value, 0),
        counted.get(Rating.Status.NOT_RATED.value, 0),
        missing,
    )


def _honoured(run: RatingRun, scope: Scope) -> set[int]:
    """Holders (after merging) of an honour of the level that was valid at the end of the rated year."""
    if scope.honour_level is None:
        return set()
    kept = Honour.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=run.window_end),
        Q(ended_on__isnull=True) | Q(ended_on__gt=run.window_end),
        check_outcome="pass",
        granted_on__lte=run.window_end,
        kind__in=vocabulary.codes_with("honours", "must_rate"),
        level__in=[level for level, least in REGISTER_LEVELS.items() if least >= scope.honour_level],
        producer__region__code__startswith=run.region_code,
    )
    held = (
        CreditEvent.objects.counting()
        .filter(
            Q(valid_until__isnull=True) | Q(valid_until__gte=run.window_end),
            kind=HONOUR,
            value__gte=scope.honour_level,
            occurred_on__lte=run.window_end,
            producer__region__code__startswith=run.region_code,
        )
        .exclude(source__startswith="register:")
    )
    ids = {*kept.values_list("producer_id", flat=True), *held.values_list("producer_id", flat=True)}
    # Many hold one and few of them were merged: only those are followed to their chain's end.
    merged = set(Producer.objects.filter(pk__in=ids, merged_into__isnull=False).values_list("pk", flat=True))
    ends = Producer.objects.resolve(merged).values() if merged else ()
    return (ids - merged) | {producer.pk for producer in ends}


def shortcomings(rating: Rating, scheme: Scheme) -> list[str]:
    """What is too little to rate a result on (contract, "Not rated"), from the stored row alone."""
    evidence = scheme.evidence
    points = np.frombuffer(bytes(rating.points), "<i4")
    readings = np.frombuffer(bytes(rating.readings), "<i8")
    found = []
    if rating.able < evidence.able_at_least:
        found.append(
            _("可评的分值只有%(able)s分，至少要%(least)s分")
            % {"able": decimal_text(rating.able, 2), "least": decimal_text(evidence.able_at_least, 2)}
        )
    if (rating.run.window_end - rating.registered_on).days < evidence.registered_days:
        found.append(_("建档不满%(days)s天") % {"days": evidence.registered_days})
    records = [scheme.column_index(code) for code in evidence.record_group]
    if records and (points[records] == NOT_APPLICABLE).all():
        found.append(_("没有可评的生产记录"))
    checks = [scheme.column_index(code) for code in evidence.check_group]
    if checks and (readings[checks] == NO_READING).all():
        found.append(_("没有检验检测、抽样或检查记录"))
    return found
