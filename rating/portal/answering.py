"""An intended decision as its producer meets it: receiving the notice, answering, asking to be heard."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agricredit.foundation.common.clock import today
from agricredit.foundation.common.files.responses import file_response
from archives.models import Producer
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import sent, take, uploads
from rating.models import Attachment, Decision
from rating.portal.forms import HearingForm, StatementForm
from rating.services import attachments, decisions, hearings, letters, serving

MAY_ANSWER = "rating.acknowledge_decision"


def decisions_of(producer: Producer) -> list[tuple[Decision, str]]:
    """Decisions on the producer, newest first, in words; a draft that was withdrawn unserved stays unseen."""
    rows = Decision.objects.filter(producer=producer).select_related("run__scheme", "producer")
    rows = rows.exclude(state=Decision.State.WITHDRAWN, notice_served_on__isnull=True)
    return [(row, letters.intent(row)) for row in rows.order_by("-id")]


def _own(acting: Acting, decision: int) -> Decision:
    for row, _said in decisions_of(acting.producer):
        if row.pk == decision:
            return row
    raise Http404


def _context(acting: Acting, row: Decision) -> dict[str, Any]:
    waits = row.state == Decision.State.NOTICED
    within = waits and row.statement_until is not None and today() <= row.statement_until
    titles = letters.letters_of(row)
    return {
        "acting": acting,
        "decision": row,
        "said": letters.intent(row),
        "hearing": hearings.of(row),
        "files": row.attachments.filter(purpose=Attachment.Purpose.STATEMENT),
        "letters": [(name, title) for name, title in titles.items() if not name.endswith("receipt")],
        "to_receive": _to_receive(row),
        "may_state": within,
        "may_ask_hearing": within and row.hearing_offered and hearings.of(row) is None,
    }


def _to_receive(row: Decision) -> str:
    """Which document waits to be taken, "" when none does."""
    if row.state == Decision.State.NOTICED and row.notice_served_on is None:
        return "notice"
    return "decision" if row.state == Decision.State.CONFIRMED else ""


@portal_page
@permission_required("rating.view_repair", raise_exception=True)
def decision_page(request: HttpRequest, acting: Acting, decision: int) -> HttpResponse:
    """The notice or decision in plain words, with what may be done about it and until when."""
    return render(request, "portal/remedies/decision.html", _context(acting, _own(acting, decision)))


@require_POST
@portal_page
@permission_required(MAY_ANSWER, raise_exception=True)
def receive(request: HttpRequest, acting: Acting, decision: int) -> HttpResponse:
    """Take the document that waits: electronic service with one's consent."""
    row, user = _own(acting, decision), request.user
    try:
        serving.acknowledge(decision=row, document=_to_receive(row), actor=user)  # type: ignore[arg-type]  # logged in: the page lets nobody else through
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("已签收，日期记入送达回证。"))
    return redirect("my:decision", decision=row.pk)


@portal_page
@permission_required(MAY_ANSWER, raise_exception=True)
def state(request: HttpRequest, acting: Acting, decision: int) -> HttpResponse:
    """State and defend, with papers."""
    row, form = _own(acting, decision), StatementForm(sent(request), uploads(request))
    user: Any = request.user

    def act() -> Decision:
        return decisions.state_defence(decision=row, actor=user, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and take(form, act):
        messages.success(request, _("陈述申辩已提交，作出决定的人须答复是否采纳。"))
        return redirect("my:decision", decision=row.pk)
    context = {**_context(acting, row), "form": form}
    return render(request, "portal/remedies/statement.html", context)


@portal_page
@permission_required(MAY_ANSWER, raise_exception=True)
def ask_hearing(request: HttpRequest, acting: Acting, decision: int) -> HttpResponse:
    """Ask for a hearing where the notice offers one."""
    row, form = _own(acting, decision), HearingForm(sent(request))
    user: Any = request.user

    def act() -> object:
        return hearings.request(decision=row, actor=user, **form.cleaned_data)

    if request.method == "POST" and form.is_valid() and take(form, act):
        messages.success(request, _("已要求听证，听证前七个工作日会通知您时间和地点。"))
        return redirect("my:decision", decision=row.pk)
    context = {**_context(acting, row), "form": form}
    return render(request, "portal/remedies/hearing.html", context)


@portal_page
@permission_required("rating.view_repair", raise_exception=True)
def letter(request: HttpRequest, acting: Acting, decision: int, letter: str) -> HttpResponse:
    """A letter as PDF."""
    row = _own(acting, decision)
    try:
        content = letters.of_decision(row, letter)
    except ValidationError:
        raise Http404 from None
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{letter}-{row.pk}.pdf"'
    return response


@portal_page
@permission_required("rating.view_attachment", raise_exception=True)
def file(request: HttpRequest, acting: Acting, attachment: int) -> Any:
    """A file that the producer's own people handed in."""
    own = Attachment.objects.visible_to(request.user).filter(producer=acting.producer)
    handed_in = (Attachment.Purpose.STATEMENT, Attachment.Purpose.OBJECTION, Attachment.Purpose.REPAIR)
    row = get_object_or_404(own.filter(purpose__in=handed_in), pk=attachment)
    return file_response(attachments.open_file(row), name=row.name, kind=row.kind)
