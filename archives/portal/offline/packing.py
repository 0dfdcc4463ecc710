"""The pack: what a phone needs to keep one producer's records without reception. Small, one a producer."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse
from django.utils.functional import cached_property

from agricredit.foundation.common import clock
from agricredit.foundation.common.grams import fold
from archives.inputs import Rulebook, rulebook
from archives.models import Harvest, InputKind, InputUse, Producer, Product
from archives.portal import flows, repeating, timeline, wording
from archives.portal.acting import Acting
from archives.portal.asking import RECENT as LAST
from archives.portal.asking import Ask, Question
from archives.portal.offline.describing import describe
from archives.portal.offline.variants import Variants, leaves
from archives.services.catalogue import commodity_of
from archives.services.records.checks import permitted_input
from archives.services.records.labels import COMMODITY_FIELDS

RECENT = 10
FORMAT = 1
UNTIL_OF = {"畜禽": "meat_from", "生鲜乳": "milk_from", "禽蛋": "egg_from"}
"""Which field of a use holds back a product of the same animals, by its category."""
_SHARED = ("products", "plots", "recent_purchases", "running", "labels", "all_procedures")
"""What an :class:`Ask` looks up without regard to noun and answers: looked up once for all."""


class PackAsk(Ask):
    """An ask whose batches of every product were looked up together."""

    known_batches: Mapping[int, list[Harvest]]

    @cached_property
    def batches(self) -> list[Harvest]:
        """The last batches of the product answered."""
        return self.known_batches.get(self.product.pk, []) if self.product is not None else []

    @property
    def waits_until(self) -> None:
        """Not asked when a pack is made: the phone works it out from the pack's intervals."""

    @property
    def unbatched(self) -> None:
        """Nor is this: what has been sold by the day on which a phone sells, the platform knows alone."""


def last_batches(producer: Producer) -> dict[int, list[Harvest]]:
    """The last batches of each product, in one query."""
    newest = [F("occurred_on").desc(), F("id").desc()]
    rank = Window(RowNumber(), partition_by=F("product_id"), order_by=newest)
    rows = Harvest.objects.active().filter(producer=producer).annotate(rank=rank).filter(rank__lte=LAST)
    found: dict[int, list[Harvest]] = {}
    for row in rows.select_related("product", "plot").order_by("-occurred_on", "-id"):
        found.setdefault(row.product_id, []).append(row)
    return found


def pack(acting: Acting, user: Any) -> dict[str, Any]:
    """Questions with suggestions, the last records to repeat, and running intervals."""
    producer = acting.producer
    sectors = producer.sectors
    batches = last_batches(producer)
    shared = lookups(acting)
    return {
        "format": FORMAT,
        "user": user.pk,
        "producer": {
            "id": producer.pk,
            "name": producer.name,
            "on_behalf": acting.on_behalf,
        },
        "products": {str(product.pk): product.name for product in shared["products"]},
        "animals": [str(product.pk) for product in shared["products"] if wording.of_animals(product)],
        "nouns": [
            {
                "noun": act.noun,
                "act": act.word(sectors),
                "record": act.record(sectors),
                "hint": act.hint_for(sectors),
                **questions(acting, act.noun, batches, shared),
            }
            for act in wording.acts_for(sectors)
        ],
        "banned": banned(),
        "recent": _recent(acting, user),
        "intervals": _intervals(acting, shared["products"]),
        "withdrawals": {
            str(product.pk): [product.animal, COMMODITY_FIELDS[commodity_of(product)]]
            for product in shared["products"]
            if product.animal and commodity_of(product) in COMMODITY_FIELDS
        },
    }


def lookups(acting: Acting) -> dict[str, Any]:
    """What the questions of every noun are made from, looked up once."""
    first = Ask(acting.producer, wording.ACTS[0].noun, {})
    return {name: getattr(first, name) for name in _SHARED}


def questions(
    acting: Acting, noun: str, batches: Mapping[int, list[Harvest]], common: Mapping[str, Any]
) -> dict[str, Any]:
    """The questions of a noun as trees, and the answers that go without saying (the only product)."""
    first = Ask(acting.producer, noun, {})
    first.__dict__.update(common)  # fills in the cached properties
    shared = {**common, "last": first.last}

    def asked(answers: Mapping[str, str]) -> Ask:
        ask = PackAsk(acting.producer, noun, answers)
        ask.known_batches = batches
        ask.__dict__.update(shared)  # fills in the cached properties
        return ask

    given: dict[str, str] = {}
    if noun not in flows.NO_PRODUCT and len(first.products) == 1:
        given["product"] = str(first.products[0].pk)
    earlier: dict[str, list[str]] = {}
    trees = []
    for kind in flows.FLOWS[noun]:
        tree = Variants(kind, asked, earlier).tree(given)
        trees.append({"slug": kind.slug, **tree})
        earlier |= _choices(tree)
    return {
        "given": given,
        "changing": repeating.changing(noun),
        "questions": trees,
        "possible": noun in flows.NO_PRODUCT or bool(first.products),
    }


def described(asked: list[type[Question]], ask: Ask) -> list[dict[str, Any]]:
    """The questions as they stand under the answers of ``ask``: sent along with a refusal."""
    return [{"slug": kind.slug, "q": describe(kind(ask))} for kind in asked]


def banned() -> dict[str, list[list[str]]]:
    """By kind, every name that the list knows, longest first, with the sentence of refusal, if any."""
    day, rules, found = clock.today(), rulebook(), {}
    for kind in InputKind.values:
        names = [[fold(name), _refusal(kind, name, day, rules)] for name in rules.names(kind)]
        if names:
            found[kind] = names
    return found


def _refusal(kind: str, name: str, day: datetime.date, rules: Rulebook) -> str:
    draft = SimpleNamespace(kind=kind, name=name, ingredient="", occurred_on=day)
    return next((sentence for _field, sentence in permitted_input(draft, rules)), "")


def _choices(tree: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for leaf in leaves(tree):
        for field in leaf["fields"]:
            if "choices" in field:
                values = found.setdefault(field["name"], {})
                values.update(dict.fromkeys(value for value, _label in field["choices"]))
    return {name: list(values) for name, values in found.items()}


def _recent(acting: Acting, user: Any) -> list[dict[str, Any]]:
    page = timeline.page(acting.producer, user, size=RECENT, active=True)
    sectors = acting.producer.sectors
    return [
        {
            "noun": entry.noun,
            "uid": str(entry.row.uid),
            "day": entry.row.occurred_on.isoformat(),
            "act": wording.ACT_OF[entry.noun].record(sectors),
            "line": wording.line(entry.row),
            "url": reverse("my:record", kwargs={"noun": entry.noun, "uid": entry.row.uid}),
            "answers": repeating.answers_like(entry.noun, entry.row),
        }
        for entry in page.entries
    ]


def _intervals(acting: Acting, products: Sequence[Product]) -> list[dict[str, str]]:
    """Running intervals: until when what of which plot must not be harvested ("" is all plots).

    A drug given to hens holds back their eggs and their meat, each for its own days.
    """
    today = clock.today()
    held = Q(harvest_from__gt=today)
    for name in UNTIL_OF.values():
        held |= Q(**{f"{name}__gt": today})
    rows = InputUse.objects.active().filter(held, producer=acting.producer).select_related("product")
    return [
        {
            "product": str(product.pk),
            "plot": str(row.plot_id or ""),
            "from": row.occurred_on.isoformat(),
            "until": until.isoformat(),
            "name": row.name,
        }
        for row in rows.order_by("-harvest_from")[:50]
        for product in products
        if (until := _until(row, product)) is not None and until > today
    ]


def _until(row: InputUse, product: Product) -> datetime.date | None:
    """From when the product is free of this use; None when the use does not concern it."""
    if row.product_id == product.pk:
        return row.harvest_from
    if not product.animal or product.animal != row.product.animal:
        return None
    return getattr(row, UNTIL_OF.get(product.category, ""), None)
