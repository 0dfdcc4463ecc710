"""Interviews (责任约谈): called from a producer's standing, then held or missed, then followed up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.admin import Labelled
from archives.admin.finding import DivisionFilter
from rating.admin.acted import ActedAdmin, RowAct
from rating.admin.attachments import links
from rating.admin.deadlines import DeadlineAdmin
from rating.admin.decision_forms import HeldForm, OutcomeForm
from rating.admin.forms import ReasonForm
from rating.models import Interview
from rating.services import interviews, letters, remedies

State = Interview.State
COLOURS = {
    State.CALLED: "warning",
    State.HELD: "primary",
    State.MISSED: "danger",
    State.CLOSED: "success",
}


@admin.register(Interview)
class InterviewAdmin(DeadlineAdmin, ActedAdmin):
    """Read only but for the acts."""

    act_permission = "rating.keep_interview"
    act_row = "interview"
    acts = {
        "hold": RowAct(
            (State.CALLED, State.MISSED),
            _("登记约谈"),
            _("记下到场人员和约定事项；约谈不计入评价。"),
            HeldForm,
            interviews.hold,
        ),
        "miss": RowAct(
            (State.CALLED,), _("登记未到场"), _("写明未到场的情况。"), ReasonForm, interviews.miss
        ),
        "close": RowAct(
            (State.HELD,), _("登记落实情况"), _("约定事项办到没有。"), OutcomeForm, interviews.close
        ),
    }
    list_display = ("producer", "state_word", "called_on", "scheduled_on", "held_on", "days_left")
    list_filter = ("state", DivisionFilter)
    list_select_related = ("producer",)
    ordering = ("-id",)
    fields = (
        *("producer", "state_word", "reason", "basis", "called_by", "called_on", "scheduled_on", "place"),
        *("letter", "held_on", "attended", "interviewers", "agreed", "files"),
        *("follow_up_by", "followed_up_on", "outcome"),
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        """The notice on paper."""
        view = self.admin_site.admin_view(self.letter_view)
        own = [path("<int:pk>/letter/", view, name="rating_interview_letter")]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def letter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The notice as PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = get_object_or_404(self.get_queryset(request).select_related("producer"), pk=pk)
        response = HttpResponse(letters.of_interview(row), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="interview-{row.pk}.pdf"'
        return response

    @admin.display(description=_("约谈通知书"))
    def letter(self, interview: Interview) -> SafeString:
        """A link to the paper."""
        address = reverse("admin:rating_interview_letter", args=[interview.pk])
        return format_html('<a class="text-link" href="{}">{}</a>', address, _("打印"))

    @admin.display(description=_("附件"))
    def files(self, interview: Interview) -> Any:
        """Minutes and photos."""
        return links(interview.attachments.all())

    def deadlines(self, row: Interview) -> list[date | None]:
        """The interview, then the day until which what was agreed is due."""
        dates = {State.CALLED.value: row.scheduled_on, State.HELD.value: row.follow_up_by}
        return [dates.get(row.state)]

    def in_words(self, deadlines: Iterable[date | None]) -> dict[date | None, str]:
        """Days that were appointed: no calendar moves them."""
        return remedies.clocks(deadlines, counted=False)

    @admin.display(description=_("距期限"))
    def days_left(self, interview: Interview) -> str:
        """Until the interview, or until what was agreed is due."""
        return self.told(interview)[0]

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, interview: Interview) -> tuple[str, str]:
        """The state in words."""
        return Labelled(interview.state, interview.get_state_display())
