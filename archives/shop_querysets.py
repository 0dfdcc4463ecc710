"""Reads of input shops: their licences and lots."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import models

from agricredit.foundation.common.clock import today
from archives.querysets import OwnedQuerySet, RecordQuerySet


class DealerLicenceQuerySet(OwnedQuerySet):
    """Dealers' licences."""

    def in_force(self, on: datetime.date | None = None) -> Self:
        """Valid on the day (today when not given) and not ended before it."""
        day = on or today()
        standing = models.Q(ended_on__isnull=True) | models.Q(ended_on__gt=day)
        return self.filter(standing, valid_from__lte=day, valid_until__gte=day)


class ShopPurchaseQuerySet(RecordQuerySet):
    """Lots of input shops."""

    def in_stock(self) -> Self:
        """Those of which something is left."""
        return self.active().filter(left__gt=0)
