"""Reads of certificates, named for business states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from archives.models import Producer

if TYPE_CHECKING:
    from agricredit.foundation.accounts.models import User
    from certificates.models import Certificate, ForeignCertificate  # noqa: F401 - the querysets' models


class CertificateQuerySet(models.QuerySet["Certificate"]):
    """Certificates as different people may read them."""

    def visible_to(self, user: User) -> Self:
        """Those of producers that the user may see."""
        return self.filter(producer__in=Producer.objects.visible_to(user))

    def issued(self) -> Self:
        """Not void."""
        return self.filter(status="issued")


class ForeignCertificateQuerySet(models.QuerySet["ForeignCertificate"]):
    """Certificates of other platforms."""

    def visible_to(self, user: User) -> Self:
        """Those of producers that the user may see."""
        return self.filter(producer__in=Producer.objects.visible_to(user))
