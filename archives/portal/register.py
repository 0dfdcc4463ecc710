"""我的档案: what the bureau keeps on the producer, kept by the producer itself; an officer checks it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agricredit.foundation.common.templatetags.formats import full_date, plain_number
from archives.models import Delivery, Document, Kept, ProducerProduct, Profile, ProfileState
from archives.models.identities import PESTICIDE_SALE
from archives.portal.acting import Acting, portal_page
from archives.portal.forms import done, refusals, sent, take
from archives.portal.register_flows import FLOWS, Page
from archives.portal.register_forms import EndForm, PhotoForm
from archives.register_forms import EntryForm, add_refusals, entry_form
from archives.services import producers
from archives.services.register import completeness, documents, keeping, texts
from archives.services.register.nouns import NOUNS, Noun

RADIOS = 7
"""Up to so many choices are shown as rows to tap."""


@portal_page
def overview(request: HttpRequest, acting: Acting) -> HttpResponse:
    """How complete the file is, what is missing, every section with how much it holds."""
    producer = acting.producer
    profile = Profile.objects.filter(producer=producer).first()
    missing = [completeness.ITEMS[code] for code in (profile.missing if profile else [])]
    context = {
        "acting": acting,
        "profile": profile,
        "missing": [{"label": item.label, "noun": item.noun} for item in missing],
        "state": ProfileState.objects.filter(producer=producer).first(),
        "sections": [(noun, _count(noun, acting)) for noun in _open_to(request)],
        "products": ProducerProduct.objects.filter(producer=producer).count(),
        "pledge": texts.pledge_due(producer),
        "deliveries": _deliveries(acting),
    }
    return render(request, "portal/file/overview.html", context)


@require_POST
@portal_page
def confirm(request: HttpRequest, acting: Acting) -> HttpResponse:
    """The file is still true: one tap, every half year."""
    if request.POST.get("true") == "1":  # the button's own word: an empty post confirms nothing
        producers.confirm(producer=acting.producer, actor=request.user)
        messages.success(request, _("已确认档案内容真实有效。"))
    return redirect("my:file")


@portal_page
def section(request: HttpRequest, acting: Acting, kept: str) -> HttpResponse:
    """The entries of one section."""
    noun = _noun(request, kept)
    rows = noun.model._default_manager.filter(producer=acting.producer).order_by("ended_on", "-pk")[:50]
    may_add = request.user.has_perm(noun.right("add"))
    context = {"acting": acting, "noun": noun, "rows": rows, "may_add": may_add}
    return render(request, "portal/file/section.html", context)


@portal_page
def entry(request: HttpRequest, acting: Acting, kept: str, entry: int) -> HttpResponse:
    """One entry: what it says, whether it was checked, its photos."""
    noun = _noun(request, kept)
    row = _row(noun, acting, entry)
    files = Document.objects.open().filter(producer=acting.producer, noun=noun.code, row_id=row.pk)
    context = {
        "acting": acting, "noun": noun, "row": row, "facts": _facts(noun, row), "files": files,
        "may_change": request.user.has_perm(noun.right("change")),
        "may_upload": request.user.has_perm("archives.add_document"),
    }  # fmt: skip
    return render(request, "portal/file/entry.html", context)


@portal_page
def new(request: HttpRequest, acting: Acting, kept: str) -> HttpResponse:
    """A new entry, one question a page."""
    noun = _noun(request, kept)
    _need(request, noun.right("add"))
    return _asked(request, acting, noun, None)


@portal_page
def change(request: HttpRequest, acting: Acting, kept: str, entry: int) -> HttpResponse:
    """The same questions with what stands there filled in."""
    noun = _noun(request, kept)
    _need(request, noun.right("change"))
    return _asked(request, acting, noun, _row(noun, acting, entry))


@portal_page
def end(request: HttpRequest, acting: Acting, kept: str, entry: int) -> HttpResponse:
    """What no longer holds is ended, with a reason."""
    noun = _noun(request, kept)
    _need(request, noun.right("change"))
    row = _row(noun, acting, entry)
    form = EndForm(sent(request))
    if done(request, form, keeping.end, row=row):
        messages.success(request, _("已停用，原来的内容留着备查。"))
        return redirect("my:file-section", kept=kept)
    return render(request, "portal/file/end.html", {"acting": acting, "noun": noun, "row": row, "form": form})


@portal_page
def photo(request: HttpRequest, acting: Acting, kept: str, entry: int) -> HttpResponse:
    """A photo or scan of the document behind an entry."""
    noun = _noun(request, kept)
    _need(request, "archives.add_document")
    row = _row(noun, acting, entry)
    form = PhotoForm(sent(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {"producer": acting.producer, "row": row, "title": str(row), "actor": request.user}
        personal = noun.code in ("identity", "staff")
        if take(form, lambda: documents.keep(**given, personal=personal, **form.cleaned_data)):
            messages.success(request, _("照片已存入档案。"))
            return redirect("my:file-entry", kept=kept, entry=row.pk)
    return render(
        request, "portal/file/photo.html", {"acting": acting, "noun": noun, "row": row, "form": form}
    )


@portal_page
def document(request: HttpRequest, acting: Acting, document: UUID) -> Any:
    """One of the producer's own files."""
    row = get_object_or_404(Document.objects.filter(producer=acting.producer), uid=document)
    try:
        stream = documents.opened(document=row, actor=request.user)
    except (ValidationError, FileNotFoundError) as gone:
        raise Http404 from gone
    answer = FileResponse(stream, as_attachment=True, filename=f"{row.title}.{row.content}")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _asked(request: HttpRequest, acting: Acting, noun: Noun, row: Kept | None) -> HttpResponse:
    """One page of the questions (GET), or the writing (POST). All answers but the last's travel along."""
    pages = FLOWS[noun.code]
    given = request.POST if request.method == "POST" else request.GET
    at = min(int(given.get("step", "0")) if given.get("step", "0").isdecimal() else 0, len(pages) - 1)
    if request.method == "POST":
        return _saved(request, acting, noun, row)
    if "next" in given:
        form = _form(noun, acting, _fields(pages[at], given), row, given)
        if not form.is_valid():
            return _page(request, acting, noun, row, at, form)
        at += 1
    return _page(
        request, acting, noun, row, at, _form(noun, acting, _fields(pages[at], given), row, None, given)
    )


def _fields(page: Page, given: Mapping[str, str]) -> tuple[str, ...]:
    """The page's fields that there is something to ask about: only pesticides have restricted ones."""
    return tuple(name for name in page.fields if name != "restricted" or given.get("kind") == PESTICIDE_SALE)


def _saved(request: HttpRequest, acting: Acting, noun: Noun, row: Kept | None) -> HttpResponse:
    form = _form(noun, acting, noun.fields, row, request.POST)
    if form.is_valid():
        try:
            if row is None:
                done = keeping.add(
                    noun=noun.code, producer=acting.producer, actor=request.user, **form.given()
                )
            else:
                done = keeping.change(row=row, actor=request.user, **form.given())
            messages.success(
                request, _("已保存。") if not noun.is_checked else _("已保存，等待监管人员核验。")
            )
            return redirect("my:file-entry", kept=noun.code, entry=done.pk)
        except ValidationError as refusal:
            add_refusals(form, refusals(refusal))
    pages = FLOWS[noun.code]
    at = next((n for n, page in enumerate(pages) if set(page.fields) & set(form.errors)), len(pages) - 1)
    shown = _form(noun, acting, _fields(pages[at], request.POST), row, request.POST)
    shown.is_valid()
    for name, errors in form.errors.as_data().items():
        if name not in shown.errors and (name in shown.fields or name == "__all__"):
            shown.add_error(name if name in shown.fields else None, list(errors))
    return _page(request, acting, noun, row, at, shown)


def _page(
    request: HttpRequest, acting: Acting, noun: Noun, row: Kept | None, at: int, form: EntryForm
) -> HttpResponse:
    pages = FLOWS[noun.code]
    given = request.POST if request.method == "POST" else request.GET
    private = set(pages[-1].fields)
    carried = [
        (name, given[name]) for name in noun.fields
        if name in given and name not in form.fields and (name not in private or at == len(pages) - 1)
    ]  # fmt: skip
    context = {
        "acting": acting, "noun": noun, "row": row, "form": form, "carried": carried,
        "heading": pages[at].title,
        "step": at, "number": at + 1, "count": len(pages), "last": at == len(pages) - 1,
        "before": "?" + urlencode([*carried, ("step", at - 1)]) if at else "",
    }  # fmt: skip
    return render(request, "portal/file/ask.html", context)


def _form(
    noun: Noun, acting: Acting, fields: tuple[str, ...], row: Kept | None, data: Any, known: Any = None
) -> EntryForm:
    made = entry_form(noun, acting.producer, _control, fields)
    filled = {name: known[name] for name in fields if known and name in known}
    form: EntryForm = made(data, instance=row, initial=filled) if row else made(data, initial=filled)
    return form


def _control(field: forms.Field) -> forms.Widget | None:
    """Few choices become rows to tap."""
    if type(field) is forms.TypedChoiceField and field.required:
        listed: Any = field.choices
        rows = [choice for choice in listed if choice[0]]
        field.choices = rows
        return forms.RadioSelect() if len(rows) <= RADIOS else None
    return None


def _open_to(request: HttpRequest) -> list[Noun]:
    return [noun for noun in NOUNS.values() if noun.by_producer and request.user.has_perm(noun.right("view"))]


def _count(noun: Noun, acting: Acting) -> int:
    rows = noun.model._default_manager.filter(producer=acting.producer, ended_on__isnull=True)
    return int(rows.aggregate(found=Count("pk"))["found"])


def _deliveries(acting: Acting) -> list[Delivery]:
    rows = Delivery.objects.open().filter(producer=acting.producer).select_related("text")
    return list(rows.order_by("-delivered_on", "-pk")[:10])


def _facts(noun: Noun, row: Any) -> list[tuple[str, str]]:
    """Everything an entry says, as pairs; personal numbers only masked, empty things left out."""
    found = []
    for name in noun.fields:
        column = row._meta.get_field(name)
        if column.get_internal_type() == "BinaryField":
            value = getattr(row, "shown", "")
        elif column.choices:
            value = getattr(row, f"get_{name}_display")()
        else:
            value = getattr(row, name)
            value = full_date(value) if column.get_internal_type() == "DateField" else value
            value = plain_number(value) if isinstance(value, Decimal) else value
        if value not in (None, "", False):
            found.append((str(column.verbose_name), _("是") if value is True else str(value)))
    return found


def _noun(request: HttpRequest, kept: str) -> Noun:
    if kept not in FLOWS:
        raise Http404
    _need(request, NOUNS[kept].right("view"))
    return NOUNS[kept]


def _row(noun: Noun, acting: Acting, entry: int) -> Any:
    return get_object_or_404(noun.model._default_manager.filter(producer=acting.producer), pk=entry)


def _need(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
