"""Plans and their tasks follow their divisions when these change."""

from __future__ import annotations

from django.db import connection, transaction

from agricredit.foundation.audit.services import record
from archives.models import RegionChange
from supervision.models import Plan

# A producer's task of a month stands once in a plan: one that the other plan has already stays with the old.
_TASKS = """
    UPDATE supervision_task t SET plan_id = %(into)s
    WHERE t.plan_id = %(plan)s AND NOT EXISTS (
        SELECT 1 FROM supervision_task o
        WHERE o.plan_id = %(into)s AND o.producer_id = t.producer_id AND o.month = t.month
    )
"""


@transaction.atomic
def follow(*, change: RegionChange) -> int:
    """Rename the plans of this year and later to the new code, or join them to the plan there; how many."""
    followers = dict(change.successions.values_list("old_id", "new_id"))
    plans = Plan.objects.select_for_update().filter(
        region_code__in=followers, year__gte=change.effective_on.year
    )
    done = 0
    for plan in plans.order_by("region_code"):
        into = Plan.objects.filter(region_code=followers[plan.region_code], year=plan.year).first()
        if into is None:
            plan.region_code = followers[plan.region_code]
            plan.save(update_fields=["region_code"])
        else:
            with connection.cursor() as cursor:
                cursor.execute(_TASKS, {"into": into.pk, "plan": plan.pk})
        done += 1
    if done:
        record(verb="plan.followed", target=change, region_code=change.region_code, count=done)
    return done
