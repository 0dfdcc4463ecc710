"""Every address of the platform, walked from the resolver, with arguments for those that take any.

A new page is covered by itself. One that takes an argument nobody knows yet fails with a sentence that says
where to add it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.contrib import admin
from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver

from agricredit.foundation.accounts.models import ApiKey, User
from agricredit.foundation.audit.models import AuditLine
from archives.models import (
    CreditEvent,
    Delivery,
    Document,
    Harvest,
    Plot,
    ProducerProduct,
    ProductionBatch,
    RecordPhoto,
    RecordReview,
    Seal,
    ShopPurchase,
    ShopSale,
)
from certificates.models import Certificate
from rating.models import Attachment, Decision
from supervision.models import Task
from tests.contracts.places import Place
from tests.contracts.world import World

#: Pages that are the same for everybody: organisations are public there, persons never.
PUBLIC = re.compile(
    r"^/($|search/|rights/|seals\.json|verify_log\.py|preferences/|\^\[cC\]/|p/|\.well-known/|healthz|readyz"
    r"|metrics|i18n/|accounts/|admin/(login|logout|jsi18n)/|api/v1/(public|schema|docs)/)"
)
_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_GROUP = re.compile(r"\(\?P<(?P<name>\w+)>(?:[^()\\]|\\.|\((?:[^()])*\))*\)")
_NAMED = re.compile(r"\(\?P<(?P<name>\w+)>")
_ADMIN = re.compile(r"^admin/(?P<app>\w+)/(?P<model>\w+)/")

#: Arguments that name a row of a place, by the argument's name.
OF_PLACE: dict[str, Callable[[Place], list[Any]]] = {
    "key": lambda place: [place.org.key, place.person.key],
    "code": lambda place: [row.code for row in place.rows[Certificate]],
    "event": lambda place: [row.pk for row in place.rows[CreditEvent]],
    "task_id": lambda place: [row.pk for row in place.rows[Task]],
    "lot": lambda place: [row.uid for row in place.rows[ShopPurchase]],
    "sale": lambda place: [row.uid for row in place.rows[ShopSale]],
    "review_id": lambda place: [row.pk for row in place.rows[RecordReview]],
    "uid": lambda place: [row.uid for row in place.rows[Harvest]],
    "decision": lambda place: [row.pk for row in place.rows[Decision]],
    "attachment": lambda place: [row.pk for row in place.rows[Attachment]],
    "entry": lambda place: [row.pk for row in place.rows[Plot]],
    "document": lambda place: [row.uid for row in place.rows[Document]],
    "delivery": lambda place: [row.pk for row in place.rows[Delivery]],
    "holding": lambda place: [row.pk for row in place.rows[ProducerProduct]],
    "producer_id": lambda place: [place.org.pk, place.person.pk],
}
#: Arguments that are no place's.
COMMON: dict[str, list[Any]] = {
    "year": [2025],
    "part": ["criteria-0"],
    "letter": ["notice"],
    "row": [1],
    "statement": ["HELLO"],
    "app_label": ["archives"],
    "name": ["review", "confirm"],
    "url": ["nowhere"],
    "section": ["evidence"],
    "noun": ["harvest", "use"],
    "layout": ["label"],
    "kept": ["plot"],
    "deed": ["end"],
    "text": [1],
    "content_type_id": [1],
    "sheet": ["producers"],
    "operation": ["producers_list"],
}
#: Models whose rows are no place's; the first row serves.
NOBODYS = (User, ApiKey, AuditLine, Seal)


@dataclass(frozen=True)
class Route:
    """One address: its pattern as text, the view, and the names of its arguments."""

    pattern: str
    name: str
    callback: Any
    arguments: tuple[str, ...]

    @property
    def public(self) -> bool:
        """Whether it is the same for everybody."""
        return bool(PUBLIC.match("/" + self.pattern))

    @property
    def api_view(self) -> Any:
        """The REST framework view behind it, None for a page."""
        return getattr(self.callback, "cls", None)

    def addresses(self, world: World, place: Place) -> Iterator[str]:
        """Addresses with arguments that name the place's rows: of both producers where anyone may ask.

        On private pages one row stands for all of a place's: the same rule hides them.
        """
        choices = {name: self._values(name, world, place) for name in self.arguments}
        if not self.arguments:
            yield fill("/" + self.pattern, {})
            return
        longest = max((len(values) for values in choices.values()), default=1)
        for turn in range(longest if self.public else 1):
            given = {name: values[turn % len(values)] for name, values in choices.items() if values}
            if len(given) == len(choices):
                yield "/" + fill(self.pattern, given)

    def names_a_place(self, world: World) -> bool:
        """Whether the arguments tell one place's rows from another's."""
        return set(self.addresses(world, world.home)).isdisjoint(
            self.addresses(world, next(iter(world.foreign.values())))
        )

    def _values(self, name: str, world: World, place: Place) -> list[Any]:
        owner = _ADMIN.match(self.pattern)
        if name in ("object_id", "pk") and owner:
            return self._admin_rows(owner, place)
        if name == "object_id":
            return [place.org.pk]
        if name == "pk" and self.pattern.startswith("api/v1/rating/runs/"):
            return [world.run.pk]
        if name == "uid" and self.pattern.startswith("my/records/batch/"):
            return [row.uid for row in place.rows[ProductionBatch]]
        if name == "uid" and self.pattern.startswith("my/photos/"):
            return [row.uid for row in place.rows[RecordPhoto]]
        if name in OF_PLACE:
            return OF_PLACE[name](place)
        if name in COMMON:
            return COMMON[name]
        raise LookupError(
            f"The address {self.pattern} takes “{name}”, for which the matrix has no value: add one to "
            "OF_PLACE (rows of a place) or COMMON in tests/contracts/routes.py."
        )

    def _admin_rows(self, owner: re.Match[str], place: Place) -> list[Any]:
        model = apps.get_model(owner["app"], owner["model"])
        if model in place.rows:
            return [row.pk for row in place.rows[model]]
        first = model._default_manager.order_by("pk").first()
        return [first.pk] if first is not None else [1]


def fill(pattern: str, given: dict[str, Any]) -> str:
    """The pattern with values in the arguments' places."""
    filled = _PARAMETER.sub(lambda found: quote(str(given[found["name"]])), pattern)
    filled = _GROUP.sub(lambda found: quote(str(given[found["name"]])), filled)
    return (
        filled.replace("^[cC]", "c")
        .replace("^", "")
        .replace("/?$", "/")
        .replace("$", "")
        .replace(".*", "nowhere")
    )


@cache
def routes() -> tuple[Route, ...]:
    """Every address that the resolver knows."""
    return tuple(_walk(get_resolver(), ""))


def _walk(resolver: Any, prefix: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern)
        else:
            assert isinstance(entry, URLPattern)
            yield Route(pattern, entry.name or "", entry.callback, _arguments(pattern, entry))


def _arguments(pattern: str, entry: URLPattern) -> tuple[str, ...]:
    wanted = _PARAMETER if isinstance(entry.pattern, RoutePattern) else _NAMED
    return tuple(found["name"] for found in wanted.finditer(pattern))


def autocompletes() -> Iterator[dict[str, str]]:
    """The queries that the back office's choosers make: one for each page that can be chosen from."""
    asked = set()
    for model in admin.site._registry:
        for field in model._meta.get_fields():
            if not (field.is_relation and field.concrete) or field.related_model in asked:
                continue
            related = admin.site._registry.get(field.related_model)
            if related is not None and related.search_fields:
                asked.add(field.related_model)
                yield {
                    "app_label": model._meta.app_label,
                    "model_name": model._meta.model_name,
                    "field_name": field.name,
                    "term": "X",
                }
