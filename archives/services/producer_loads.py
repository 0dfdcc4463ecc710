"""Writing many producers' files at once: new ones, changed ones, what they grow and where.

The checks are the caller's (``producer_fields.cleaned`` for every row); here nothing costs a query a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

from django.db import transaction

from agricredit.foundation.audit.services import record
from agricredit.foundation.common import clock
from agricredit.foundation.common.db import copy_objects
from agricredit.foundation.jobs import outbox
from archives.models import Plot, Producer, ProducerNature, ProducerProduct, Product
from archives.services import holdings
from archives.services.producer_fields import name_columns
from archives.services.producers import CHANGED, note_confirmed, refusals

ANNOUNCED_AT_ONCE = 1_000
AT_ONCE = 500
COPIED_FROM = 50
"""Fewer are inserted; of more, composing the INSERT costs the program more than the rows the server."""


class Load(Protocol):
    """One producer to be written: columns, the row to be changed (None: new), which columns differ."""

    @property
    def values(self) -> dict[str, Any]: ...
    @property
    def known(self) -> Producer | None: ...
    @property
    def differing(self) -> list[str]: ...
    @property
    def products(self) -> list[Product]: ...
    @property
    def plots(self) -> list[tuple[str, Decimal | None]]: ...


@transaction.atomic
def write(loads: Sequence[Load], *, actor: Any = None) -> list[Producer]:
    """Open and change files, give them their products and plots, post their profiles; one audit line.

    Returns the producers in the order given. ValidationError when a code was taken meanwhile.
    """
    fresh, known = [], []
    owners: list[Producer] = []
    for load in loads:
        if load.known is None:
            row = Producer(**_searched(load.values), key=load.values["key"])
            fresh.append(row)
        else:
            row = load.known
            names = _written(load)
            values = _searched(load.values) if "name_folded" in names else load.values
            for name in names:
                setattr(row, name, values[name])
            row.updated_at = clock.now()
            if load.differing:
                known.append((row, load))
        owners.append(row)
    with refusals():
        if len(fresh) < COPIED_FROM:
            Producer.objects.bulk_create(fresh)
        else:
            copy_objects(fresh)
        _update(known)
    changed = [row for row, _load in known]
    holders = _hold(owners, loads, actor)
    note_confirmed([*fresh, *changed], also=holders)
    _announce(changed)
    if fresh or changed:
        record(verb="producers.loaded", actor=actor, new=len(fresh), changed=len(changed))
    return owners


def _searched(values: dict[str, Any]) -> dict[str, Any]:
    """The columns with those by which the name is searched, and without the key."""
    own = {name: value for name, value in values.items() if name != "key"}
    person = own["nature"] == ProducerNature.NATURAL_PERSON
    return own | name_columns(own["name"], person=person)


def _written(load: Load) -> list[str]:
    """The columns that go with those that differ: hashes with their numbers, search columns with the name."""
    names = set(load.differing)
    if "name" in names or "nature" in names:
        names |= {"name", "name_folded", "name_grams", "initials"}
    for name in ("identity", "phone"):
        if f"{name}_hash" in names:
            names.add("identity_number" if name == "identity" else "phone")
    return sorted(names)


def _update(known: Sequence[tuple[Producer, Load]]) -> None:
    """One statement for all rows in which the same columns differ: most loads change one or two."""
    groups: dict[tuple[str, ...], list[Producer]] = {}
    for row, load in known:
        groups.setdefault(tuple(_written(load)), []).append(row)
    for names, rows in groups.items():
        Producer.objects.bulk_update(rows, [*names, "updated_at"], batch_size=AT_ONCE)


def _hold(owners: Sequence[Producer], loads: Sequence[Load], actor: Any) -> set[int]:
    """Give the products and plots; the ids of those who got some."""
    pairs = list(zip(owners, loads, strict=True))
    products = [ProducerProduct(producer=o, product=p) for o, load in pairs for p in load.products]
    plots = [Plot(producer=o, name=n, area_mu=a) for o, load in pairs for n, a in load.plots]
    if not products and not plots:
        return set()
    return holdings.insert_many(products=products, plots=plots, actor=actor)


def _announce(changed: Sequence[Producer]) -> None:
    ids = [row.pk for row in changed]
    for start in range(0, len(ids), ANNOUNCED_AT_ONCE):
        outbox.emit(CHANGED, producer_ids=ids[start : start + ANNOUNCED_AT_ONCE])
