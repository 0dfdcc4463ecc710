"""What is kept on the producer: licences, staff, rules, honours, pledges, training, documents."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy

from agricredit.foundation.common.clock import today
from agricredit.pages.office.file.registry import File, section
from archives.models import Checked, Kept, ProducerStatus, TrainingAttendance
from archives.services.register.nouns import NOUNS, Noun

#: These have a place of their own among the archive's facts.
ELSEWHERE = frozenset({"plot"})
_SHUT = (ProducerStatus.MERGED, ProducerStatus.CLOSED)
SOON = datetime.timedelta(days=60)


@section("kept", 15, gettext_lazy("证照、人员、制度与荣誉"), "archives.view_producer")
def kept(file: File, cursor: str, size: int) -> dict[str, Any]:
    """Of each noun the newest entries in force; the hours of training of the last 365 days."""
    groups, nothing = [], []
    for noun in NOUNS.values():
        if noun.code in ELSEWHERE or not file.user.has_perm(noun.right("view")):
            continue
        rows = noun.model.objects.visible_to(file.user).open().filter(producer=file.producer)
        entries = [_shown(row) for row in rows.order_by("-pk")[:size]]
        if entries:
            groups.append({"label": noun.label, "entries": entries})
        else:
            nothing.append(_addable(file, noun))
    since = today() - datetime.timedelta(days=365)
    trained = TrainingAttendance.objects.standing().filter(producer__in=file.family)
    return {
        "groups": groups,
        "nothing": nothing,
        "hours": trained.filter(session__held_on__gt=since).aggregate(hours=Sum("hours"))["hours"],
        "trainings": list(trained.select_related("session").order_by("-session__held_on", "-pk")[:size]),
        "address": reverse("admin:archives_producer_file", args=[file.producer.pk]),
    }


def _addable(file: File, noun: Noun) -> tuple[str, str]:
    """A noun of which nothing is kept, with the page on which it is entered, "" for who may not."""
    may = file.user.has_perm(noun.right("add")) and file.producer.status not in _SHUT
    address = reverse("admin:archives_producer_entry_add", args=[file.producer.pk, noun.code]) if may else ""
    return str(noun.label), address


def _shown(row: Kept) -> dict[str, Any]:
    ends = getattr(row, "valid_until", None)
    return {
        "text": str(row),
        "until": ends,
        "expired": ends is not None and ends < today(),
        "soon": ends is not None and today() <= ends <= today() + SOON,
        "check": row.get_check_outcome_display() if isinstance(row, Checked) else "",
        "failed": isinstance(row, Checked) and row.check_outcome == Checked.Outcome.FAIL,
    }
