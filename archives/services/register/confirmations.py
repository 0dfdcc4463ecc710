"""Files nobody has confirmed for half a year (GD104, HZ0109): writing to the producer once in that time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock, sms
from archives.models import ProducerStatus, ProfileState
from archives.models.figures import overdue_before

AT_ONCE = 200
A_DAY = 5000
"""A register imported on one day comes due on one day: so many are written to in a day, those first that
have waited longest (a default of this platform)."""


def due() -> QuerySet[ProfileState]:
    """Files to be confirmed whose producers can be written to and were not in the last half year.

    One that was never confirmed is due half a year after it was entered.
    """
    before = overdue_before()
    overdue = Q(confirmed_on__lt=before) | Q(confirmed_on=None, producer__created_at__date__lt=before)
    return ProfileState.objects.filter(
        overdue,
        Q(reminded_on=None) | Q(reminded_on__lt=before),
        producer__status__in=[ProducerStatus.ACTIVE, ProducerStatus.PAUSED],
        producer__phone_hash__gt="",
    )


def remind() -> int:
    """Send one message for every file that is due, up to :data:`A_DAY`; how many were accepted.

    Each batch is marked before anything is sent: a worker that dies never writes to anybody twice.
    """
    found = list(due().order_by("confirmed_on", "pk").values_list("pk", flat=True)[:A_DAY])
    return sum(_batch(found[start : start + AT_ONCE]) for start in range(0, len(found), AT_ONCE))


def _batch(keys: list[int]) -> int:
    with transaction.atomic():
        rows = due().filter(pk__in=keys).select_related("producer").order_by("pk")
        batch = list(rows.select_for_update(of=("self",), skip_locked=True))
        ProfileState.objects.filter(pk__in=[row.pk for row in batch]).update(reminded_on=clock.today())
        if batch:
            record(verb="register.confirmation_reminded", count=len(batch))
    return sms.send_all((str(row.producer.phone), _sentence(row)) for row in batch)


def _sentence(row: ProfileState) -> str:
    return _("%(name)s的档案半年没确认了，请在“我的档案”里看一眼，对的就点“都对，确认”") % {
        "name": row.producer.name
    }
