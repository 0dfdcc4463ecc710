"""Who lives in the demo city: producers of every kind, where they are and how carefully they work."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from agricredit.demo import words
from agricredit.foundation.common.codes import make_credit_code
from archives.models import Region

SPACE = uuid.UUID(
    "6a1f3c1e-2f5d-5a52-9e0e-6f6d0d6f2c11"
)  # all demo uids come from here: same seed, same city

KINDS = {
    "enterprise": 12, "cooperative": 22, "collective": 4, "service_organisation": 3,
    "family_farm": 24, "large_household": 20, "smallholder": 15,
}  # fmt: skip
SECTORS = {"crops": 82, "livestock": 10, "aquaculture": 8}
PREFIXES = {
    "enterprise": "91",
    "cooperative": "93",
    "collective": "N2",
    "service_organisation": "91",
    "family_farm": "92",
}
BATCHES = {
    "enterprise": 2, "cooperative": 2, "collective": 2, "service_organisation": 1,
    "family_farm": 2, "large_household": 1, "smallholder": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Habit:
    """How a producer works; shares are 0–1. ``trouble`` scales what officials find."""

    name: str
    care: float
    days_late: int
    trouble: float


HABITS = {
    Habit("exemplary", 0.96, 2, 0.02): 9,
    Habit("careful", 0.79, 5, 0.12): 26,
    Habit("ordinary", 0.62, 9, 0.3): 38,
    Habit("slack", 0.40, 14, 0.55): 17,
    Habit("poor", 0.24, 25, 0.9): 7,
    Habit("dormant", 0.0, 0, 0.1): 3,
}


@dataclass
class Person:
    """A producer before it is registered, and its row's id afterwards."""

    key: str
    kind: str
    sector: str
    habit: Habit
    fields: dict[str, Any]
    dice: random.Random
    id: int = 0
    products: Sequence[int] = ()
    plot: int | None = None
    area: int = 0

    @property
    def organised(self) -> bool:
        """Bound by 农产品质量安全法 art. 27."""
        return self.kind in ("enterprise", "cooperative", "collective", "service_organisation")

    def uid(self, *parts: object) -> uuid.UUID:
        """A uid that the same seed gives again."""
        return uuid.uuid5(SPACE, ":".join(map(str, (self.key, *parts))))

    def happens(self, share: float) -> bool:
        """Whether something of this likelihood happens."""
        return self.dice.random() < share


def people(count: int, regions: Sequence[Region], seed: int) -> list[Person]:
    """So many producers over the regions (villages), the same for the same seed."""
    return [_person(number, random.Random(f"{seed}:{number}"), regions) for number in range(count)]


def _person(number: int, dice: random.Random, regions: Sequence[Region]) -> Person:
    kind = _pick(dice, KINDS)
    sector = _pick(dice, SECTORS)
    region = regions[int(len(regions) * dice.random() ** 1.4)]  # some townships have many, most have few
    natural = kind in ("large_household", "smallholder")
    contact = dice.choice(words.SURNAMES) + dice.choice(words.GIVEN)
    registered = date(2019, 1, 1) + timedelta(days=dice.randrange(365 * 5)) if dice.random() < 0.93 else None
    fields = {
        "key": f"DEMO-{number:06d}",
        "name": contact if natural else _name(dice, kind, sector, region),
        "kind": kind,
        "nature": _nature(kind),
        "region": region,
        "sectors": [sector],
        "credit_code": None
        if natural
        else make_credit_code(f"{PREFIXES[kind]}{region.code[:6]}{number:08d}"),
        "contact_name": contact,
        "phone": f"139{number:08d}",
        "address": f"{region.full_name or region.name}（演示地址）",
        "registered_on": registered or date(2026, 9, 15),
        "is_generated": True,
    }
    return Person(fields["key"], kind, sector, _pick(dice, HABITS), fields, dice)


def _name(dice: random.Random, kind: str, sector: str, region: Region) -> str:
    brand, suffix, county = dice.choice(words.BRANDS), words.SUFFIXES[kind], region.full_name[6:9]
    trade = words.TRADES_OF.get(sector)
    if kind == "collective":
        village = region.name.removesuffix("村民委员会").removesuffix("居民委员会")
        return f"{village}{brand}{suffix}"
    if kind == "family_farm":
        return f"{county}{brand}{dice.choice(words.SURNAMES)}家{suffix}"
    return f"{county}{brand}{trade or dice.choice(words.TRADES)}{suffix}"


def _nature(kind: str) -> str:
    if kind in ("large_household", "smallholder"):
        return "natural_person"
    return "individual_business" if kind == "family_farm" else "legal_person"


def _pick(dice: random.Random, weighted: dict[Any, int]) -> Any:
    return dice.choices(list(weighted), weights=list(weighted.values()))[0]
