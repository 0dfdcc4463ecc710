"""How grave a lapse is, how long it may be published, and from when on it may be repaired.

Legal source: 信用修复管理办法（国家发展改革委令第36号）, in force from 2026-04-01; before it 失信行为纠正后的
信用信息修复管理办法（试行）（第58号令）, of which the food sector's shortest term of one year is taken here
(产品质量安全 is food). Terms run from the day the decision took effect, which is the event's own day.
The tier of a kind is the platform's default; the officer who takes an application up may set another.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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
    """A regulation's terms, from its first day on."""

    name: str | Promise
    since: date
    months: dict[Tier, Months]


RULES = (
    Rule(
        _("失信行为纠正后的信用信息修复管理办法（试行）（国家发展改革委令第58号）"),
        date.min,
        {Tier.MINOR: Months(0, 0), Tier.GENERAL: Months(12, 36), Tier.SERIOUS: Months(12, 36)},
    ),
    Rule(
        _("信用修复管理办法（国家发展改革委令第36号）"),
        date(2026, 4, 1),
        {Tier.MINOR: Months(0, 3), Tier.GENERAL: Months(3, 12), Tier.SERIOUS: Months(12, 36)},
    ),
)


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


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
