"""Certificates on paper: a 60 × 40 mm label and an A4 sheet, both vector PDF made by Typst."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Literal

import segno
from django.conf import settings
from django.utils.translation import gettext as _

from agricredit.foundation.common import pdf as documents
from certificates.models import Certificate
from certificates.services.signing import as_text

TEMPLATES = Path(__file__).resolve().parent.parent / "documents"
Layout = Literal["label", "sheet"]


def address(certificate: Certificate) -> str:
    """The certificate's page with its signed statement, in upper case for a dense QR code."""
    return f"{settings.PUBLIC_URL}/c/{certificate.code}/{as_text(bytes(certificate.statement))}".upper()


def qr_svg(certificate: Certificate) -> str:
    """The QR code (error level M) as SVG with the quiet zone that scanners need."""
    out = io.BytesIO()
    segno.make(address(certificate), error="m", micro=False).save(out, kind="svg", border=4, xmldecl=False)
    return out.getvalue().decode()


def pdf(certificate: Certificate, layout: Layout) -> bytes:
    """The PDF of one certificate; a void one says so across the sheet."""
    return documents.compiled(TEMPLATES / f"{layout}.typ", _facts(certificate))


def _facts(certificate: Certificate) -> dict[str, Any]:
    quantity = f"{certificate.quantity.normalize():f} {_('公斤')}"
    rows = [
        (_("产品名称"), certificate.product.name),
        (_("数量（重量）"), quantity),
        (_("产地"), certificate.origin_text),
        (_("生产者"), certificate.issuer_name),
        (_("联系方式"), certificate.contact or _("见查验页")),
        (_("开具日期"), f"{certificate.issued_on:%Y-%m-%d}"),
    ]
    return {
        "title": f"承诺达标合格证 {certificate.code}",
        "product": certificate.product.name,
        "quantity": quantity,
        "lines": [value for _label, value in rows[2:4]] + [rows[5][1]],
        "rows": rows,
        "promise": certificate.promise,
        "bases": certificate.basis_labels,
        "code": certificate.code,
        "qr": qr_svg(certificate),
        "void": _void_words(certificate),
    }


def _void_words(certificate: Certificate) -> str:
    if certificate.status != Certificate.Status.VOID:
        return ""
    return _("本证已作废：%(reason)s") % {"reason": certificate.void_reason}
