"""Immunisation, harmless disposal, processing and packing, packaging handed back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from archives.models import (
    HarmlessCause,
    HarmlessDisposal,
    HarmlessMethod,
    Immunisation,
    InputKind,
    PackagingReturn,
    Packing,
    PackingWork,
)
from archives.services.ledger import EventDraft
from archives.services.records import checks
from archives.services.records.context import Context
from archives.services.records.drafts import HarmlessDraft, ImmunisationDraft, PackagingDraft, PackingDraft
from archives.services.records.harvests import production_of
from archives.services.records.nouns import Noun, common_events, event

PIECES_LIMIT = 1_000_000
_IMMUNISED = (
    "product_id", "plot_id", "disease", "vaccine", "batch_number", "manufacturer", "quantity", "unit",
    "mark_range", "operator",
)  # fmt: skip
_DISPOSED = ("product_id", "plot_id", "cause", "method", "quantity", "unit", "handler", "proof_number")
_PACKED = ("product_id", "work", "quantity", "unit", "packages", "agent", "agent_dose", "place")
_RETURNED = ("pieces", "collection_point", "receipt_number")


def _check_immunisation(draft: ImmunisationDraft, context: Context) -> checks.Faults:
    yield from checks.needed(draft, "disease", "vaccine")


def _immunisation_values(draft: ImmunisationDraft, context: Context) -> dict[str, Any]:
    return {**_own(draft, _IMMUNISED), "production": production_of(draft, context)}


def _immunisation_events(rows: list[Immunisation], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        yield from common_events(row, IMMUNISATION, context)


def _check_harmless(draft: HarmlessDraft, context: Context) -> checks.Faults:
    if draft.cause not in HarmlessCause.values:
        yield "cause", _("请选择为什么要处理。")
    if draft.method not in HarmlessMethod.values:
        yield "method", _("请选择处理方式。")
    elif draft.method == HarmlessMethod.COLLECTED:
        yield from checks.needed(draft, "handler")


def _harmless_values(draft: HarmlessDraft, context: Context) -> dict[str, Any]:
    return {**_own(draft, _DISPOSED), "production": production_of(draft, context)}


def _harmless_events(rows: list[HarmlessDisposal], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        yield from common_events(row, HARMLESS, context)


def _check_packing(draft: PackingDraft, context: Context) -> checks.Faults:
    """Preservatives of crops are registered as pesticides: a banned one is refused (art. 35)."""
    if draft.work not in PackingWork.values:
        yield "work", _("请选择工序。")
    if draft.packages is not None and not 0 < draft.packages < PIECES_LIMIT * 100:
        yield "packages", _("件数须大于0，请核对。")
    if draft.agent:
        rule = context.rules.banned_on(draft.agent, draft.occurred_on, InputKind.PESTICIDE)
        if rule is not None:
            yield "agent", checks.banned_sentence(rule)


def _packing_values(draft: PackingDraft, context: Context) -> dict[str, Any]:
    harvest = context.harvests[draft.harvest] if draft.harvest else None
    return {**_own(draft, _PACKED), "harvest": harvest}


def _packing_events(rows: list[Packing], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        yield from common_events(row, PACKING, context)


def _check_packaging(draft: PackagingDraft, context: Context) -> checks.Faults:
    if not 0 < draft.pieces <= PIECES_LIMIT:
        yield "pieces", _("件数须在1至%(most)s之间。") % {"most": f"{PIECES_LIMIT:,}"}
    yield from checks.needed(draft, "collection_point")


def _packaging_values(draft: PackagingDraft, context: Context) -> dict[str, Any]:
    return _own(draft, _RETURNED)


def _packaging_events(rows: list[PackagingReturn], context: Context) -> Iterator[EventDraft]:
    for row in rows:
        yield event(
            row,
            context,
            "packaging.returned",
            value=100 * row.pieces,
            note=row.collection_point,
            source=PACKAGING.source,
        )
        yield from common_events(row, PACKAGING, context)


def _own(draft: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: getattr(draft, field) for field in fields}


IMMUNISATION = Noun(
    name="immunisation",
    model=Immunisation,
    check=_check_immunisation,
    values=_immunisation_values,
    events=_immunisation_events,
    asked=("product_id", "disease", "vaccine", "batch_number", "quantity", "operator"),
    content=(*_IMMUNISED, "production"),
    source="records.immunisation",
)
HARMLESS = Noun(
    name="harmless",
    model=HarmlessDisposal,
    check=_check_harmless,
    values=_harmless_values,
    events=_harmless_events,
    asked=("product_id", "cause", "method", "quantity", "handler"),
    content=(*_DISPOSED, "production"),
    source="records.harmless",
)
PACKING = Noun(
    name="packing",
    model=Packing,
    check=_check_packing,
    values=_packing_values,
    events=_packing_events,
    asked=("product_id", "harvest_id", "work", "quantity", "unit"),
    content=(*_PACKED, "harvest"),
    source="records.packing",
)
PACKAGING = Noun(
    name="packaging",
    model=PackagingReturn,
    check=_check_packaging,
    values=_packaging_values,
    events=_packaging_events,
    asked=("pieces", "collection_point", "receipt_number"),
    content=_RETURNED,
    source="records.packaging",
)
