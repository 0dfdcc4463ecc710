"""What stands against certifying a batch: a running safety interval, or a banned input."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.formats import near_date
from archives.ledger.kinds import KINDS
from archives.models import CreditEvent, Plot, Producer, Product, ProductionBatch, Sector
from archives.services.records import standing_use

# How long after a banned input was found nothing of the producer may be certified. Platform default: no
# public text gives a number of days.
BANNED_DAYS = 180


@dataclass(frozen=True)
class Obstacle:
    """Why a batch may not be certified, in the farmer's words, and the first day on which one may."""

    sentence: str
    allowed_from: date


def obstacles(
    *,
    producer: Producer,
    product: Product,
    plot: Plot | None,
    harvested_on: date,
    production: ProductionBatch | None = None,
) -> list[Obstacle]:
    """All obstacles for a batch harvested on a day, the longest first; none means it may be certified.

    Intervals: 农产品质量安全法 art. 29, 农药管理条例 art. 34 (harvest from the last use + the label's days).
    """
    found = [_interval(producer, product, plot, production, harvested_on), _banned(producer, harvested_on)]
    return sorted(filter(None, found), key=lambda obstacle: obstacle.allowed_from, reverse=True)


def _interval(
    producer: Producer, product: Product, plot: Plot | None, production: ProductionBatch | None, day: date
) -> Obstacle | None:
    found = standing_use(producer=producer, product=product, plot=plot, production=production, on=day)
    if found is None:
        return None
    last, allowed_from = found
    said = {"name": last.name, "date": near_date(allowed_from)}
    if product.sector == Sector.CROPS:
        return Obstacle(_("%(name)s还在安全间隔期内，%(date)s起可采收。") % said, allowed_from)
    return Obstacle(_("%(name)s还在休药期内，%(date)s起可上市。") % said, allowed_from)


def _banned(producer: Producer, day: date) -> Obstacle | None:
    known = Producer.objects.known_as(producer.pk)
    events = CreditEvent.objects.counting(of=known).filter(kind=KINDS["banned.found"].number)
    found = events.filter(occurred_on__gt=day - timedelta(days=BANNED_DAYS), occurred_on__lte=day)
    last = found.aggregate(last=Max("occurred_on"))["last"]
    if last is None:
        return None
    allowed = last + timedelta(days=BANNED_DAYS)
    sentence = _("查出过禁用投入品，%(date)s前不能开具合格证；请联系乡镇监管人员。") % {
        "date": near_date(allowed)
    }
    return Obstacle(sentence, allowed)
