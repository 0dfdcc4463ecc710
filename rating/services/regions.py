"""What the rating keeps by division, after divisions have changed; and the former codes of one in force."""

from __future__ import annotations

from django.db import transaction

from agricredit.foundation.audit.services import record
from archives.models import RegionChange
from rating.models import RegionScheme


@transaction.atomic
def follow(*, change: RegionChange) -> int:
    """Let the new divisions rate by the schemes of the old ones; safe to repeat. How many were set."""
    followers = dict(change.successions.values_list("old_id", "new_id"))
    held = RegionScheme.objects.filter(region_code__in=followers)
    known = set(
        RegionScheme.objects.filter(region_code__in=set(followers.values())).values_list(
            "region_code", "valid_from"
        )
    )
    fresh = {}
    for row in held.order_by("region_code"):
        key = (followers[row.region_code], max(row.valid_from, change.effective_on))
        if key not in known:
            fresh[key] = RegionScheme(region_code=key[0], scheme_id=row.scheme_id, valid_from=key[1])
    RegionScheme.objects.bulk_create(fresh.values())
    if fresh:
        record(verb="schemes.followed", target=change, region_code=change.region_code, count=len(fresh))
    return len(fresh)
