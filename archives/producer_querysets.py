"""Reads of the register's producers: whom one may see, whom a text means, what a merged file became."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import connection, models

from agricredit.foundation.common.crypto import keyed_hash
from agricredit.foundation.common.grams import fold, query_grams
from archives.querysets import visible_q

if TYPE_CHECKING:
    from archives.models import Producer

RANK_POOL = 200
_CREDIT_CODE = re.compile(r"^[0-9A-HJ-NPQRTUWXY]{18}$")
INITIALS = re.compile(r"^[a-z0-9]+$")
_PHONE = re.compile(r"^1\d{10}$")
_IDENTITY = re.compile(r"^\d{17}[0-9X]$")
_FRAGMENTS_READ = 6

_CHAIN_ENDS = """
    WITH RECURSIVE chain AS (
        SELECT id AS start, id, merged_into_id FROM archives_producer WHERE id = ANY(%s)
        UNION
        SELECT chain.start, p.id, p.merged_into_id
        FROM chain JOIN archives_producer p ON p.id = chain.merged_into_id
    ) SELECT start, id FROM chain WHERE merged_into_id IS NULL
"""


class ProducerQuerySet(models.QuerySet["Producer"]):
    """Producers."""

    def visible_to(self, user: Any) -> Self:
        """Those the user may see: its jurisdiction's, its own by membership, or none."""
        return self.filter(visible_q(user, producer="", producer_id="id"))

    def public(self) -> Self:
        """Those anyone may look up: no natural persons, no merged aliases."""
        return self.exclude(nature="natural_person").exclude(status="merged")

    def in_region(self, code: str) -> Self:
        """Those in a division's subtree."""
        return self.filter(region__code__startswith=code) if code else self.all()

    def rated_in(self, region: str, year_end: datetime.date) -> Self:
        """Whom a run covers: producing in the subtree, active or paused, registered by the year's end."""
        rows = self.in_region(region).working_in("production")
        return rows.filter(status__in=("active", "paused"), registered_on__lte=year_end)

    def working_in(self, activity: str) -> Self:
        """Those who do this, whatever else they do."""
        rows = self.filter(activities__contains=[activity])
        # Says to the planner what the partial index of the few others holds.
        return rows if activity == "production" else rows.exclude(activities=["production"])

    def search(self, text: str) -> Self:
        """Match a credit code, a key, pinyin initials from the start, or parts of a name (all of them).

        Unordered on purpose: ordering a common fragment's hits costs 100 ms; use :meth:`ranked` for a short
        list, best first. An empty text matches nothing.
        """
        words = unicodedata.normalize("NFKC", text).split()[:_FRAGMENTS_READ]
        if not words:
            return self.none()
        whole = "".join(words)
        if _CREDIT_CODE.match(whole.upper()):
            return self.filter(models.Q(credit_code=whole.upper()) | models.Q(key=text.strip()))
        named = name_q(fold(word) for word in words)
        if INITIALS.match(whole.lower()):
            return self._spelt(text.strip(), whole.lower(), named)
        return self.filter(models.Q(key=text.strip()) | named)

    def _spelt(self, key: str, initials: str, named: models.Q) -> Self:
        """Letters and digits only: a key, initials, or a name that holds them.

        Joined by OR the three would build a bitmap of every name that begins so, 100 ms at a million; asked
        first whether a key or a name is meant at all, the initials are one index scan that stops early.
        """
        everyone = self.model._default_manager
        if everyone.filter(key=key).exists():
            return self.filter(key=key)
        begins = models.Q(initials__startswith=initials)
        return self.filter(begins | named if everyone.filter(named).exists() else begins)

    def ranked(self, text: str, limit: int = 20) -> list[Producer]:
        """The best matches: the whole name first, then names that begin so, then shorter names."""
        wanted = fold(text)

        def rank(producer: Producer) -> tuple[int, int, int]:
            name = producer.name_folded
            order = 0 if name == wanted else 1 if name.startswith(wanted) else 2
            return order, len(name), producer.pk

        return sorted(self.search(text)[:RANK_POOL], key=rank)[:limit]

    def sought(self, text: str) -> Self:
        """What officers look for in their own registers: also a whole phone or identity number."""
        number = "".join(unicodedata.normalize("NFKC", text).split()).upper()
        if _PHONE.match(number):
            return self.with_phone(number)
        found = self.search(text)
        return found | self.with_identity(number) if _IDENTITY.match(number) else found

    def with_phone(self, phone: str) -> Self:
        """Those whose contact number it is, found by its keyed hash."""
        return self.filter(phone_hash=keyed_hash(phone, "phone")) if _PHONE.match(phone) else self.none()

    def with_identity(self, number: str) -> Self:
        """Those whose identity number it is, found by its keyed hash."""
        return self.filter(identity_hash=keyed_hash(number.strip().upper(), "identity"))

    def known_as(self, producer_id: int) -> list[int]:
        """Its id and those of every producer merged into it, however far: events never move."""
        ids: list[int] = []
        fresh = [producer_id]
        while fresh:
            ids += fresh
            fresh = list(self.filter(merged_into_id__in=fresh).values_list("pk", flat=True))
        return ids

    def ends(self, ids: Iterable[int]) -> dict[int, int]:
        """Each id's end of its merged_into chain: what events of those merged count for; one query."""
        with connection.cursor() as cursor:
            cursor.execute(_CHAIN_ENDS, [list(ids)])
            return dict(cursor.fetchall())

    def resolve(self, ids: Iterable[int]) -> dict[int, Producer]:
        """Each id's producer at the end of its merged_into chain, in two queries however many there are."""
        ends = self.ends(ids)
        rows = self.in_bulk(set(ends.values()))
        return {start: rows[end] for start, end in ends.items() if end in rows}


def name_q(words: Iterable[str]) -> models.Q:
    """Every fragment in the name: the GIN index finds candidates, LIKE checks fragments over two long."""
    query = models.Q()
    for word in words:
        query &= models.Q(name_grams__contains=query_grams(word))
        if len(word) > 2:
            query &= models.Q(name_folded__contains=word)
    return query
