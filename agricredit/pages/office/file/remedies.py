"""Decisions on the producer, and what it asked for: objections and credit repair, each with its clock."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from agricredit.pages.office.file.registry import File, section
from rating.models import Decision, Objection, Repair
from rating.services.remedies import clocks


@section("remedies", 70, gettext_lazy("认定、异议与信用修复"), "rating.view_objection")
def remedies(file: File, cursor: str, size: int) -> dict[str, Any]:
    """The newest of each kind with the days left."""
    may_decide = file.user.has_perm("rating.view_decision")
    decisions = Decision.objects.visible_to(file.user).filter(producer_id__in=file.family)
    objections = Objection.objects.visible_to(file.user).filter(producer_id__in=file.family)
    repairs = Repair.objects.visible_to(file.user).filter(producer_id__in=file.family)
    objected = list(objections.select_related("run").order_by("-pk")[:size])
    asked = list(repairs.select_related("event").order_by("-pk")[:size])
    rows: list[Objection | Repair] = [*objected, *asked]
    left = clocks(_deadline(row) for row in rows)
    left[None] = ""  # decided: the page says when
    return {
        "decisions": list(decisions.order_by("-pk")[:size]) if may_decide else [],
        "objections": [(row, left[_deadline(row)]) for row in objected],
        "repairs": [(row, str(row.event.event_kind.label), left[_deadline(row)]) for row in asked],
    }


def _deadline(row: Objection | Repair) -> date | None:
    """The next one, while it is not decided."""
    if row.decided_on:
        return None
    return row.decide_by if isinstance(row, Objection) else row.decide_by or row.accept_by
