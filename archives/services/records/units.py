"""Amounts in common measures: mass in grams, volume in millilitres, anything else in its own unit."""

from __future__ import annotations

from decimal import Decimal

GRAMS = {
    "克": Decimal(1), "g": Decimal(1), "公斤": Decimal(1000), "千克": Decimal(1000), "kg": Decimal(1000),
    "斤": Decimal(500), "吨": Decimal(1_000_000), "t": Decimal(1_000_000),
}  # fmt: skip
MILLILITRES = {
    "毫升": Decimal(1), "ml": Decimal(1), "升": Decimal(1000), "l": Decimal(1000),
}  # fmt: skip
MASS, VOLUME = "mass", "volume"

Amount = tuple[str, Decimal]
"""What it is measured in, and how much: ("mass", grams), ("volume", millilitres) or (unit, number)."""


def measured(quantity: Decimal, unit: str) -> Amount:
    """The quantity in the common measure of its unit."""
    name = unit.strip()
    for measure, factors in ((MASS, GRAMS), (VOLUME, MILLILITRES)):
        factor = factors.get(name) or factors.get(name.lower())
        if factor is not None:
            return measure, quantity * factor
    return name, quantity


def kilograms(quantity: Decimal, unit: str) -> Decimal | None:
    """The quantity in kilograms, None for a unit that is no weight (盒, 只)."""
    measure, amount = measured(quantity, unit)
    return amount / 1000 if measure == MASS else None
