"""The audit's lines of the two ledgers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agricredit.foundation.audit.services import record
from archives.models import Producer


def note(verb: str, shop: Producer, actor: Any, **facts: Any) -> None:
    """One entry of one shop."""
    record(verb=verb, actor=actor, target=shop, region_code=shop.region_id, **facts)


def note_load(model: Any, rows: Sequence[Any], actor: Any) -> None:
    """Many entries at once, in one line; nothing when there are none."""
    if not rows:
        return
    shops = {row.producer_id: row.producer for row in rows}
    facts: dict[str, Any] = {"noun": str(model._meta.verbose_name), "count": len(rows)}
    if len(shops) == 1:
        note("shop.loaded", next(iter(shops.values())), actor, **facts)
    else:
        record(verb="shops.loaded", actor=actor, **facts)
