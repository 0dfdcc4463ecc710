"""One producer by two schemes over the same facts: the region's own, and a second one for reference only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from archives.models import Producer
from rating.engine.explain import Explained
from rating.models import Rating, RegionScheme, Scheme
from rating.services import explaining, schemes
from rating.services.explaining import ProducerExplanation
from rating.services.exporting import decimal_text


@dataclass(frozen=True)
class Compared:
    """The same facts explained by both; ``own`` is the scheme that holds, ``other`` has no effect at all."""

    own: ProducerExplanation
    other: ProducerExplanation

    @property
    def rows(self) -> list[tuple[Explained | None, Explained | None]]:
        """Criteria side by side: those that read the same in one row, then what only one of them has."""
        others = list(self.other.explanation.columns)
        found: list[tuple[Explained | None, Explained | None]] = []
        for column in self.own.explanation.columns:
            same = next((one for one in others if one.criterion.measure == column.criterion.measure), None)
            if same is not None:
                others.remove(same)
            found.append((column, same))
        return found + [(None, column) for column in others]


def of_estimate(producer: Producer, other: Scheme, day: date | None = None) -> Compared:
    """Today's estimate by both. ValidationError when the producer takes no part in the rating."""
    own = explaining.live_facts(producer, day)
    return Compared(own.explained(), explaining.live_facts(producer, day, other).explained())


def of_rating(rating: Rating, other: Scheme) -> Compared:
    """A year's result by both, from the frozen roll and the ledger as of its seal.

    The other scheme takes no last year's score: none of its own was ever given.
    """
    facts = explaining.facts_of(rating)
    roll = replace(facts.roll, last_score=explaining.no_last_score())
    second = replace(facts, scheme=schemes.parsed(other), roll=roll)
    return Compared(replace(facts.explained(), rating=rating), second.explained())


def offered(region_code: str, day: date | None = None) -> Scheme | None:
    """The second scheme that the region shows its producers for reference on a day; None: none is shown."""
    holding = RegionScheme.objects.holding(region_code, day or today())
    return holding.compared if holding is not None else None


def other_than(code: str) -> Scheme | None:
    """A second scheme in force, for an officer to hold a result against."""
    return Scheme.objects.in_force().exclude(code=code).order_by("code").first()


def in_words(compared: Compared) -> dict[str, Any]:
    """What pages show: both results, what made them, and the criteria in rows."""
    return {
        "sides": [_side(compared.own), _side(compared.other)],
        "rows": [[_cell(column) for column in row] for row in compared.rows],
    }


def _side(told: ProducerExplanation) -> dict[str, Any]:
    explained = told.explanation
    return {
        "scheme": told.scheme.name,
        "grade": explained.grade.code if explained.grade else "",
        "word": explained.grade.word if explained.grade else "",
        "score": decimal_text(explained.score, 2),
        "scaling": scaling(told),
        "vetoes": [held.veto.name for held in explained.vetoes],
    }


def _cell(column: Explained | None) -> dict[str, str] | None:
    if column is None:
        return None
    points = _("不适用")
    if column.points is not None:
        points = f"{decimal_text(column.points, 2)} / {decimal_text(column.criterion.points, 2)}"
    return {"code": column.criterion.code, "name": column.criterion.name, "points": points}


def scaling(told: ProducerExplanation) -> list[str]:
    """What applicability, re-scaling and last year's weight did to the score, in sentences."""
    explained = told.explanation
    scored = explained.columns[: len(told.scheme.criteria)]
    left = [column.criterion for column in scored if column.points is None]
    for_others = [one for one in left if one.organised_only and not told.organised]
    found = []
    if for_others:
        found.append(
            _("%(count)s项（%(points)s分）只适用于有组织的主体，不计入：%(names)s。") % _of(for_others)
        )
    without = [one for one in left if one not in for_others]
    if without:
        found.append(_("%(count)s项（%(points)s分）没有可评的信息，不计入：%(names)s。") % _of(without))
    got = sum(column.points or 0 for column in scored)
    found.append(
        _("适用的%(able)s分中得%(got)s分，折合满分100分的%(base)s分。")
        % {
            name: decimal_text(amount, 2)
            for name, amount in (("able", explained.able), ("got", got), ("base", explained.base))
        }
    )
    return [*found, _weighed(told)]


def _of(criteria: list[Any]) -> dict[str, Any]:
    return {
        "count": len(criteria),
        "points": decimal_text(sum(one.points for one in criteria), 2),
        "names": "、".join(one.name for one in criteria),
    }


def _weighed(told: ProducerExplanation) -> str:
    explained, weight = told.explanation, told.scheme.year_weight
    if weight == 100:
        return _("本方案只看本年度，上一年度得分不计入。")
    if told.last_score is None:
        return _("没有同一方案的上一年度得分，只按本年度计。")
    this = min(max(explained.base + explained.bonus - explained.deductions, 0), 10000)
    return _("本年度%(this)s分占%(weight)s%%，上一年度%(last)s分占%(rest)s%%，合计%(score)s分。") % {
        "this": decimal_text(this, 2),
        "weight": weight,
        "last": decimal_text(told.last_score, 2),
        "rest": 100 - weight,
        "score": decimal_text(explained.score, 2),
    }
