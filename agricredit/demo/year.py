"""What a producer of the demo city did in a year: its production records as drafts of the record services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from agricredit.demo import husbandry, words
from agricredit.demo.people import BATCHES, Person
from archives.services.ledger import EventDraft
from archives.services.records import HarvestDraft, PurchaseDraft, SaleDraft, SelfTestDraft, UseDraft
from archives.services.records.drafts import RecordDraft

LATEST = date(2026, 11, 18)
SMALLHOLDERS_FROM = 2025  # the year before, only those who keep records by law or by trade were taken in
CERTIFIED_HERE_FROM = date(2026, 9, 1)  # sales from here on have certificates of this platform


# In the order in which they are entered: a sale names its harvest.
NOUNS = (
    "batch", "immunisation", "purchase", "use", "harvest", "self_test", "sale", "harmless", "packaging",
)  # fmt: skip


@dataclass(frozen=True)
class ToCertify:
    """A sale whose certificate is issued by the certificate service itself."""

    harvest: UUID
    sale: UUID
    weight: Decimal
    sold_on: date


@dataclass
class Drafts:
    """One year's drafts by noun, in the order in which they are entered, and the sales' certificates."""

    by_noun: dict[str, list[RecordDraft]] = field(default_factory=lambda: {noun: [] for noun in NOUNS})
    certified: list[EventDraft] = field(default_factory=list)
    to_certify: list[ToCertify] = field(default_factory=list)


def live(person: Person, year: int, drafts: Drafts) -> None:
    """Add what the producer recorded in the year; dormant ones recorded nothing."""
    if person.kind == "smallholder" and year < SMALLHOLDERS_FROM:
        return
    if person.habit.care == 0 or person.fields["registered_on"].year > year or not person.products:
        return
    for number, day in enumerate(_days(person, year)):
        _batch(person, year, number, day, drafts)
    if person.fields["registered_on"].year < year:
        husbandry.keep(person, year, drafts.by_noun, _common)


def _days(person: Person, year: int) -> Iterator[date]:
    count = BATCHES[person.kind]
    begin = max(date(year, 2, 1), person.fields["registered_on"])
    for number in range(count):
        day = begin + timedelta(days=(number * 320) // count + person.dice.randrange(20))
        if day.year == year and day <= LATEST:
            yield day


def _batch(person: Person, year: int, number: int, day: date, drafts: Drafts) -> None:
    """Bought, used, harvested after the interval (or, rarely, before), tested, sold."""
    care, dice, product = person.habit.care, person.dice, dice_product(person)
    livestock = person.sector != "crops"
    name, interval, target = dice.choice(words.DRUGS if livestock else words.PESTICIDES)
    hasty = person.happens(person.habit.trouble * 0.08)
    used_on = day - timedelta(
        days=max(1, interval - 3) if hasty and interval else interval + dice.randrange(1, 9)
    )
    bought, harvested = person.uid(year, number, "purchase"), person.uid(year, number, "harvest")
    linked = person.happens(care)
    kind = "veterinary_drug" if livestock else "pesticide"
    registration = f"{'兽药字' if livestock else 'PD'}{20150000 + number}"
    if linked:
        drafts.by_noun["purchase"].append(
            PurchaseDraft(
                **_common(person, bought, used_on - timedelta(days=2), 1),
                kind=kind,
                name=name,
                quantity=Decimal(2),
                unit="瓶",
                registration_number=registration,
                manufacturer=words.MAKERS[number % 3],
                supplier=words.SUPPLIERS[number % 4] if person.happens(care) else "",
                batch_number=f"{year}{number:04d}",
            )
        )
    drafts.by_noun["use"].append(
        UseDraft(
            **_common(person, person.uid(year, number, "use"), used_on, 2),
            kind=kind,
            name=name,
            product_id=product,
            plot_id=person.plot,
            quantity=Decimal("0.5"),
            unit="瓶",
            purchase=bought if linked else None,
            registration_number=registration,
            manufacturer=words.MAKERS[number % 3],
            target=target,
            method="喷雾" if not livestock else "拌料",
            interval_days=interval,
            operator=person.fields["contact_name"],
            on_label=not person.happens(person.habit.trouble * 0.05) or None,
        )
    )
    weight = Decimal(dice.randrange(8, 90) * 10)
    drafts.by_noun["harvest"].append(
        HarvestDraft(
            **_common(person, harvested, day, 3),
            product_id=product,
            quantity=weight,
            unit="公斤",
            plot_id=person.plot if person.happens(care + 0.05) else None,
            batch=f"{year}-{number + 1:02d}",
            standard="DB44/T 演示规程" if person.happens(care * 0.7) else "",
        )
    )
    if person.happens(care * (1 if person.organised else 0.4)):
        drafts.by_noun["self_test"].append(
            SelfTestDraft(
                **_common(person, person.uid(year, number, "test"), day, 4),
                product_id=product,
                method="rapid",
                passed=not person.happens(person.habit.trouble * 0.06),
                harvest=harvested,
                items="有机磷、氨基甲酸酯",
            )
        )
    _sell(person, year, number, day, product, harvested, weight, drafts)


def _sell(
    person: Person,
    year: int,
    number: int,
    day: date,
    product: int,
    harvested: Any,
    weight: Decimal,
    drafts: Drafts,
) -> None:
    care = person.habit.care
    sold_on = min(day + timedelta(days=1), LATEST)
    uid = person.uid(year, number, "sale")
    drafts.by_noun["sale"].append(
        SaleDraft(
            **_common(person, uid, sold_on, 5),
            product_id=product,
            quantity=weight,
            unit="公斤",
            harvest=harvested,
            buyer=person.dice.choice(words.BUYERS) if person.happens(care + 0.03) else "",
            trace_code=f"ZJ{person.key[-6:]}{year}{number:02d}" if person.happens(care) else "",
        )
    )
    if person.organised or person.happens(care * 0.5):
        made = person.happens(care + 0.02)
        if made and sold_on >= CERTIFIED_HERE_FROM:
            drafts.to_certify.append(ToCertify(harvested, uid, weight, sold_on))
        else:
            drafts.certified += _certified_elsewhere(person, uid, sold_on, made)


def _certified_elsewhere(person: Person, sale: UUID, sold_on: date, made: bool) -> Iterator[EventDraft]:
    """What the paper certificates of earlier years left behind: events taken over, no certificates."""
    common: dict[str, Any] = {
        "producer_id": person.id,
        "occurred_on": sold_on,
        "source": "demo",
        "recorded_at": _entered(person, sold_on),
    }
    outcome = "pass" if made else "fail"
    yield EventDraft(uid=f"{sale}:certified", kind="sale.certified", outcome=outcome, **common)
    if not made:
        return
    for kind in ("certificate.checked", "certificate.retained"):
        good = person.happens(person.habit.care + 0.04)
        yield EventDraft(uid=f"{sale}:{kind}", kind=kind, outcome="pass" if good else "fail", **common)


def dice_product(person: Person) -> int:
    """One of the producer's products."""
    return person.dice.choice(list(person.products))


def _common(person: Person, uid: Any, day: date, place: int) -> dict[str, Any]:
    return {
        "producer_id": person.id,
        "uid": uid,
        "occurred_on": day,
        "entered_at": _entered(person, day, place),
        "entry": "device" if person.habit.name == "exemplary" and person.happens(0.6) else "form",
    }


def _entered(person: Person, day: date, place: int = 9) -> datetime:
    late = person.dice.randrange(person.habit.days_late + 1)
    entered = datetime.combine(day + timedelta(days=late), time(9, place), UTC)
    return min(entered, datetime(2026, 11, 19, 9, place, tzinfo=UTC))
