"""The live estimate for its own producer: what was lost and why, what to do, what the next grade still wants.

Never mixed with the official grade: nothing here is an act, and the pages say so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.formats import points as in_points
from agricredit.pages.advice import Advice, advice_for
from archives.ledger.kinds import KIND_BY_NUMBER
from archives.models import EventNote, Producer
from archives.portal.timeline import whereabouts
from certificates.models import Certificate
from rating.engine.columns import day_of
from rating.engine.explain import Explained, GradeWithin
from rating.engine.lines import Line
from rating.engine.scheme import Criterion, Outcome, Scheme
from rating.services.explaining import ProducerExplanation, explain_live
from rating.services.side_by_side import scaling

EVIDENCE = 8


@dataclass(frozen=True)
class Evidence:
    """One event behind lost points: its day, what it says, and the page of its record if it has one."""

    day: datetime.date
    label: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class Loss:
    """Points lost (hundredths) at one criterion, or by one deduction (``most`` is 0)."""

    code: str
    name: str
    lost: int
    most: int
    clause: str
    why: str
    advice: Advice | None
    evidence: list[Evidence] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """The losses under one indicator of the scheme."""

    name: str
    losses: list[Loss]

    @property
    def lost(self) -> int:
        """All of them together, hundredths."""
        return sum(loss.lost for loss in self.losses)


@dataclass(frozen=True)
class Next:
    """What the next higher grade still wants: points (hundredths) and named conditions."""

    grade: str
    word: str
    missing: int
    conditions: list[str]


@dataclass(frozen=True)
class Estimate:
    """The estimate of the 365 days that end today; ``grade`` is "" when it would not be rated."""

    first: datetime.date
    last: datetime.date
    score: int
    grade: str
    word: str
    groups: list[Group]
    vetoes: list[str]
    too_little: list[str]
    next: Next | None
    scaling: tuple[str, ...] = ()

    @property
    def losses(self) -> list[Loss]:
        """All of them, the dearest first."""
        every = [loss for group in self.groups for loss in group.losses]
        return sorted(every, key=lambda loss: -loss.lost)


def estimate_of(producer: Producer, *, evidence: bool = True) -> Estimate | None:
    """The estimate with its reasons; None where the producer takes no part in the rating."""
    try:
        told = explain_live(producer)
    except ValidationError:
        return None
    explained = told.explanation
    lost = [column for column in explained.columns if _is_loss(column, told.scheme)]
    found = _evidence(producer, lost) if evidence else {}
    return Estimate(
        first=told.window.first_day,
        last=told.window.last_day,
        score=explained.score,
        grade=explained.grade.code if explained.grade else "",
        word=explained.grade.word if explained.grade else "",
        groups=_groups(told, lost, found),
        vetoes=[held.veto.name for held in explained.vetoes],
        too_little=_too_little(told),
        next=_next(explained.higher),
        scaling=tuple(scaling(told)),
    )


def _is_loss(column: Explained, scheme: Scheme) -> bool:
    """Bonus points not earned are no loss."""
    return column.lost > 0 and column.criterion not in scheme.bonus


def _groups(
    told: ProducerExplanation, lost: list[Explained], found: dict[str, list[Evidence]]
) -> list[Group]:
    names = {indicator.code: indicator.name for indicator in told.scheme.indicators}
    groups: dict[str, list[Loss]] = {}
    for column in lost:
        own = column.criterion
        groups.setdefault(names.get(own.indicator, _("扣分")), []).append(
            Loss(
                code=own.code,
                name=own.name,
                lost=column.lost,
                most=own.points,
                clause=own.clause,
                why=own.explanation,
                advice=advice_for(_kinds(own)),
                evidence=found.get(own.code, []),
            )
        )
    return [Group(name, losses) for name, losses in groups.items()]


def _kinds(criterion: Criterion) -> tuple[str, ...]:
    return tuple(name for measure in criterion.measure.leaves() for name in measure.selected.names)


def _evidence(producer: Producer, lost: Iterable[Explained]) -> dict[str, list[Evidence]]:
    """The events to show for each criterion; their notes and records are looked up once for all."""
    shown = {column.criterion.code: _telling(column) for column in lost}
    lines = [line for chosen in shown.values() for line in chosen]
    notes = dict(
        EventNote.objects.filter(event__in=[line.event for line in lines]).values_list("event", "note")
    )
    urls = _urls(producer, lines)
    return {
        code: [
            Evidence(
                day=day_of(line.occurred),
                label=_label(line),
                note=notes.get(line.event, ""),
                url=urls.get(line.event, ""),
            )
            for line in chosen
        ]
        for code, chosen in shown.items()
    }


def _telling(column: Explained) -> list[Line]:
    """The events that cost the points: those that failed, else those that were read; the newest first."""
    lines = [charge.line for charge in column.charges if charge.counts] or list(column.lines)
    failed = [line for line in lines if line.outcome is Outcome.failed]
    return list(reversed(failed or lines))[:EVIDENCE]


def _label(line: Line) -> str:
    said = str(KIND_BY_NUMBER[line.kind].label)
    if line.outcome is Outcome.none:
        return said
    return f"{said}：{_('不通过') if line.outcome is Outcome.failed else _('通过')}"


def _urls(producer: Producer, lines: list[Line]) -> dict[int, str]:
    """Pages of the records that posted the events: their uid stands in the event's."""
    uids = {line.event: uid for line in lines if (uid := _uid(line.uid))}
    nouns = whereabouts(producer, set(uids.values()))
    codes = {
        str(uid): code
        for uid, code in Certificate.objects.filter(
            producer=producer, uid__in=set(uids.values())
        ).values_list("uid", "code")
    }
    urls = {}
    for event, uid in uids.items():
        if uid in nouns:
            urls[event] = reverse("my:record", kwargs={"noun": nouns[uid], "uid": uid})
        elif uid in codes:
            urls[event] = reverse("my:certificate", kwargs={"code": codes[uid]})
    return urls


def _uid(text: str) -> str:
    for part in text.split(":"):
        try:
            return str(UUID(part))
        except ValueError:
            continue
    return ""


def _too_little(told: ProducerExplanation) -> list[str]:
    evidence = told.scheme.evidence
    words = {
        "able": _("能评的项目不到 %(points)s 分，多记生产记录就会增加")
        % {"points": in_points(evidence.able_at_least)},
        "registered": _("建档不满 %(days)s 天") % {"days": evidence.registered_days},
        "records": _("还没有生产记录"),
        "checks": _("还没有检测或检查信息"),
    }
    return [words.get(name, name) for name in told.explanation.too_little]


def _next(higher: tuple[GradeWithin, ...]) -> Next | None:
    if not higher:
        return None
    nearest = higher[0]
    unmet = [asked.gate.name for asked in nearest.gates if not asked.met]
    return Next(nearest.grade.code, nearest.grade.word, nearest.missing, unmet)
