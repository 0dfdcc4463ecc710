"""The public's pages: home with one search box, results, a producer, its proofs, and what one may ask for.

Natural persons are in none of them (DESIGN §7): an address of theirs is as unknown as one that never was.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render

from agricredit.foundation.common.clock import today
from agricredit.foundation.common.paginators import large_table_count
from agricredit.pages.caching import public_page
from agricredit.pages.city import city, scheme_grades
from agricredit.pages.standings import (
    face_of,
    history_of,
    sampling_events,
    sampling_sentences,
)
from archives.ledger import verify_log
from archives.models import Producer, Region, Seal
from archives.producer_querysets import ProducerQuerySet
from archives.services import proofs
from certificates.models import Certificate
from certificates.models.certificate import CODE_ALPHABET, CODE_LENGTH
from rating.services.schemes import scheme_for

QUERY_LENGTH = 80
LISTED = 20
_CERTIFICATE = re.compile(f"^[{CODE_ALPHABET}]{{{CODE_LENGTH}}}$")


@public_page
def home(request: HttpRequest) -> HttpResponse:
    """One search box, the city's grades, what is open for the public's remarks."""
    return render(request, "public/home.html", {"city": city()})


@public_page
def search(request: HttpRequest) -> HttpResponse:
    """The best matches; a code that names exactly one thing leads straight to it."""
    query = request.GET.get("q", "")[:QUERY_LENGTH].strip()
    if not query:
        return redirect("home")
    direct = _direct(query)
    if direct is not None:
        return direct
    county = request.GET.get("county", "")
    counties = _counties()
    if county not in {code for code, _name in counties}:
        county = ""
    found = Producer.objects.public().in_region(county)
    count = large_table_count(found.search(query))
    rows = _with_standing(found, query) if count else []
    return render(
        request,
        "public/search.html",
        {
            "query": query,
            "rows": rows,
            "count": str(count),
            "shown_all": count <= len(rows),
            "counties": counties,
            "county": county,
        },
    )


def _direct(query: str) -> HttpResponseRedirect | None:
    """Where an exact code leads: a certificate, a producer, or what a merged producer has become."""
    code = unicodedata.normalize("NFKC", query).upper().replace(" ", "").replace("-", "")
    if _CERTIFICATE.match(code) and Certificate.objects.filter(code=code).exists():
        return redirect("certificate", code=code)
    named = Producer.objects.exclude(nature=Producer.Nature.NATURAL_PERSON).filter(credit_code=code)
    known = named.order_by("merged_into_id").first() or (
        Producer.objects.exclude(nature=Producer.Nature.NATURAL_PERSON).filter(key=query).first()
    )
    if known is None or not known.resolved.is_public:
        return None
    return redirect("producer", key=known.resolved.key)


def _counties() -> list[tuple[str, str]]:
    """The home region's counties by code, to narrow a search that finds many."""
    rows = Region.objects.in_force().filter(parent_id=settings.HOME_REGION).order_by("code")
    return list(rows.values_list("code", "name"))


def _with_standing(found: ProducerQuerySet, query: str) -> list[dict[str, object]]:
    best = [row.pk for row in found.ranked(query, LISTED)]
    rows = Producer.objects.select_related("region", "standing__official_run__scheme").in_bulk(best)
    return [_result(rows[key]) for key in best]


def _result(producer: Producer) -> dict[str, object]:
    standing = getattr(producer, "standing", None)
    grade = standing.official_grade if standing else ""
    objected = bool(standing and grade and standing.objected)
    run = standing.official_run if standing else None
    words = scheme_grades(run.scheme.document) if run else {}
    return {
        "producer": producer,
        "grade": grade,
        "word": words.get(grade, {}).get("word", ""),
        "objected": objected,
    }


def _public_producer(key: str) -> Producer:
    """The producer of an address; unknown, natural person and merged into one all answer alike."""
    producer = (
        Producer.objects.select_related("region")
        .exclude(nature=Producer.Nature.NATURAL_PERSON)
        .filter(key=key)
        .first()
    )
    if producer is None or not producer.resolved.is_public:
        raise Http404
    return producer


@public_page
def producer(request: HttpRequest, key: str) -> HttpResponse:
    """One producer: grade, reasons, history, checks, rights. A merged one leads to what it became."""
    found = _public_producer(key)
    if found.merged_into_id is not None:
        return redirect("producer", key=found.resolved.key)
    face = face_of(found)
    this_year = today().year
    years = [this_year, face.run.year] if face.run else [this_year]
    return render(
        request,
        "public/producer.html",
        {
            "producer": found,
            "face": face,
            "history": history_of(found),
            "sampling": sampling_sentences(found, years),
            "certificates": Certificate.objects.filter(
                producer=found, status=Certificate.Status.ISSUED, issued_on__year=this_year
            ).count(),
            "this_year": this_year,
            "outside": not found.region_id.startswith(settings.HOME_REGION),
            "former_names": Producer.objects.filter(merged_into=found)
            .exclude(nature=Producer.Nature.NATURAL_PERSON)
            .values_list("name", flat=True),
        },
    )


@public_page
def proof(request: HttpRequest, key: str) -> HttpResponse:
    """The seal that the rating read, and proofs that the published samples are in the sealed ledger."""
    found = _public_producer(key)
    if found.merged_into_id is not None:
        return redirect("producer-proof", key=found.resolved.key)
    seal = Seal.objects.last_made()
    sealed = sampling_events(found).filter(pk__lte=seal.last_id) if seal else sampling_events(found).none()
    return render(
        request,
        "public/proof.html",
        {
            "producer": found,
            "run": face_of(found).run,
            "seal": proofs.seal_document(seal) if seal else None,
            "sealed_at": seal.sealed_at if seal else None,
            "events": sealed.order_by("-occurred_on", "-pk")[:50],
        },
    )


@public_page
def proof_document(request: HttpRequest, key: str, event: int) -> HttpResponse:
    """An inclusion proof of one published sample, as JSON for the stand-alone verifier."""
    found = _public_producer(key)
    row = sampling_events(found).filter(pk=event).first()
    seal = Seal.objects.last_made()
    if row is None or seal is None or row.pk > seal.last_id:
        raise Http404
    response = JsonResponse(
        proofs.inclusion_document(row, seal), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response["Content-Disposition"] = f'attachment; filename="proof-{event}.json"'
    return response


@public_page
def seals(request: HttpRequest) -> HttpResponse:
    """The published chain of the ledger's newest seals, as JSON."""
    return JsonResponse(proofs.seals_document(limit=400), json_dumps_params={"indent": 1})


@public_page
def verifier(request: HttpRequest) -> HttpResponse:
    """The stand-alone program that checks downloaded proofs; it needs nothing but Python."""
    return HttpResponse(
        Path(verify_log.__file__).read_bytes(),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_log.py"'},
    )


@public_page
def rights(request: HttpRequest) -> HttpResponse:
    """What a grade is and is not, how to object to it, and how to complain of a producer."""
    scheme = scheme_for(settings.HOME_REGION, today())
    grades = list(scheme_grades(scheme.document).values()) if scheme else []
    return render(request, "public/rights.html", {"scheme": scheme, "grades": grades})
