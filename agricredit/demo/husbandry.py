"""What a farm of the demo city does beside spraying and selling: batches, vaccines, dead stock, bottles."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from agricredit.demo.people import Person
from archives.services.records import BatchDraft, HarmlessDraft, ImmunisationDraft, PackagingDraft
from archives.services.records.drafts import RecordDraft

PACKAGES_A_MU = 8
"""Two products of four pieces a mu and year, as the product catalogue expects."""
ORIGINS = {"crops": "演示种苗场", "livestock": "演示种畜禽场", "aquaculture": "演示苗种场"}
LAST = date(2026, 10, 31)

Common = Callable[[Person, Any, date, int], dict[str, Any]]


def keep(person: Person, year: int, by_noun: dict[str, list[RecordDraft]], common: Common) -> None:
    """Add the year's records of a producer; the careful have them, the careless seldom."""
    if not person.happens(person.habit.care + 0.1):
        return
    product = person.products[0]
    stock = {"crops": (200, "株"), "livestock": (300, "只"), "aquaculture": (5, "万尾")}[person.sector]
    by_noun["batch"].append(
        BatchDraft(
            **common(person, person.uid(year, "batch"), date(year, 1, 20), 1),
            product_id=product,
            plot_ids=(person.plot,) if person.plot else (),
            number=f"{year}-A",
            origin=ORIGINS[person.sector],
            quantity=Decimal(stock[0]),
            unit=stock[1],
        )
    )
    if person.sector == "livestock":
        _livestock(person, year, product, by_noun, common)
    elif person.sector == "crops":
        _bottles(person, year, by_noun, common)


def _livestock(
    person: Person, year: int, product: int, by_noun: dict[str, list[RecordDraft]], common: Common
) -> None:
    by_noun["immunisation"].append(
        ImmunisationDraft(
            **common(person, person.uid(year, "vaccine"), date(year, 3, 10), 2),
            product_id=product,
            plot_id=person.plot,
            disease="国家强制免疫病种",
            vaccine="演示灭活疫苗",
            quantity=Decimal(280),
            unit="只",
            operator=person.fields["contact_name"],
        )
    )
    by_noun["harmless"].append(
        HarmlessDraft(
            **common(person, person.uid(year, "harmless"), date(year, 6, 2), 2),
            product_id=product,
            cause="died",
            method="collected",
            quantity=Decimal(3),
            unit="只",
            handler="演示无害化处理场",
        )
    )


def _bottles(person: Person, year: int, by_noun: dict[str, list[RecordDraft]], common: Common) -> None:
    """Handed back at the end of each half-year, the more careful the more of them."""
    for number, day in enumerate((date(year, 6, 20), min(date(year, 12, 15), LAST))):
        if day.year == year:
            pieces = int(person.area * PACKAGES_A_MU / 2 * min(1.0, person.habit.care + 0.1))
            by_noun["packaging"].append(
                PackagingDraft(
                    **common(person, person.uid(year, "bottles", number), day, 6),
                    pieces=max(1, pieces),
                    collection_point="演示回收点",
                )
            )
