"""Certificates, issued through the service as everywhere."""

import datetime
import uuid
from decimal import Decimal

import factory

from agricredit.foundation.common import clock
from certificates.models import Certificate, ForeignCertificate
from certificates.services.issuing import issue
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory, ProductFactory
from tests.factories.records import HarvestFactory


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


class ForeignCertificateFactory(factory.django.DjangoModelFactory):
    """Half a ton of beans, certified on the province's platform."""

    class Meta:
        model = ForeignCertificate

    platform = "省追溯平台"
    code = factory.Sequence(lambda n: f"GD-{n:06d}")
    producer = factory.SubFactory(ProducerFactory)
    product = "长豇豆"
    quantity = Decimal("500")
    issued_on = datetime.date(2026, 10, 1)
    received_at = factory.LazyFunction(clock.now)
    changed_at = factory.LazyFunction(clock.now)
