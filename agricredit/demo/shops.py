"""Input shops of the demo city: one a county with a licence, its stock, and a month of sales."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid5

from agricredit.demo.people import SPACE
from agricredit.foundation.accounts.models import User
from agricredit.foundation.common.codes import make_credit_code
from archives.models import Producer, Region
from archives.services.memberships import grant_membership
from archives.services.producers import register_many
from archives.services.register import keeping
from archives.services.shops import trading

OPENED, LAST = date(2026, 10, 20), date(2026, 11, 18)
GOODS = [
    ("pesticide", "阿维菌素", "PD20150001", "瓶", False),
    ("pesticide", "吡虫啉", "PD20150002", "袋", False),
    ("pesticide", "毒死蜱", "PD20150003", "瓶", True),
    ("fertiliser", "尿素", "", "袋", False),
]


def make(region: str, home: str, keeper: User) -> None:
    """A shop in each county of ``region``, two in the county ``home``; two in three have entered sales."""
    towns = Region.objects.in_force().filter(code__startswith=region, level="township").order_by("code")
    codes = list(towns.values_list("code", flat=True))
    first = {code[:6]: code for code in reversed(codes) if code[:6] != home}
    places = [*[code for code in codes if code[:6] == home][:2], *sorted(first.values())]
    rows = [_fields(number, place) for number, place in enumerate(places)]
    known = set(Producer.objects.filter(key__in=[row["key"] for row in rows]).values_list("key", flat=True))
    register_many(rows=[row for row in rows if row["key"] not in known])
    for number, row in enumerate(rows):
        shop = Producer.objects.get(key=row["key"])
        if row["key"] not in known:
            _trade(shop, number)
    if not keeper.memberships.exists():
        owned = Producer.objects.get(key=rows[0]["key"])
        grant_membership(user=keeper, producer=owned, role="owner", valid_from=OPENED)


def _fields(number: int, place: str) -> dict[str, object]:
    return {
        "key": f"DEMO-SHOP-{number:03d}",
        "name": f"演示农资经营部{number + 1}号",
        "kind": "enterprise",
        "nature": "legal_person",
        "sectors": ["crops"],
        "activities": ["input_sale"],
        "region": place,
        "credit_code": make_credit_code(f"91{place[:6]}MADEM{number:03d}"),
        "registered_on": date(2021, 3, 1),
        "is_generated": True,
    }


def _sales(number: int, name: str) -> int:
    """How often a shop has sold of a lot: the first one has the fullest ledger, every third none at all."""
    if number == 0:
        return 3
    return 1 if number % 3 != 1 and name == GOODS[0][1] else 0


def _trade(shop: Producer, number: int) -> None:
    keeping.add(
        noun="licence", producer=shop, kind="pesticide_sale", number=f"演示农药经许{number:04d}",
        issuer="演示农业农村局", restricted=number % 2 == 0, issued_on=date(2024, 1, 1),
        valid_until=date(2027, 1, 10 + number % 15),
    )  # fmt: skip
    dice = random.Random(f"shop:{shop.key}")
    near = list(Producer.objects.filter(region__code__startswith=shop.region_id[:6], status="active")[:60])
    for kind, name, registration, unit, restricted in GOODS:
        if restricted and number % 2:
            continue
        lot = trading.buy_in(
            shop=shop, uid=uuid5(SPACE, f"{shop.key}:{name}"), occurred_on=OPENED, kind=kind, name=name,
            registration_number=registration, manufacturer="演示化工有限公司", batch_number="20260901",
            specification="100克", supplier="演示农资公司", quantity=Decimal(200), unit=unit,
            expires_on=date(2028, 9, 1),
        )  # fmt: skip
        for sale in range(_sales(number, name)):
            buyers = [row for row in near if row.produces and row.pk != shop.pk]
            trading.sell(
                lot=lot, uid=uuid5(SPACE, f"{shop.key}:{name}:{sale}"),
                quantity=Decimal(dice.randrange(1, 6)),
                occurred_on=min(LAST, OPENED + timedelta(days=1 + 7 * sale)), buyer=dice.choice(buyers).key,
            )  # fmt: skip
