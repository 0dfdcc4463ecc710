"""Reads of the input catalogue; apart from the archives' other reads, which fill a file of their own."""

from __future__ import annotations

import unicodedata
from typing import Any, Self

from django.db import models

from agricredit.foundation.common.grams import fold
from archives.producer_querysets import INITIALS, name_q


class CatalogueQuerySet(models.QuerySet[Any]):
    """Reference data that is no producer's."""

    def visible_to(self, user: Any) -> Self:
        """Catalogues are public."""
        return self.all()


class InputItemQuerySet(CatalogueQuerySet):
    """The input catalogue."""

    def of_kind(self, kind: str) -> Self:
        """Pesticides, fertilisers and so on; "" is all."""
        return self.filter(kind=kind) if kind else self

    def search(self, text: str) -> Self:
        """By registration number, part of the common name or pinyin initials; an empty text finds none."""
        wanted = "".join(unicodedata.normalize("NFKC", text).split())
        if not wanted:
            return self.none()
        found = models.Q(registration_number=wanted.upper()) | name_q([fold(wanted)])
        if INITIALS.match(wanted.lower()):
            found |= models.Q(initials__startswith=wanted.lower())
        return self.filter(found)
