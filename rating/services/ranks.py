"""Where one producer's official score stands in its township, county and city. Nobody else's shows by it.

Compared with the decided results of the same run. A division where fewer than :data:`LEAST` were rated is
left out: among few a place tells who has which score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.core.cache import cache
from django.db.models import Count
from django.utils.translation import gettext as _

from archives.models import Region
from rating.engine.columns import Int64s
from rating.models import Rating, RatingRun, Standing

LEAST = 10
#: Township, county, city: how long their codes are.
LENGTHS = (9, 6, 4)
KEPT = 24 * 3600
_TOP = 10000


@dataclass(frozen=True)
class Place:
    """The place in one division: ``rank`` from 1, ``lower`` have fewer points, of ``total`` rated there.

    ``rank`` is 0 where fewer than :data:`LEAST` were rated (and the other figures too).
    """

    code: str
    name: str
    rank: int
    lower: int
    total: int

    @property
    def shown(self) -> bool:
        """Whether enough were rated there to say it."""
        return self.rank > 0

    @property
    def percentile(self) -> int:
        """The share of the others that have fewer points, in whole percent rounded down."""
        return 100 * self.lower // max(self.total - 1, 1)

    @property
    def says(self) -> str:
        """第 12 名，共 340 家，得分高于 96% 的主体."""
        if not self.shown:
            return _("参评的不足%(least)s家，不显示位次。") % {"least": LEAST}
        return _("第 %(rank)s 名，共 %(total)s 家，得分高于其中 %(percent)s%%") % {
            "rank": self.rank,
            "total": self.total,
            "percent": self.percentile,
        }


def places(standing: Standing | None) -> list[Place]:
    """The producer's places by its official result in force; none without one."""
    if standing is None or standing.official_run is None or standing.official_score is None:
        return []
    run, region = standing.official_run, _region(standing)
    codes = [region[:length] for length in LENGTHS if len(region) >= length]
    inside = [code for code in codes if code.startswith(run.region_code)]
    names = dict(Region.objects.filter(code__in=inside).values_list("code", "name"))
    return [_place(run, code, names.get(code, code), standing.official_score) for code in inside]


def _region(standing: Standing) -> str:
    """The division as the run froze it: a later move does not change among whom one was rated."""
    rows = Rating.objects.filter(run=standing.official_run, producer_id=standing.producer_id)
    return rows.order_by("-version").values_list("region_id", flat=True).first() or ""


def _place(run: RatingRun, code: str, name: str, score: int) -> Place:
    counts = spread(run, code)
    total = int(counts.sum())
    if total < LEAST:
        return Place(code, name, 0, 0, 0)
    lower, higher = int(counts[:score].sum()), int(counts[score + 1 :].sum())
    return Place(code, name, higher + 1, lower, total)


def spread(run: RatingRun, code: str) -> Int64s:
    """How many of a division have each score (0 to 10000 hundredths); kept for a day."""
    key = f"spread:{run.pk}:{run.state}:{code}"
    known = cache.get(key)
    if known is not None:
        return np.frombuffer(known, "<i4").astype(np.int64)
    rows = Rating.objects.filter(run=run, region_id__startswith=code, status=Rating.Status.RATED).current()
    counts = np.zeros(_TOP + 1, np.int64)
    for score, count in rows.values_list("score").annotate(count=Count("pk")).order_by():
        counts[score] = count
    cache.set(key, counts.astype("<i4").tobytes(), KEPT)
    return counts
