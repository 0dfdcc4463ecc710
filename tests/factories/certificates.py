"""Certificates, issued through the service as everywhere."""

import uuid
from decimal import Decimal

from certificates.models import Certificate
from certificates.services.issuing import issue
from tests.factories.accounts import UserFactory
from tests.factories.archives import HarvestFactory, ProducerFactory, ProductFactory


def issued(**changes) -> Certificate:
    """A certificate of 40 kg from a harvest of 100 kg."""
    producer = changes.pop("producer", None) or ProducerFactory()
    harvest = changes.pop("harvest", None) or HarvestFactory(
        producer=producer, product=ProductFactory(name="长豇豆")
    )
    facts = {
        "uid": uuid.uuid4(),
        "harvest": harvest,
        "quantity": Decimal("40"),
        "bases": ["quality_control"],
        "actor": UserFactory(),
    }
    return issue(**{**facts, **changes})
