"""Decisions on the producer, and what it asked for: objections and credit repair, each with its clock."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from agricredit.pages.office.file.registry import File, section
from rating.models import Decision, Objection, Repair
from rating.services.remedies import clock


@section("remedies", 70, gettext_lazy("认定、异议与信用修复"), "rating.view_objection")
def remedies(file: File, cursor: str, size: int) -> dict[str, Any]:
    """The newest of each kind with the days left."""
    may_decide = file.user.has_perm("rating.view_decision")
    decisions = Decision.objects.visible_to(file.user).filter(producer_id__in=file.family)
    objections = Objection.objects.visible_to(file.user).filter(producer_id__in=file.family)
    repairs = Repair.objects.visible_to(file.user).filter(producer_id__in=file.family)
    return {
        "decisions": list(decisions.order_by("-pk")[:size]) if may_decide else [],
        "objections": [
            (row, "" if row.decided_on else clock(row.decide_by))
            for row in objections.select_related("run").order_by("-pk")[:size]
        ],
        "repairs": [
            (
                row,
                str(row.event.event_kind.label),
                "" if row.decided_on else clock(row.decide_by or row.accept_by),
            )
            for row in repairs.select_related("event").order_by("-pk")[:size]
        ],
    }
