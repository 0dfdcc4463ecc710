"""Verification follows its division when divisions change: settings, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from archives.models import RegionChange, ReviewSetting, ReviewSubstitute


def follow(*, change: RegionChange, followers: Mapping[str, str]) -> int:
    """Let the new divisions verify as the old ones did, in the caller's transaction; how many rows moved.

    ``followers`` gives each ended division's successor. Parts of one division all take its setting; where
    several become one, or one joins a division with a setting of its own, the stricter figures hold. Who
    stands in for a township goes on doing so, unless it has become his own. Safe to repeat.
    """
    moved = _settings(followers) + _substitutes(followers)
    if moved:
        record(verb="reviews.followed", target=change, region_code=change.region_code, count=moved)
    return moved


def heirs(code: str, followers: Mapping[str, str]) -> list[str]:
    """The divisions of its own level that its parts became, its own successor first."""
    own = [followers[code]] if code in followers else []
    parts = {new[: len(code)] for old, new in followers.items() if old.startswith(code)}
    return list(dict.fromkeys([*own, *sorted(parts)]))


def _settings(followers: Mapping[str, str]) -> int:
    ended = list(ReviewSetting.objects.select_for_update().filter(region__in=followers).order_by("region_id"))
    codes = {heir for row in ended for heir in heirs(row.region_id, followers)}
    standing = {row.region_id: row for row in ReviewSetting.objects.filter(region__in=codes)}
    for row in ended:
        for code in heirs(row.region_id, followers):
            kept = standing.setdefault(code, ReviewSetting(region_id=code, percent=1, least=0, most=0))
            kept.percent = max(kept.percent, row.percent)
            kept.least, kept.most = max(kept.least, row.least), max(kept.most, row.most)
    ReviewSetting.objects.filter(pk__in=[row.pk for row in ended]).delete()
    fresh = [row for row in standing.values() if row.pk is None]
    ReviewSetting.objects.bulk_create(fresh)
    changed = [row for row in standing.values() if row not in fresh]
    ReviewSetting.objects.bulk_update(changed, ["percent", "least", "most"])
    return len(ended)


def _substitutes(followers: Mapping[str, str]) -> int:
    today = clock.today()
    rows = ReviewSubstitute.objects.select_for_update(of=("self",)).filter(
        region__in=followers, valid_until__gte=today
    )
    moved = 0
    for row in rows.select_related("user").order_by("pk"):
        others = [code for code in heirs(row.region_id, followers) if code != row.user.region_code]
        if not others:
            continue  # the township has become the substitute's own: nothing to stand in for
        row.region_id = others.pop(0)
        row.save(update_fields=["region"])
        for code in others:
            row.pk, row.region_id = None, code
            row._state.adding = True
            row.save()
        moved += 1
    return moved
