"""Licences that end soon: whom to remind, and writing to them once for each end date."""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock, sms
from agricredit.foundation.common.templatetags.formats import full_date
from archives import vocabulary
from archives.models import Licence, ProducerStatus

AT_ONCE = 200
LONGEST_WARNING = 90


def warning_days(kind: str) -> int:
    """How many days before its end a licence of this kind is worth renewing."""
    term = vocabulary.terms("licences").get(kind)
    return int(term.more.get("warn", 30)) if term else 30


def due(rows: QuerySet[Licence]) -> QuerySet[Licence]:
    """Those whose warning time has begun or whose end is past, nobody having ended them."""
    today = clock.today()
    wanted = Q(pk__in=[])
    by_days: dict[int, list[str]] = {}
    for kind in vocabulary.terms("licences"):
        by_days.setdefault(warning_days(kind), []).append(kind)
    for days, kinds in by_days.items():
        wanted |= Q(kind__in=kinds, valid_until__lte=today + datetime.timedelta(days=days))
    # The widest range again, alone: it is what the index is scanned by.
    widest = today + datetime.timedelta(days=LONGEST_WARNING)
    return rows.filter(wanted, ended_on__isnull=True, valid_until__lte=widest)


def remind() -> int:
    """Send one message for every licence that is due and has not been reminded of for this end; how many.

    Each batch is marked before anything is sent: a worker that dies never writes to anybody twice.
    """
    sent = 0
    while True:
        with transaction.atomic():
            rows = (
                due(Licence.objects.all())
                .filter(Q(reminded_for__isnull=True) | ~Q(reminded_for=F("valid_until")))
                .filter(producer__status__in=[ProducerStatus.ACTIVE, ProducerStatus.PAUSED])
                .select_related("producer")
                .order_by("valid_until", "pk")
            )
            batch = list(rows.select_for_update(of=("self",), skip_locked=True)[:AT_ONCE])
            Licence.objects.filter(pk__in=[row.pk for row in batch]).update(reminded_for=F("valid_until"))
            messages = [(str(row.producer.phone), sentence(row)) for row in batch if row.producer.phone]
            if batch:
                record(verb="register.reminded", count=len(messages))
        if not batch:
            return sent
        sent += sms.send_all(messages)


def sentence(row: Licence) -> str:
    """What is said of a licence that ends."""
    said = {"what": row.get_kind_display(), "day": full_date(row.valid_until)}
    if row.has_expired:
        return _("%(what)s已于%(day)s到期，请换证后在“我的档案”里更新") % said
    return _("%(what)s%(day)s到期，请提前换证") % said
