"""Reads of licences, with those under which input shops trade, and of shops' lots."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import models

from agricredit.foundation.common.clock import today
from archives import vocabulary
from archives.querysets import KeptQuerySet, RecordQuerySet


class LicenceQuerySet(KeptQuerySet):
    """Licences and permits."""

    def dealing(self) -> Self:
        """Those that a trade in inputs needs (农药管理条例 art. 24, 兽药管理条例 art. 22)."""
        return self.filter(kind__in=vocabulary.codes_with("licences", "dealing"))

    def in_force(self, on: datetime.date | None = None) -> Self:
        """Found true, valid on the day (today when not given) and not ended before it."""
        day = on or today()
        standing = models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=day)
        begun = models.Q(issued_on__isnull=True) | models.Q(issued_on__lte=day)
        lasting = models.Q(valid_until__isnull=True) | models.Q(valid_until__gte=day)
        return self.filter(standing, begun, lasting, check_outcome="pass")


class ShopPurchaseQuerySet(RecordQuerySet):
    """Lots of input shops."""

    def in_stock(self) -> Self:
        """Those of which something is left."""
        return self.active().filter(left__gt=0)
