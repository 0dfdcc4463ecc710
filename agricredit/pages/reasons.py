"""Why a producer has its grade, in three sentences that the public understands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from agricredit.foundation.common.templatetags.formats import points as in_points
from rating.engine.scheme import Criterion, Scheme
from rating.models import Rating

NOT_APPLICABLE = np.iinfo(np.int32).min
REASONS = 3


@dataclass(frozen=True)
class Reason:
    """One sentence; ``good`` says in which direction it worked (shown as a word, not only a colour)."""

    good: bool
    text: str


def three_reasons(rating: Rating, scheme: Scheme) -> list[Reason]:
    """The three facts that weigh most: for a good grade what was done well, else what was missing.

    Vetoes and deductions always come first. Criteria that do not apply to the producer give no reason.
    """
    given = np.frombuffer(bytes(rating.points), dtype="<i4")
    scored = list(zip(scheme.criteria, given[: len(scheme.criteria)].tolist(), strict=True))
    applicable = [(criterion, got) for criterion, got in scored if got != NOT_APPLICABLE]
    lost = _losses(applicable)
    done = _done(applicable)
    against = _vetoes(rating, scheme) + _deductions(scheme, given.tolist())
    better = rating.grade in [grade.code for grade in scheme.grades[: (len(scheme.grades) + 1) // 2]]
    first = [*against[:1], *done[:2], *lost[:1]] if better else [*against[:2], *lost[:2], *done[:1]]
    rest = [reason for reason in [*against, *done, *lost] if reason not in first]
    return [*first, *rest][:REASONS]


def _vetoes(rating: Rating, scheme: Scheme) -> list[Reason]:
    names = {veto.code: veto.name for veto in scheme.vetoes}
    codes = scheme.veto_codes(rating.vetoes)
    return [Reason(False, _("一票否决：%(name)s") % {"name": names[code]}) for code in codes]


def _deductions(scheme: Scheme, given: list[int]) -> list[Reason]:
    start = len(scheme.criteria) + len(scheme.bonus)
    costs = zip(scheme.deductions, given[start:], strict=True)
    cost = [(item, abs(points)) for item, points in costs if points not in (0, NOT_APPLICABLE)]
    cost.sort(key=lambda pair: -pair[1])
    return [
        Reason(False, _("%(name)s，扣 %(points)s 分") % {"name": item.name, "points": in_points(points)})
        for item, points in cost
    ]


def _losses(applicable: list[tuple[Criterion, int]]) -> list[Reason]:
    missed = [(item, got) for item, got in applicable if got < item.points]
    missed.sort(key=lambda pair: pair[1] - pair[0].points)
    return [Reason(False, _got(item, got)) for item, got in missed]


def _done(applicable: list[tuple[Criterion, int]]) -> list[Reason]:
    full = [(item, got) for item, got in applicable if got >= item.points]
    full.sort(key=lambda pair: -pair[1])
    return [Reason(True, _got(item, got)) for item, got in full]


def _got(item: Criterion, got: int) -> str:
    return _("%(name)s：满分 %(most)s 分，得 %(got)s 分") % {
        "name": item.name,
        "most": in_points(item.points),
        "got": in_points(got),
    }
