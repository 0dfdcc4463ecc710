"""What a producer may do about its results: see every version, object, have a fault repaired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from agricredit.foundation.common.clock import today
from archives.models import CreditEvent, Producer
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import sent, take, uploads
from rating.models import Repair
from rating.portal import answering, objecting
from rating.portal.forms import RepairForm
from rating.services import publication, remedies, repairs


@dataclass(frozen=True)
class Fault:
    """A negative event that counts, its term, and its application if there is an open one."""

    event: CreditEvent
    term: publication.Term
    repair: Repair | None

    @property
    def allowed(self) -> bool:
        """Whether its repair may be applied for today."""
        return self.repair is None and self.term.repairable_from <= today()

    @property
    def rule(self) -> str:
        """The rule it goes by, called a default where its terms were not read."""
        return publication.rule_word(self.term.rule)

    @property
    def over(self) -> bool:
        """Whether its publication has ended by itself."""
        return self.term.over(today())


@portal_page
@permission_required("rating.view_repair", raise_exception=True)
def remedies_page(request: HttpRequest, acting: Acting) -> HttpResponse:
    """Versions of the results, faults with their terms, what was applied for."""
    producer = acting.producer
    return render(
        request,
        "portal/remedies/list.html",
        {
            "acting": acting,
            "versions": remedies.versions_told(producer),
            "decisions": answering.decisions_of(producer),
            "results": objecting.results_of(producer),
            "objections": objecting.filed_by(producer),
            "faults": faults_of(producer),
            "repairs": _applied_for(request, producer),
        },
    )


def _applied_for(request: HttpRequest, producer: Producer) -> list[tuple[Repair, str]]:
    """What was applied for, newest first, each with its clock."""
    rows = Repair.objects.visible_to(request.user).filter(producer=producer).select_related("event")
    words = remedies.clocks(row.decide_by or row.accept_by for row in rows)
    return [(row, words[row.decide_by or row.accept_by]) for row in rows]


def faults_of(producer: Producer) -> list[Fault]:
    """Negative events that count, the newest first."""
    waiting = {row.event_id: row for row in Repair.objects.open().filter(producer=producer)}
    return [
        Fault(event, publication.term_of(event, today()), waiting.get(event.pk))
        for event in repairs.repairable(producer)
    ]


@portal_page
@permission_required("rating.add_repair", raise_exception=True)
def apply_for_repair(request: HttpRequest, acting: Acting, event: int) -> HttpResponse:
    """Apply for the repair of one event."""
    faults = [fault for fault in faults_of(acting.producer) if fault.event.pk == event]
    if not faults:
        raise Http404
    [found] = faults
    form = RepairForm(sent(request), uploads(request))
    user: Any = request.user

    def act() -> Repair:
        return repairs.apply(producer=acting.producer, event=found.event, actor=user, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and take(form, act):
        messages.success(request, _("已提交信用修复申请，不收取任何费用。"))
        return redirect("my:remedies")
    context = {"acting": acting, "fault": found, "form": form}
    return render(request, "portal/remedies/repair.html", context)
