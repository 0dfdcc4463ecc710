"""The page behind a certificate's QR code: genuine or not, void or not, who promised what, how they stand."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from agricredit.foundation.common.masking import mask_name
from agricredit.pages.caching import public_page
from agricredit.pages.standings import face_of
from archives.models import InputUse, SelfTest
from certificates.models import Certificate
from certificates.services.signing import StatementRefused, from_text, key_id, public_key, verify


@public_page
def certificate(request: HttpRequest, code: str, statement: str = "") -> HttpResponse:
    """Answer a scan in one word, then say what to compare on the pack (a label can be copied)."""
    row = (
        Certificate.objects.filter(code=code.upper())
        .select_related("producer", "product", "harvest", "origin")
        .first()
    )
    if row is None:
        return render(request, "public/certificate_unknown.html", {"code": code}, status=404)
    holder = row.producer.resolved
    return render(
        request,
        "public/certificate.html",
        {
            "certificate": row,
            "issuer": row.issuer_name if row.shows_grade else mask_name(row.issuer_name),
            "signature_fault": _signature_fault(row, statement),
            "face": face_of(holder) if row.shows_grade and holder.is_public else None,
            "uses": _uses(row),
            "tests": _tests(row),
        },
    )


def _signature_fault(row: Certificate, statement: str) -> str:
    """Why the scanned signature does not fit this certificate; empty when it fits or none was scanned."""
    if not statement:
        return ""
    try:
        signed = verify(from_text(statement))
    except StatementRefused as refusal:
        return str(refusal)
    return "" if signed.code == row.code else _("签名属于另一张合格证")


def _uses(row: Certificate) -> list[InputUse]:
    """Inputs used on the batch's plot and product in the half year before harvest, newest first."""
    if row.harvest is None:
        return []
    uses = InputUse.objects.active().filter(
        producer=row.producer, product=row.product, occurred_on__lte=row.harvest.occurred_on
    )
    if row.harvest.plot_id:
        uses = uses.filter(plot=row.harvest.plot_id)
    return list(uses.order_by("-occurred_on")[:5])


def _tests(row: Certificate) -> list[SelfTest]:
    tests = SelfTest.objects.active().filter(producer=row.producer, product=row.product)
    return list(tests.filter(occurred_on__lte=row.issued_on).order_by("-occurred_on")[:3])


@public_page
def certificate_keys(request: HttpRequest) -> JsonResponse:
    """The public keys with which markets verify certificates offline."""
    key = public_key()
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return JsonResponse(
        {"keys": [{"id": key_id(key).hex(), "algorithm": "Ed25519", "key": base64.b64encode(raw).decode()}]}
    )
