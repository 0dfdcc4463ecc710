"""Entering a record: the pages of :mod:`archives.portal.asking`, and the one that writes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from archives.portal import flows, wording
from archives.portal.acting import Acting, portal_page
from archives.portal.asking import Ask, Question, Walk
from archives.portal.forms import refusals
from archives.services import records
from archives.services.records import NOUNS, RecordsRefused

RECORDERS = {
    "purchase": records.record_purchase,
    "use": records.record_use,
    "pest": records.record_pest,
    "harvest": records.record_harvest,
    "self_test": records.record_self_test,
    "sale": records.record_sale,
    "batch": records.record_batch,
    "immunisation": records.record_immunisation,
    "harmless": records.record_harmless,
    "packing": records.record_packing,
    "packaging": records.record_packaging,
}


def answers_kept(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Whose login has run out on the last page comes back to it with all that was answered."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or request.user.is_authenticated:
            return view(request, *args, **kwargs)
        answers = {name: text for name, text in request.POST.items() if name != "csrfmiddlewaretoken"}
        return redirect_to_login(f"{request.path}?{urlencode({**answers, 'at': flows.WhenQuestion.slug})}")

    return page


@answers_kept
@portal_page
@permission_required("archives.add_harvest", raise_exception=True)
def new(request: HttpRequest, acting: Acting, noun: str) -> HttpResponse:
    """One page of entering a record (GET), or the writing of it (POST)."""
    if noun not in NOUNS:
        raise Http404
    answers = (request.POST if request.method == "POST" else request.GET).dict()
    walk = Walk(Ask(acting.producer, noun, answers), flows.FLOWS[noun])
    if noun not in flows.NO_PRODUCT and not walk.ask.products:
        return render(request, "portal/records/no_products.html", {"acting": acting})
    if request.method == "POST":
        return _save(request, acting, walk)
    return _shown(request, acting, walk, _asked(walk, answers))


def _asked(walk: Walk, answers: dict[str, str]) -> Question:
    """``at`` names the page to show; ``from`` the one just answered."""
    if "at" in answers:
        wanted = walk.at(answers["at"])
        if wanted is not None and wanted.slug == walk.last.slug:
            return walk.after(walk.last.slug, straight=True)
        if wanted is not None:
            return wanted
    if "from" in answers:
        return walk.after(answers["from"], straight="straight" in answers)
    return walk.questions[0](walk.ask)


def _save(request: HttpRequest, acting: Acting, walk: Walk) -> HttpResponse:
    answered = walk.answered()
    if len(answered) < len(walk.questions) - 1:
        return _shown(request, acting, walk, walk.after(walk.last.slug, straight=False))
    form = walk.last(walk.ask, walk.ask.answers)
    if not form.is_valid():
        return _shown(request, acting, walk, form)
    try:
        row = written(walk, [*answered, form], actor=request.user)
    except ValidationError as refusal:
        return _refused(request, acting, walk, form, refusal)
    messages.success(request, _("已保存。"))
    return redirect("my:record", noun=walk.ask.noun, uid=row.uid)


def written(walk: Walk, answered: list[Question], *, actor: Any, **more: Any) -> Any:
    """Write the record that the answers make; ValidationError as the noun's service refuses."""
    fields = flows.fields_of(answered) | more
    return RECORDERS[walk.ask.noun](producer=walk.ask.producer, uid=walk.uid, actor=actor, **fields)


def _refused(
    request: HttpRequest, acting: Acting, walk: Walk, form: Question, refusal: ValidationError
) -> HttpResponse:
    """Show the page whose answer was refused, the sentence beside its field, all other answers kept."""
    if isinstance(refusal, RecordsRefused) and refusal.is_conflict:
        walk.uid = uuid.uuid4()
        form.add_error(None, _("这一笔刚才已经存过，内容和现在的不同。如果这是另一笔，请再点一次“保存”。"))
        return _shown(request, acting, walk, form)
    faults = refusals(refusal)
    first = min((walk.owner(field) for field in faults), key=[page.slug for page in walk.questions].index)
    page = form
    if first != walk.last.slug:
        page = next(question for question in walk.questions if question.slug == first)(
            walk.ask, walk.ask.answers
        )
        page.is_valid()
    for field, errors in faults.items():
        if walk.owner(field) == first:
            page.add_error(field if field in page.fields else None, errors)
    return _shown(request, acting, walk, page, straight=True)  # all else is answered: put right, it is saved


def _shown(
    request: HttpRequest, acting: Acting, walk: Walk, page: Question, *, straight: bool = False
) -> HttpResponse:
    last = page.slug == walk.last.slug
    answered = walk.answered() if last else []
    number, count = walk.place(page)
    context: dict[str, Any] = {
        "acting": acting,
        "act": wording.ACT_OF[walk.ask.noun].word(acting.producer.sectors),
        "form": page,
        "carried": walk.carried(page),
        "last": last,
        "number": number,
        "count": count,
        "before": walk.before(page),
        "straight": straight or "straight" in walk.ask.answers,
        "summary": [
            {"title": form.heading, "said": form.said(), "change": walk.link(form.slug, straight="1")}
            for form in answered
        ],
        "warnings": flows.warnings(walk, answered) if last else [],
        "stopped": last and walk.ask.noun in ("harvest", "sale"),
    }
    return render(request, "portal/records/ask.html", context)
