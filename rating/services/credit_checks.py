"""Joint use: what another department is told of producers for a stated purpose (DESIGN §5).

Each consequence names its legal basis or is for reference only. Every producer asked about leaves a line in
the audit, and a row in the log of queries with the day until which it is kept; natural persons are answered
only with their own authorisation (浙江省公共信用信息管理条例 art. 19).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from django.db import models, transaction
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import now, today
from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Producer
from rating.engine.columns import NOT_APPLICABLE
from rating.models import CreditCheckLog, Purpose, Rating, Standing
from rating.services import schemes
from rating.services.consequences import table
from rating.services.exporting import decimal_text
from rating.services.publication import add_months, term_of

#: How long the log of queries is kept: ten years (浙江省公共信用信息管理条例); elsewhere at least five.
KEEP_YEARS = 10
LISTED, CERTIFIED = KINDS["dishonesty.listed"].number, KINDS["sale.certified"].number
#: The certificate duty is looked at over a year; so many reasons are given.
DUTY_DAYS, REASONS = 365, 3


@dataclass(frozen=True)
class Listing:
    """A list that the producer stands on, as imported from the body that lawfully keeps it."""

    source: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Consequence:
    """A row of the table that applies; ``basis`` is "" where it is for reference only."""

    code: str
    consequence: str
    basis: str
    entry: str

    @property
    def weight(self) -> str:
        """Whether it rests on law."""
        return _("依法适用") if self.basis else _("仅供参考")


@dataclass(frozen=True)
class Answer:
    """What is said of one producer; ``refusal`` instead of it where nothing may be said."""

    asked: str
    refusal: str = ""
    producer: Producer | None = None
    standing: Standing | None = None
    lists: list[Listing] = field(default_factory=list)
    duty_met: bool | None = None
    reasons: list[str] = field(default_factory=list)
    consequences: list[Consequence] = field(default_factory=list)


def check(
    *, asked: Sequence[str], purpose: Purpose, matter: str, actor: User, authorisation: str = ""
) -> list[Answer]:
    """Answer for each key or credit code, in order; only producers in the asker's reach are known to it."""
    with transaction.atomic():
        return [_answer(code.strip(), purpose, matter, actor, authorisation) for code in asked]


def _answer(asked: str, purpose: Purpose, matter: str, actor: User, authorisation: str) -> Answer:
    named = models.Q(key=asked) | models.Q(credit_code=asked.upper())
    found = Producer.objects.visible_to(actor).filter(named).order_by("merged_into_id").first()
    producer = found.resolved if found else None
    if producer is None or not Producer.objects.visible_to(actor).filter(pk=producer.pk).exists():
        return Answer(asked, refusal=_("没有查到该主体。"))
    if producer.nature == Producer.Nature.NATURAL_PERSON and not authorisation:
        return Answer(asked, refusal=_("查询自然人须有本人授权，请提供授权书编号。"))
    audit.record_view(
        what=_("信用核查（%(purpose)s：%(matter)s；授权：%(authorisation)s）")
        % {"purpose": purpose.label, "matter": matter, "authorisation": authorisation or "—"},
        target=producer,
        actor=actor,
        region_code=producer.region_id,
    )
    ids = Producer.objects.known_as(producer.pk)
    standing = Standing.objects.filter(producer=producer).select_related("official_run__scheme").first()
    lists, duty_met = _lists(ids), _duty_met(ids)
    answer = Answer(
        asked=asked,
        producer=producer,
        standing=standing,
        lists=lists,
        duty_met=duty_met,
        reasons=_reasons(standing),
        consequences=_consequences(purpose, producer, _holding(standing, lists, duty_met)),
    )
    _log(producer, purpose, matter, authorisation, actor, answer)
    return answer


def _lists(ids: list[int]) -> list[Listing]:
    """Listings in force and still shared: neither repaired, taken back nor beyond the longest term."""
    day = today()
    events = CreditEvent.objects.counting(of=ids).filter(kind=LISTED, occurred_on__lte=day)
    open_ones = events.filter(models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=day))
    return [
        Listing(event.source, event.occurred_on, event.valid_until)
        for event in open_ones.order_by("-occurred_on", "-pk")
        if not term_of(event, day).over(day)
    ]


def _duty_met(ids: list[int]) -> bool | None:
    """Whether every sale of the last year that needs it had its certificate; None where none was recorded."""
    since = today() - timedelta(days=DUTY_DAYS)
    sales = CreditEvent.objects.counting(of=ids).filter(kind=CERTIFIED, occurred_on__gt=since)
    outcomes = set(sales.values_list("outcome", flat=True))
    return None if not outcomes else CreditEvent.Outcome.FAIL not in outcomes


def _reasons(standing: Standing | None) -> list[str]:
    """Confirmed vetoes, then the criteria that cost the most points."""
    if standing is None or not standing.official_grade or standing.official_run is None:
        return []
    scheme = schemes.parsed(standing.official_run.scheme)
    rating = Rating.objects.get(
        run=standing.official_run, producer_id=standing.producer_id, version=standing.official_version or 1
    )
    names = {veto.code: veto.name for veto in scheme.vetoes}
    held = [names[code] for code in scheme.veto_codes(rating.vetoes)]
    points = np.frombuffer(bytes(rating.points), "<i4").tolist()
    lost = [
        (criterion.points - got, criterion.name)
        for criterion, got in zip(scheme.criteria, points, strict=False)
        if got != NOT_APPLICABLE and got < criterion.points
    ]
    lost.sort(key=lambda pair: -pair[0])
    told = [
        _("%(name)s，少%(lost)s分") % {"name": name, "lost": decimal_text(missing, 2)}
        for missing, name in lost[:REASONS]
    ]
    return [*held, *told]


def _holding(standing: Standing | None, lists: list[Listing], duty_met: bool | None) -> set[str]:
    """Which conditions of the table hold."""
    holding = set()
    if lists:
        holding.add("listed")
    if duty_met is False:
        holding.add("duty_unmet")
    if standing is not None and standing.official_grade and standing.official_run is not None:
        grades = schemes.parsed(standing.official_run.scheme).grades
        if standing.official_grade == grades[-1].code:
            holding.add("lowest")
        if standing.official_grade == grades[0].code:
            holding.add("highest")
    return holding


def _consequences(purpose: Purpose, producer: Producer, holding: set[str]) -> list[Consequence]:
    return [
        Consequence(row["code"], row["consequence"], row["basis"], row["entry"])
        for row in table()
        if row["when"] in holding
        and purpose.value in row["purposes"]
        and (not row["kinds"] or producer.kind in row["kinds"])
    ]


def erase_expired() -> int:
    """Erase log rows whose term has run out (nightly); how many is written to the audit."""
    with transaction.atomic():
        count, _rows = CreditCheckLog.objects.filter(keep_until__lt=today()).delete()
        if count:
            audit.record(verb="checks.erased", count=count)
    return count


def _log(
    producer: Producer, purpose: Purpose, matter: str, authorisation: str, actor: User, answer: Answer
) -> None:
    day = today()
    CreditCheckLog.objects.create(
        asked_by=actor,
        asked_at=now(),
        purpose=purpose,
        matter=matter,
        authorisation=authorisation,
        producer=producer,
        grade=answer.standing.official_grade if answer.standing else "",
        listed=bool(answer.lists),
        keep_until=add_months(day, 12 * KEEP_YEARS),
    )
