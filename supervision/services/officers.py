"""Officers' enforcement certificates (行政执法证): entered and renewed by their county."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from agricredit.foundation.audit.services import record
from supervision.models import EnforcementCertificate


@transaction.atomic
def keep_certificate(*, certificate: EnforcementCertificate, actor: Any) -> EnforcementCertificate:
    """Save a new or changed certificate with its audit line; ValidationError names what is wrong."""
    certificate.full_clean()
    certificate.save()
    record(
        verb="enforcement_certificate.changed",
        actor=actor,
        target=certificate,
        region_code=certificate.user.region_code,
        number=certificate.number,
        valid_until=certificate.valid_until,
    )
    return certificate
