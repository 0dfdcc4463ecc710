"""How grave a lapse is, how long it may be published, and from when on it may be repaired.

Legal source: 信用修复管理办法（国家发展改革委令第36号）, in force from 2026-04-01; before it 失信行为纠正后的
信用信息修复管理办法（试行）（第58号令, 2023-05-01 to 2026-03-31). The terms are data with their source in
``rating/publication.yaml``; those not read in a regulation's text are called a default. Terms run from the
day the decision took effect, which is the event's own day.
The tier of a kind is the platform's default; the officer who takes an application up may set another.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import yaml
from django.db.models import Q
from django.utils.translation import gettext as _

from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from archives.ledger.kinds import KIND_BY_NUMBER, NEGATIVE_NUMBERS, OUTCOME_NUMBERS
from archives.ledger.outcomes import FAIL
from archives.models import CreditEvent
from rating.models import Tier

_SERIOUS = {
    "banned.found",
    "record.forged",
    "accident.responsible",
    "crime.decided",
    "dishonesty.listed",
    "penalty.serious",
}
_MINOR = {
    "visit.made",
    "interval.checked",
    "scope.checked",
    "cooperation.lacked",
    "complaint.upheld",
    "opinion.negative",
    "lead.resolved",
    "tax.checked",
    "finance.checked",
    "principal.checked",
}
#: A penalty by the simple procedure or a warning weighs 3 points (``ledger-contract.md``, GD-N3).
_SIMPLE_PENALTY = 300


@dataclass(frozen=True)
class Months:
    """The shortest and the longest publication in months; no month at all: not published."""

    shortest: int
    longest: int


@dataclass(frozen=True)
class Rule:
    """A regulation's terms, from its first day on.

    ``read`` says whether the terms were read in its text; where not they are the platform's configurable
    default and called so on every page.
    """

    name: str
    since: date
    months: dict[Tier, Months]
    read: bool
    source: str


def _rules() -> tuple[Rule, ...]:
    """The rules of ``rating/publication.yaml``, the earliest first."""
    rows = yaml.safe_load(TERMS.read_text(encoding="utf-8"))["rules"]
    found = [
        Rule(
            name=row["name"],
            since=row["since"] or date.min,
            months={Tier(tier): Months(*months) for tier, months in row["months"].items()},
            read=row["read"],
            source=row["source"],
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda rule: rule.since))


TERMS = Path(__file__).resolve().parent.parent / "publication.yaml"
RULES = _rules()


@dataclass(frozen=True)
class Term:
    """What the rule in force on a day says of one event."""

    tier: Tier
    rule: Rule
    repairable_from: date
    published_until: date

    def over(self, day: date) -> bool:
        """Whether publication has ended by itself by the day; what is never published is over at once."""
        return self.published_until < day


def tier_of(event: CreditEvent) -> Tier:
    """The platform's default for a negative event."""
    name = event.event_kind.name
    if name in _SERIOUS:
        return Tier.SERIOUS
    simple = name == "penalty.imposed" and event.value is not None and event.value <= _SIMPLE_PENALTY
    return Tier.MINOR if simple or name in _MINOR else Tier.GENERAL


def term_of(event: CreditEvent, on: date, tier: Tier | None = None) -> Term:
    """The event's term by the rule in force on ``on``.

    ``repairable_from`` looks ahead: where a later rule that is known already allows it sooner, it says so.
    """
    tier = tier or tier_of(event)
    rule = rule_on(on)
    return Term(
        tier=tier,
        rule=rule,
        repairable_from=_first_day(event.occurred_on, tier, rule),
        published_until=add_months(event.occurred_on, rule.months[tier].longest),
    )


def rule_on(day: date) -> Rule:
    """The rule in force on a day."""
    return max((rule for rule in RULES if rule.since <= day), key=lambda rule: rule.since)


def _first_day(start: date, tier: Tier, rule: Rule) -> date:
    """The first day on which the rule of that very day has its shortest term behind it."""
    ahead = RULES[RULES.index(rule) :]
    for now, following in pairwise(ahead):
        day = max(add_months(start, now.months[tier].shortest), now.since)
        if day < following.since:
            return day
    return max(add_months(start, ahead[-1].months[tier].shortest), ahead[-1].since, start)


def rule_word(rule: Rule) -> str:
    """The rule's name; with the label of a default where its terms were not read in the text."""
    return rule.name if rule.read else _("%(name)s（平台默认期限，可配置）") % {"name": rule.name}


def ended_q(on: date) -> Q:
    """Negative events whose publication has ended by itself by a day, whatever their kind."""
    ended = Q(pk__in=[])
    for kind in NEGATIVE_NUMBERS:
        lapse = Q(kind=kind, outcome=FAIL) if kind in OUTCOME_NUMBERS else Q(kind=kind)
        for tier, of_tier in _tiers_of(kind):
            ended |= lapse & of_tier & Q(occurred_on__lte=_last_ended(on, rule_on(on).months[tier].longest))
    return ended


def end_publications(day: date | None = None) -> int:
    """Write to the audit how many publications ended with yesterday (nightly); pages ask the date."""
    day = day or today()
    before = day - timedelta(days=1)
    counting = CreditEvent.objects.counting()
    count = counting.filter(ended_q(day)).count() - counting.filter(ended_q(before)).count()
    if count > 0:
        audit.record(verb="publication.ended", count=count)
    return max(count, 0)


def _tiers_of(kind: int) -> list[tuple[Tier, Q]]:
    """A kind's tier; a penalty's depends on its weight."""
    name = KIND_BY_NUMBER[kind].name
    if name == "penalty.imposed":
        simple = Q(value__isnull=False, value__lte=_SIMPLE_PENALTY)
        return [(Tier.MINOR, simple), (Tier.GENERAL, ~simple)]
    if name in _SERIOUS:
        return [(Tier.SERIOUS, Q())]
    return [(Tier.MINOR if name in _MINOR else Tier.GENERAL, Q())]


def _last_ended(on: date, months: int) -> date:
    """The latest day of an event whose term of so many months is over by ``on``."""
    day = add_months(on, -months)
    while add_months(day, months) >= on:
        day -= timedelta(days=1)
    return day


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
