"""Loading schemes, bringing them into force, and which scheme a region rates by."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agricredit.foundation.accounts.models import User
from agricredit.foundation.audit import services as audit
from agricredit.foundation.common.clock import today
from archives.ledger.kinds import KINDS
from rating.engine import parsing
from rating.engine import scheme as engine_scheme
from rating.models import RegionScheme, Scheme
from rating.services import wording
from rating.services.access import require

SHIPPED = Path(__file__).resolve().parent.parent / "schemes"
#: Defaults until a province decides otherwise: Guangdong rates by gd-r1, Zhejiang by hz-r1.
SHIPPED_REGIONS = {"44": "gd-r1", "33": "hz-r1"}
SHIPPED_FROM = date(2021, 1, 1)


def load_shipped() -> list[Scheme]:
    """Load the schemes in ``rating/schemes/``, in force, with their default regions; safe to repeat.

    Raises :class:`rating.engine.parsing.SchemeError` for a broken document and ValidationError for a document
    that changed under a version already in force.
    """
    schemes = []
    with transaction.atomic():
        for path in sorted(SHIPPED.glob("*.yaml")):
            row = load(document=yaml.safe_load(path.read_text(encoding="utf-8")))
            if row.state == Scheme.State.DRAFT:
                row = bring_into_force(scheme=row, valid_from=SHIPPED_FROM)
            schemes.append(row)
        by_code = {row.code: row for row in schemes}
        for region, code in SHIPPED_REGIONS.items():
            if code in by_code and not RegionScheme.objects.filter(region_code=region).exists():
                RegionScheme.objects.create(region_code=region, scheme=by_code[code], valid_from=SHIPPED_FROM)
    return schemes


def load(*, document: dict[str, Any]) -> Scheme:
    """Store a document as a draft after checking it whole; the same content is the same row.

    A version that exists with other content is replaced while it is a draft and refused afterwards.
    """
    found = parsing.parse(document, kinds=kind_numbers())
    known = Scheme.objects.filter(sha256=found.sha256).first()
    if known is not None:
        return known
    row = Scheme.objects.filter(code=found.code, version=found.version).first()
    if row is not None and row.state != Scheme.State.DRAFT:
        raise ValidationError(
            _("方案 %(code)s 第 %(version)s 版已不是草案，内容不能更改；请提高版本号后再载入。")
            % {"code": found.code, "version": found.version},
            code="scheme_immutable",
        )
    row = row or Scheme(code=found.code, version=found.version)
    row.name, row.sha256, row.document = found.name, found.sha256, document
    row.save()
    return row


def bring_into_force(*, scheme: Scheme, valid_from: date) -> Scheme:
    """Put a scheme in force from a date; the version in force before it is retired."""
    with transaction.atomic():
        Scheme.objects.filter(code=scheme.code, state=Scheme.State.IN_FORCE).update(
            state=Scheme.State.RETIRED
        )
        scheme.state, scheme.valid_from = Scheme.State.IN_FORCE, valid_from
        scheme.save(update_fields=["state", "valid_from"])
        audit.record(
            verb="scheme.in_force",
            target=scheme,
            code=scheme.code,
            version=scheme.version,
            on=str(valid_from),
        )
    return scheme


def assign(*, region_code: str, scheme: Scheme, valid_from: date, actor: User | None = None) -> RegionScheme:
    """From a date on a region rates by a scheme in force."""
    if scheme.state != Scheme.State.IN_FORCE:
        raise ValidationError(_("只有施行中的方案才能用于地区。"), code="scheme_not_in_force")
    with transaction.atomic():
        row, _created = RegionScheme.objects.update_or_create(
            region_code=region_code, valid_from=valid_from, defaults={"scheme": scheme}
        )
        audit.record(
            verb="scheme.assigned",
            actor=actor,
            target=scheme,
            region_code=region_code,
            code=scheme.code,
            region=region_code,
            on=str(valid_from),
        )
    return row


def choose(
    *, region_code: str, scheme: Scheme, valid_from: date, compared: Scheme | None, actor: User
) -> RegionScheme:
    """An officer decides which scheme a region rates by from a day on, and which one is shown for reference.

    Refused: no right or region (PermissionDenied); a day that is past, since results by the scheme of then
    stand already; a scheme that is not in force; the same one for reference.
    """
    require(actor, "rating.add_regionscheme", region_code)
    if valid_from < today():
        raise ValidationError(_("施行日期不能早于今天。"), code="date")
    if compared is not None and compared.pk == scheme.pk:
        raise ValidationError(_("对照方案应与所用方案不同。"), code="same")
    if compared is not None and compared.state != Scheme.State.IN_FORCE:
        raise ValidationError(_("只有施行中的方案才能用于地区。"), code="scheme_not_in_force")
    with transaction.atomic():
        row = assign(region_code=region_code, scheme=scheme, valid_from=valid_from, actor=actor)
        row.compared = compared
        row.save(update_fields=["compared"])
    return row


def scheme_for(region_code: str, on: date) -> Scheme | None:
    """The scheme that a region rates by on a day."""
    row = RegionScheme.objects.holding(region_code, on)
    return row.scheme if row else None


def parsed(scheme: Scheme) -> engine_scheme.Scheme:
    """The engine's form of a stored scheme (cached by content), its words in the reader's language."""
    return _parsed(parsing.canonical(scheme.document), "" if wording.is_source() else get_language() or "")


@lru_cache(maxsize=32)
def _parsed(text: bytes, language: str) -> engine_scheme.Scheme:
    document = json.loads(text)
    found = parsing.parse(wording.in_words(document), kinds=kind_numbers())
    return dataclasses.replace(found, sha256=parsing.digest(document))


@lru_cache(maxsize=32)
def computing(scheme_id: int, sha256: str) -> engine_scheme.Scheme:
    """The engine's form of a scheme by its content, read and parsed once a process: for its arithmetic.

    Its words are in the language of whoever asked first; for pages there is :func:`parsed`.
    """
    return parsed(Scheme.objects.get(pk=scheme_id, sha256=sha256))


def kind_numbers() -> dict[str, int]:
    """Event kinds by name, as the ledger numbers them."""
    return {name: kind.number for name, kind in KINDS.items()}
