"""What a township, a product's growers or a kind lose points on: the weakest criteria of a past run.

Set-based from the measures that the run kept; the ledger and the results table are not read. Points lost are
hundredths of the criterion's own points, deductions what they cost; bonus points not earned are no loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from archives.models import ProducerProduct
from rating.engine.columns import NOT_APPLICABLE, Bools, Int64s
from rating.engine.scheme import Criterion, ProducerKind, Scheme
from rating.models import RatingRun
from rating.services import schemes, trials
from rating.services.trials import Lost

#: How many producers a drill-down lists.
LISTED = 100
#: How long a code is one level below a province, city, county, township.
_BELOW = {2: 4, 4: 6, 6: 9, 9: 12, 12: 12}


@dataclass(frozen=True)
class Asked:
    """Whom the question is about; empty: all of the region. ``code`` is the criterion to drill into."""

    region: str
    kind: str = ""
    product: str = ""
    code: str = ""


@dataclass(frozen=True)
class Weakness:
    """One criterion: what all lost together (hundredths), how many lost something, to how many it applied."""

    criterion: Criterion
    lost: int
    losers: int
    applicable: int

    @property
    def mean(self) -> int:
        """Lost by each to whom it applies, on average, in hundredths."""
        return (2 * self.lost + self.applicable) // (2 * self.applicable) if self.applicable else 0


@dataclass(frozen=True)
class Group:
    """A division or kind within the question: average loss at the criterion asked about (hundredths)."""

    key: str
    lost: int
    producers: int

    @property
    def mean(self) -> int:
        """On average, in hundredths."""
        return (2 * self.lost + self.producers) // (2 * self.producers) if self.producers else 0


@dataclass(frozen=True)
class Prescription:
    """Weaknesses by what was lost, the most first; for the criterion asked about its groups and producers."""

    producers: int
    weaknesses: tuple[Weakness, ...]
    divisions: tuple[Group, ...] = ()
    kinds: tuple[Group, ...] = ()
    losers: tuple[tuple[int, int], ...] = ()

    def indicators(self, scheme: Scheme) -> list[tuple[str, int]]:
        """Points lost together by indicator (name, hundredths), the most first."""
        names = {one.code: one.name for one in scheme.indicators}
        found: dict[str, int] = {}
        for weakness in self.weaknesses:
            name = names.get(weakness.criterion.indicator, _("扣分"))
            found[name] = found.get(name, 0) + weakness.lost
        return sorted(found.items(), key=lambda pair: -pair[1])


def prescribe(run: RatingRun, asked: Asked) -> Prescription:
    """The weakest criteria. ValidationError for a run without kept measures, or a region outside of it."""
    if not asked.region.startswith(run.region_code):
        raise ValidationError(_("地区应在该次评价的地区之内。"), code="region")
    scheme = schemes.parsed(run.scheme)
    if asked.code and all(column.code != asked.code for column in scheme.columns):
        raise ValidationError(_("该方案没有“%(code)s”这一项。") % {"code": asked.code}, code="criterion")
    tally = _Tally(scheme, asked)
    for part in trials.lost_points(run, asked.region):
        tally.add(part)
    return tally.result()


class _Tally:
    """Sums over the blocks; a block is let go when it has been added."""

    def __init__(self, scheme: Scheme, asked: Asked) -> None:
        self.scheme, self.asked = scheme, asked
        size = len(scheme.columns)
        self.lost, self.losers, self.applicable = (np.zeros(size, np.int64) for _ in range(3))
        self.producers = 0
        self.groups: dict[tuple[str, str], list[int]] = {}
        self.top: list[tuple[int, int]] = []
        self.growers = _growers(asked.product) if asked.product else None
        self.at = scheme.column_index(asked.code) if asked.code else -1

    def add(self, part: Lost) -> None:
        chosen = self._chosen(part)
        lost = part.lost[:, chosen]
        counted = lost != NOT_APPLICABLE
        amount = np.where(counted, lost, 0).astype(np.int64)
        self.producers += int(chosen.sum())
        self.lost += amount.sum(axis=1)
        self.losers += (amount > 0).sum(axis=1)
        self.applicable += counted.sum(axis=1)
        if self.at >= 0:
            self._drill(part, chosen, amount[self.at], counted[self.at])

    def _chosen(self, part: Lost) -> Bools:
        chosen: Bools = np.ones(len(part.producer), np.bool_)
        if self.asked.kind:
            chosen &= part.kind == int(ProducerKind[self.asked.kind])
        if self.growers is not None:
            chosen &= np.isin(part.producer, self.growers)
        return chosen

    def _drill(self, part: Lost, chosen: Bools, amount: Int64s, counted: Bools) -> None:
        length = _BELOW.get(len(self.asked.region), 12)
        divisions = part.region.str.head(length).to_numpy()[chosen]
        kinds = np.array([ProducerKind(number).name for number in part.kind[chosen].tolist()], np.object_)
        for name, keys in (("division", divisions), ("kind", kinds)):
            found, where = np.unique(keys[counted].astype(str), return_inverse=True)
            lost = np.bincount(where, weights=amount[counted], minlength=len(found))
            number = np.bincount(where, minlength=len(found))
            for key, points, count in zip(found.tolist(), lost.tolist(), number.tolist(), strict=True):
                both = self.groups.setdefault((name, key), [0, 0])
                both[0] += int(points)
                both[1] += count
        mine = part.producer[chosen]
        worst = np.argsort(-amount, kind="stable")[:LISTED]
        self.top += [(int(mine[at]), int(amount[at])) for at in worst.tolist() if amount[at] > 0]
        self.top = sorted(self.top, key=lambda pair: (-pair[1], pair[0]))[:LISTED]

    def result(self) -> Prescription:
        rows = zip(self.scheme.columns, self.lost, self.losers, self.applicable, strict=True)
        found = [
            Weakness(column, int(lost), int(losers), int(applicable))
            for column, lost, losers, applicable in rows
            if lost and column not in self.scheme.bonus
        ]
        return Prescription(
            self.producers,
            tuple(sorted(found, key=lambda one: -one.lost)),
            self._grouped("division"),
            self._grouped("kind"),
            tuple(self.top),
        )

    def _grouped(self, name: str) -> tuple[Group, ...]:
        found = [Group(key, *sums) for (of, key), sums in self.groups.items() if of == name]
        return tuple(sorted(found, key=lambda group: (-group.mean, group.key)))


def _growers(product: str) -> Int64s:
    """Who grows a product, by its name; ValidationError where nobody does."""
    rows = ProducerProduct.objects.filter(product__name=product).order_by("producer_id")
    found = np.fromiter(rows.values_list("producer_id", flat=True).iterator(), np.int64)
    if not len(found):
        raise ValidationError(_("没有主体登记“%(product)s”这种产品。") % {"product": product}, code="product")
    return found
