"""Verification on a phone (``/field/reviews/``), and the producer's answer to a returned record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse as url
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from agricredit.foundation.common.paginators import KeysetPaginator, large_table_count
from archives.models import RecordReview, ReviewState
from archives.portal import timeline, wording
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import sent, take
from archives.services.records import NOUNS
from archives.services.reviews import deciding
from archives.services.reviews.reading import attach

LISTED = 20
SHOWN_STATES = (ReviewState.OPEN, ReviewState.RETURNED, ReviewState.CONFIRMED)


class ReasonForm(forms.Form):
    """Why a record is returned or reversed."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=deciding.REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("主体会看到，请写清楚哪里不对、要怎么办"),
    )


class AnswerForm(forms.Form):
    """What the producer says about a returned record."""

    text = forms.CharField(
        label=gettext_lazy("情况说明"),
        max_length=deciding.REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("如：票据在家里，当天确实买了这么多"),
    )


@never_cache
@login_required
@permission_required("archives.view_recordreview", raise_exception=True)
def reviews(request: HttpRequest) -> HttpResponse:
    """The work list, newest first, with a tick for each that the person may verify."""
    state = request.GET.get("state", ReviewState.OPEN)
    if state not in SHOWN_STATES:
        raise Http404
    mine = _visible(request)
    rows = mine.filter(state=state).order_by("-put_up_at", "-pk")
    try:
        page = KeysetPaginator(rows, LISTED).page(request.GET.get("after", ""))
    except signing.BadSignature:
        raise Http404 from None
    return render(
        request,
        "field/reviews/list.html",
        {
            "entries": [presented(review) for review in attach(page.items)],
            "next_cursor": page.next_cursor,
            "state": state,
            "states": [(value, ReviewState(value).label) for value in SHOWN_STATES],
            "count": large_table_count(mine.filter(state=state)),
        },
    )


@never_cache
@login_required
@permission_required("archives.change_recordreview", raise_exception=True)
def confirm(request: HttpRequest) -> HttpResponse:
    """GET shows what was ticked, POST verifies it; both leave out what somebody else must verify."""
    given = (request.POST if request.method == "POST" else request.GET).getlist("review")
    keys = [int(text) for text in given if text.isdecimal() and len(text) < 19][: deciding.BULK_MOST]
    rows = _visible(request).filter(pk__in=keys).order_by("-put_up_at", "-pk")
    if request.method == "POST":
        try:
            done = deciding.confirm(reviews=[row.pk for row in rows], actor=request.user)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
            return redirect("field:reviews")
        messages.success(request, deciding.said(done))
        return redirect(f"{url('field:reviews-undo')}?act={done.act}")
    entries = [presented(review) for review in attach(rows)]
    fit = [entry for entry in entries if entry["mine"]]
    if not fit:
        messages.error(request, _("请先勾选要核实的记录。"))
        return redirect("field:reviews")
    return render(request, "field/reviews/confirm.html", {"entries": fit, "left": len(entries) - len(fit)})


@never_cache
@login_required
@permission_required("archives.change_recordreview", raise_exception=True)
def undo(request: HttpRequest) -> HttpResponse:
    """GET: what was just verified, with the button that takes it back; POST takes it back."""
    try:
        act = UUID(request.GET.get("act", ""))
    except ValueError:
        raise Http404 from None
    if request.method == "POST":
        try:
            messages.success(request, deciding.said_undone(deciding.undo(act=act, actor=request.user)))
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        return redirect("field:reviews")
    count = _visible(request).filter(act=act, decided_by=request.user.pk).count()
    if not count:
        raise Http404
    return render(request, "field/reviews/done.html", {"count": count})


@never_cache
@login_required
@permission_required("archives.view_recordreview", raise_exception=True)
def review(request: HttpRequest, review_id: int) -> HttpResponse:
    """One record with everything it says, and the three decisions."""
    row = _one(request, review_id)
    context = {
        "entry": presented(row),
        "facts": wording.facts(row.row) if row.row is not None else [],
        "may": request.user.has_perm("archives.change_recordreview"),
    }
    return render(request, "field/reviews/detail.html", context)


@never_cache
@login_required
@permission_required("archives.change_recordreview", raise_exception=True)
def send_back(request: HttpRequest, review_id: int) -> HttpResponse:
    """Return it to its producer, with the reason."""
    return _with_reason(request, review_id, "return", deciding.send_back, _("已退回，主体会看到理由。"))


@never_cache
@login_required
@permission_required("archives.change_recordreview", raise_exception=True)
def reverse(request: HttpRequest, review_id: int) -> HttpResponse:
    """Take the record back, with the reason."""
    return _with_reason(request, review_id, "reverse", deciding.reverse, _("记录已撤销，原记录仍保留备查。"))


@portal_page
@permission_required("archives.change_harvest", raise_exception=True)
def answer(request: HttpRequest, acting: Acting, noun: str, uid: UUID) -> HttpResponse:
    """The producer explains a returned record."""
    row = timeline.find(acting.producer, request.user, noun, uid) if noun in NOUNS else None
    returned = RecordReview.objects.visible_to(request.user).returned()
    found = returned.filter(noun=noun, uid=uid, producer=acting.producer).first()
    if row is None or found is None:
        raise Http404
    form = AnswerForm(sent(request))
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if take(form, lambda: deciding.answer(review=found, text=text, actor=request.user)):
            messages.success(request, _("已提交说明，等监管人员再看。"))
            return redirect("my:record", noun=noun, uid=uid)
    context = {
        "acting": acting, "noun": noun, "row": row, "review": found, "form": form,
        "line": wording.line(row),
    }  # fmt: skip
    return render(request, "portal/records/answer.html", context)


def presented(row: RecordReview) -> dict[str, Any]:
    """One review as a list shows it; ``mine`` says whether the person may verify it."""
    noun = NOUNS[row.noun].model._meta.verbose_name
    own = row.own
    return {
        "review": row,
        "noun": noun,
        "line": wording.line(row.row) if row.row is not None else "",
        "own": own,
        "mine": row.state == ReviewState.OPEN and not own,
    }


def review_of(row: Any) -> RecordReview | None:
    """How the record stands with the officers; None when nobody looks at it."""
    found: RecordReview | None = RecordReview.objects.filter(uid=row.uid, producer_id=row.producer_id).first()
    return found


def _visible(request: HttpRequest) -> Any:
    rows = RecordReview.objects.visible_to(request.user).with_own(request.user)
    return rows.select_related("producer__region", "recorded_by", "decided_by")


def _one(request: HttpRequest, review_id: int) -> RecordReview:
    row: RecordReview = get_object_or_404(_visible(request), pk=review_id)
    return attach([row])[0]


def _with_reason(request: HttpRequest, review_id: int, act: str, service: Any, done: str) -> HttpResponse:
    row = _one(request, review_id)
    form = ReasonForm(sent(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if take(form, lambda: service(review=row, reason=reason, actor=request.user)):
            messages.success(request, done)
            return redirect("field:reviews")
    return render(request, "field/reviews/reason.html", {"entry": presented(row), "form": form, "act": act})
