"""Accounts nobody uses are shut (GB/T 22239-2019, 8.1.4.2: superfluous accounts)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from agricredit.foundation.accounts.models import User
from agricredit.foundation.accounts.roles import STAFF, Role
from agricredit.foundation.audit.services import record

UNUSED_AFTER = timedelta(days=90)


@transaction.atomic
def disable_unused() -> int:
    """Deactivate staff who did not log in for 90 days; return how many. One audit line for all.

    Producers keep theirs: a farmer may well come only at harvest. The security administrator who logged in
    last stays, so that somebody can open the others again.
    """
    before = timezone.now() - UNUSED_AFTER
    # In the order in which others lock them (rules.lock_keepers), or the two could wait for each other.
    keepers = User.objects.select_for_update().filter(role=Role.SECURITY_ADMIN, is_active=True).order_by("pk")
    kept = sorted(keepers, key=lambda user: (user.last_login or user.date_joined, user.pk))[-1:]
    unused = User.objects.select_for_update().filter(
        Q(last_login__lt=before) | Q(last_login__isnull=True, date_joined__lt=before),
        role__in=STAFF,
        is_active=True,
    )
    users = list(unused.exclude(pk__in=[user.pk for user in kept]).order_by("pk"))
    if not users:
        return 0
    User.objects.filter(pk__in=[user.pk for user in users]).update(
        is_active=False, deactivated_at=timezone.now(), session_epoch=F("session_epoch") + 1
    )
    record(
        verb="account.unused_disabled",
        count=len(users),
        days=UNUSED_AFTER.days,
        usernames=[user.username for user in users],
    )
    return len(users)
