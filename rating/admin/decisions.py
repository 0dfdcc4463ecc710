"""Decisions on grades: what was noticed, served and answered, and each act behind a page that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agricredit.foundation.common.acts import act_page
from agricredit.foundation.common.admin import Labelled
from agricredit.foundation.common.clock import today
from agricredit.foundation.common.templatetags.formats import full_date
from archives.admin.finding import DivisionFilter, ProducerSearch
from archives.models import CreditEvent
from rating.admin.attachments import links
from rating.admin.deadlines import DeadlineAdmin
from rating.admin.decision_forms import (
    HearingForm,
    HearingRequestForm,
    MinutesForm,
    ServiceForm,
    StatementForm,
)
from rating.admin.forms import ConfirmForm, ReasonForm
from rating.models import Decision, Hearing
from rating.services import decisions, hearings, interim, letters, remedies, serving

State = Decision.State
COLOURS = {
    State.NOTICED: "warning",
    State.CONFIRMED: "warning",
    State.EFFECTIVE: "success",
    State.WITHDRAWN: "info",
    State.LIFTED: "info",
}


class Act(NamedTuple):
    """A button of the decision's page."""

    permission: str
    label: str | Promise
    says: str | Promise
    form: type[forms.Form]
    act: Callable[..., Any]
    offered: Callable[[Decision], bool]


def _noticed(decision: Decision) -> bool:
    return decision.state == State.NOTICED


def _served(decision: Decision) -> bool:
    return decision.state == State.NOTICED and decision.statement_until is not None


def _ripe(decision: Decision) -> bool:
    """The days to answer are over."""
    until = decision.statement_until
    return _noticed(decision) and until is not None and today() > until


def _hearing(*states: str) -> Callable[[Decision], bool]:
    def offered(decision: Decision) -> bool:
        hearing = hearings.of(decision)
        return _noticed(decision) and hearing is not None and hearing.state in states

    return offered


ACTS = {
    "serve-notice": Act(
        "rating.serve_decision",
        _("登记告知书送达"),
        _("陈述申辩期自送达之日起五个工作日；留置送达或拒签须有见证人。"),
        ServiceForm,
        serving.serve_notice,
        lambda decision: _noticed(decision) and decision.statement_until is None,
    ),
    "statement": Act(
        "rating.notice_decision",
        _("登记陈述申辩"),
        _("记下主体在期限内所作的陈述申辩，连同材料。"),
        StatementForm,
        decisions.state_defence,
        _noticed,
    ),
    "hearing": Act(
        "rating.notice_decision",
        _("登记听证要求"),
        _("主体在期限内书面要求听证的，在这里登记。"),
        HearingRequestForm,
        hearings.request,
        lambda decision: _noticed(decision) and decision.hearing_offered and hearings.of(decision) is None,
    ),
    "schedule": Act(
        "rating.notice_decision",
        _("通知听证"),
        _("应在听证七个工作日前通知；主持人不能是拟认定人。"),
        HearingForm,
        hearings.schedule,
        _hearing(Hearing.State.REQUESTED, Hearing.State.SCHEDULED),
    ),
    "minutes": Act(
        "rating.notice_decision",
        _("登记听证笔录"),
        _("听证举行后登记；认定时须答复听证意见。"),
        MinutesForm,
        hearings.hold,
        _hearing(Hearing.State.SCHEDULED),
    ),
    "no-hearing": Act(
        "rating.notice_decision",
        _("听证撤回或放弃"),
        _("主体撤回听证要求，或无正当理由不出席。"),
        ReasonForm,
        hearings.cancel,
        _hearing(Hearing.State.REQUESTED, Hearing.State.SCHEDULED),
    ),
    "confirm": Act(
        "rating.confirm_decision",
        _("作出认定"),
        _("须由告知人以外的人在陈述申辩期满后认定；等级自决定书送达之日起生效。"),
        ConfirmForm,
        decisions.confirm,
        _ripe,
    ),
    "serve": Act(
        "rating.serve_decision",
        _("登记决定书送达"),
        _("等级自送达之日起生效；送达前不公开。"),
        ServiceForm,
        serving.serve_decision,
        lambda decision: decision.state == State.CONFIRMED,
    ),
    "lift": Act(
        "rating.confirm_decision",
        _("解除"),
        _("解除下调或暂停，结果随即按账本重新出具。"),
        ReasonForm,
        interim.lift,
        lambda decision: decision.state == State.EFFECTIVE and decision.ground in Decision.INTERIM,
    ),
    "withdraw": Act(
        "rating.notice_decision",
        _("撤回告知"),
        _("撤回后原等级不变，结果仍待认定。"),
        ReasonForm,
        decisions.withdraw,
        _noticed,
    ),
}
_FIRST = ("confirm", "serve-notice", "serve")


def _next(decision: Decision | None) -> str:
    """What has to happen now, by whom and until when, in a sentence."""
    if decision is None or decision.state not in (State.NOTICED, State.CONFIRMED):
        return ""
    if decision.state == State.CONFIRMED:
        day = remedies.day_told(decision.serve_by)
        return gettext("下一步：在%(day)s前送达决定书，送达之日等级生效。") % {"day": day}
    if decision.statement_until is None:
        return gettext("下一步：送达告知书，陈述申辩期自送达起五个工作日。")
    told = {"day": remedies.day_told(decision.statement_until), "name": decision.noticed_by}
    if not _ripe(decision):
        return gettext("主体可以陈述申辩到%(day)s；次日起由%(name)s以外的人作出认定。") % told
    return gettext("陈述申辩期已于%(day)s届满；下一步：由%(name)s以外的人作出认定。") % told


@admin.register(Decision)
class DecisionAdmin(ProducerSearch, DeadlineAdmin):
    """Read only but for the acts."""

    list_display = (
        *("producer", "grade", "ground", "state_word", "noticed_on", "statement_ends"),
        *("decided_on", "serve_ends", "effective_on"),
    )
    list_filter = ("state", "ground", "run__year", DivisionFilter)
    list_filter_submit = True
    list_select_related = ("producer",)
    ordering = ("-id",)
    change_form_outer_before_template = "admin/rating/decision/acts.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("producer", "run", "rating_version", "grade", "ground", "state_word", "reasons"),
                    *("basis", "evidence", "papers"),
                )
            },
        ),
        (
            _("告知和陈述申辩"),
            {
                "fields": (
                    *("noticed_by", "noticed_on", "notice_served_on", "statement_ends", "statement"),
                    *("files", "hearing_offered", "heard"),
                )
            },
        ),
        (
            _("认定和送达"),
            {
                "fields": (
                    *("decided_by", "decided_on", "outcome_reason", "serve_ends", "receipts"),
                    *("effective_on", "written_version", "lifted_on", "lift_reason"),
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Everything."""
        return [name for _title, options in self.fieldsets for name in options["fields"]]

    def get_urls(self) -> list[URLPattern]:
        """A page for each act, and the letters."""
        act, letter = (self.admin_site.admin_view(view) for view in (self.act_view, self.letter_view))
        own = [
            path("<int:pk>/act/<slug:name>/", act, name="rating_decision_act"),
            path("<int:pk>/letter/<slug:letter>/", letter, name="rating_decision_letter"),
        ]
        urls: list[URLPattern] = own + super().get_urls()
        return urls

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The decision under the acts that are open to this person."""
        decision = self.get_object(request, object_id)
        offered = [
            {
                "label": str(act.label),
                "url": reverse("admin:rating_decision_act", args=[object_id, name]),
                "variant": "primary" if name in _FIRST else "default",
            }
            for name, act in ACTS.items()
            if decision is not None
            and act.offered(decision)
            and request.user.has_perm(act.permission)
            and not (name == "confirm" and decision.noticed_by_id == request.user.pk)
        ]
        context = {"steps": offered, "next_step": _next(decision), **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def act_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask, then act."""
        decision = get_object_or_404(self.get_queryset(request).select_related("producer", "run"), pk=pk)
        chosen = ACTS.get(name)
        if chosen is None or not request.user.has_perm(chosen.permission):
            raise PermissionDenied

        def act(values: dict[str, Any]) -> str:
            chosen.act(decision=decision, actor=request.user, **values)
            decision.refresh_from_db()
            return gettext("%(producer)s的认定事项现为“%(state)s”。") % {
                "producer": decision.producer,
                "state": decision.get_state_display(),
            }

        sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        return act_page(
            request,
            title=f"{chosen.label} · {decision.producer}",
            lines=[str(chosen.says)],
            button=str(chosen.label),
            form=chosen.form(*sent),
            act=act,
            back=reverse("admin:rating_decision_change", args=[decision.pk]),
        )

    def letter_view(self, request: HttpRequest, pk: int, letter: str) -> HttpResponse:
        """One letter as PDF."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        decision = get_object_or_404(
            self.get_queryset(request).select_related("producer", "run__scheme"), pk=pk
        )
        try:
            content = letters.of_decision(decision, letter)
        except ValidationError:
            raise Http404 from None
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{letter}-{decision.pk}.pdf"'
        return response

    def deadlines(self, row: Decision) -> list[date | None]:
        """Of the statement, and of serving the decision."""
        return [row.statement_until, row.serve_by]

    def in_words(self, deadlines: Iterable[date | None]) -> dict[date | None, str]:
        """The dates themselves."""
        return remedies.days_told(deadlines)

    @admin.display(description=_("陈述申辩截止日"), ordering="statement_until")
    def statement_ends(self, decision: Decision) -> str:
        """Until when the producer may answer; provisional while a year is not announced."""
        return self.told(decision)[0]

    @admin.display(description=_("决定送达期限"), ordering="serve_by")
    def serve_ends(self, decision: Decision) -> str:
        """Until when the decision has to be served; provisional while a year is not announced."""
        return self.told(decision)[1]

    @admin.display(description=_("所据信息"))
    def evidence(self, decision: Decision) -> str:
        """The facts it rests on: day, kind and uid of each."""
        rows = CreditEvent.objects.filter(uid__in=decision.evidence_uids).order_by("occurred_on", "pk")
        facts = ((full_date(row.occurred_on), row.event_kind.label, row.uid) for row in rows)
        return format_html_join("；", "{} {}（{}）", facts) or "—"

    @admin.display(description=_("文书"))
    def papers(self, decision: Decision) -> str:
        """The letters to print."""
        rows = (
            (reverse("admin:rating_decision_letter", args=[decision.pk, name]), title)
            for name, title in letters.letters_of(decision).items()
        )
        return format_html_join("　", '<a class="text-link" href="{}">{}</a>', rows)

    @admin.display(description=_("附件"))
    def files(self, decision: Decision) -> str:
        """What was handed in."""
        return links(decision.attachments.all())

    @admin.display(description=_("听证"))
    def heard(self, decision: Decision) -> str:
        """The hearing, if one was asked for."""
        hearing = hearings.of(decision)
        if hearing is None:
            return "—"
        when = f" · {full_date(hearing.scheduled_on)} {hearing.place}" if hearing.scheduled_on else ""
        return f"{hearing.get_state_display()}{when} · {hearing.request} {hearing.minutes}".strip()

    @admin.display(description=_("送达回证"))
    def receipts(self, decision: Decision) -> str:
        """How each document was served."""
        rows = (
            (
                row.get_document_display(),
                row.get_method_display(),
                full_date(row.served_on),
                row.recipient,
                f"（{_('拒绝签收')}，{row.witness}）" if row.refused else row.witness,
            )
            for row in decision.receipts.order_by("id")
        )
        return format_html_join("；", "{} · {} · {} {} {}", rows) or "—"

    @display(description=_("状态"), label=COLOURS, ordering="state")  # type: ignore[untyped-decorator]  # Unfold ships no types
    def state_word(self, decision: Decision) -> tuple[str, str]:
        """The state in words."""
        return Labelled(decision.state, decision.get_state_display())
