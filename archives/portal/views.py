"""Pages of records. Every row comes from ``visible_to``; every write goes through one service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from agricredit.foundation.audit.services import record
from archives.models import InputUse, RecordPhoto, SelfTest
from archives.portal import flows, repeating, timeline, wording
from archives.portal.acting import SESSION_KEY, Acting, actable, portal_page
from archives.portal.forms import DisposalForm, ReverseForm, done, sent
from archives.portal.reviews import review_of
from archives.services.records import NOUNS, record_disposal, reverse_record, scope_fault

LISTED = 20


@never_cache
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Choose for whom to act; acting for somebody else is written to the audit."""
    mine = actable(request.user)
    target = request.POST.get("next", request.GET.get("next", ""))
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/my/"
    if request.method == "POST":
        for acting in mine:
            if str(acting.producer.pk) == request.POST.get("producer"):
                request.session[SESSION_KEY] = acting.producer.pk
                if acting.on_behalf:
                    record(
                        verb="membership.acted",
                        target=acting.producer,
                        region_code=acting.producer.region_id,
                    )
                return redirect(target)
        raise Http404
    return render(request, "portal/choose.html", {"mine": mine, "next": target})


@portal_page
def records(request: HttpRequest, acting: Acting) -> HttpResponse:
    """今天做了什么: a button an act, what was done last, then all records."""
    noun = request.GET.get("kind", "")
    if noun and noun not in NOUNS:
        raise Http404
    try:
        page = timeline.page(
            acting.producer, request.user, noun=noun, cursor=request.GET.get("after", ""), size=LISTED
        )
    except signing.BadSignature:
        raise Http404 from None
    sectors = acting.producer.sectors
    return render(
        request,
        "portal/records/list.html",
        {
            "acting": acting,
            "acts": [(act, act.word(sectors), act.hint_for(sectors)) for act in wording.acts_for(sectors)],
            "entries": [presented(entry, sectors) for entry in page.entries],
            "next_cursor": page.next_cursor,
            "kind": noun,
            "first_page": not request.GET.get("after"),
        },
    )


def presented(entry: timeline.Entry, sectors: list[str]) -> dict[str, Any]:
    """One record as a list shows it, with the address of 再记一次."""
    return {
        "noun": entry.noun,
        "row": entry.row,
        "act": wording.ACT_OF[entry.noun].record(sectors),
        "line": wording.line(entry.row),
    }


@portal_page
def detail(request: HttpRequest, acting: Acting, noun: str, uid: UUID) -> HttpResponse:
    """One record: what it says, what follows from it, and taking it back."""
    row = _found(request, acting, noun, uid)
    return render(
        request,
        "portal/records/detail.html",
        {
            "acting": acting,
            "noun": noun,
            "row": row,
            "act": wording.ACT_OF[noun].record(acting.producer.sectors),
            "line": wording.line(row),
            "facts": wording.facts(row),
            "scope_fault": scope_fault(row) if isinstance(row, InputUse) else "",
            "first_day": flows.first_day(row) if noun == "use" and row.status == "active" else "",
            "disposal_due": isinstance(row, SelfTest) and not row.passed and row.disposed_on is None,
            "photos": RecordPhoto.objects.visible_to(request.user).filter(record=row.uid).order_by("pk"),
            "review": review_of(row),
            "sellable": noun == "harvest" and row.product.certificate_required,
        },
    )


@portal_page
def again(request: HttpRequest, acting: Acting, noun: str, uid: UUID) -> HttpResponse:
    """再记一次: the same once more, asked only for what changes."""
    row = _found(request, acting, noun, uid)
    response = redirect("my:record-new", noun=noun)
    response["Location"] += repeating.again(noun, row)
    return response


@portal_page
@permission_required("archives.change_harvest", raise_exception=True)
def reverse(request: HttpRequest, acting: Acting, noun: str, uid: UUID) -> HttpResponse:
    """Take a mis-entered record back, with a reason."""
    row = _found(request, acting, noun, uid)
    form = ReverseForm(sent(request))
    if done(request, form, reverse_record, row=row):
        messages.success(request, _("已撤销，原记录仍保留备查。"))
        return redirect("my:record", noun=noun, uid=uid)
    context = {"acting": acting, "noun": noun, "row": row, "form": form, "line": wording.line(row)}
    return render(request, "portal/records/reverse.html", context)


@portal_page
@permission_required("archives.change_selftest", raise_exception=True)
def dispose(request: HttpRequest, acting: Acting, uid: UUID) -> HttpResponse:
    """Write down what was done with a batch that failed its test."""
    row = _found(request, acting, "self_test", uid)
    assert isinstance(row, SelfTest)  # noqa: S101 - the noun says so
    form = DisposalForm(sent(request))
    if done(request, form, record_disposal, test=row):
        messages.success(request, _("已保存处置情况。"))
        return redirect("my:record", noun="self_test", uid=uid)
    context = {"acting": acting, "row": row, "form": form, "line": wording.line(row)}
    return render(request, "portal/records/dispose.html", context)


def _found(request: HttpRequest, acting: Acting, noun: str, uid: UUID) -> Any:
    row = timeline.find(acting.producer, request.user, noun, uid) if noun in NOUNS else None
    if row is None:
        raise Http404
    return row
