"""Records beside their reviews: fetched in one query a noun, however long the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from archives.models import RecordReview
from archives.services.records import NOUNS


def attach(reviews: Iterable[RecordReview]) -> list[RecordReview]:
    """The reviews, each with its record as ``row``."""
    given = list(reviews)
    uids: dict[str, list[Any]] = defaultdict(list)
    for review in given:
        uids[review.noun].append(review.uid)
    for noun, wanted in uids.items():
        model = NOUNS[noun].model
        related = [
            field.name for field in model._meta.get_fields() if field.name in ("product", "plot", "harvest")
        ]
        found = {row.uid: row for row in model.objects.filter(uid__in=wanted).select_related(*related)}
        for review in given:
            if review.noun == noun:
                review.row = found.get(review.uid)
    return given
