"""A farm at noon of a day that stands still, for the tests of production records."""

from decimal import Decimal

import pytest

from archives.services.records import record_harvest, record_purchase, record_use
from tests.archives.recording import MONDAY
from tests.factories.archives import PlotFactory, ProducerFactory, ProducerProductFactory, ProductFactory


@pytest.fixture
def field(db, noon):
    """A cooperative that grows beans on a plot of five mu."""
    producer = ProducerFactory(key="FIELD")
    producer.bean = ProductFactory(name="长豇豆", code="010101", yield_kg_per_mu=3000)
    ProducerProductFactory(producer=producer, product=producer.bean)
    producer.plot = PlotFactory(producer=producer)
    return producer


def spray(field, day=MONDAY, **fields):
    """One use on the field."""
    given = {
        "kind": "pesticide", "name": "自配药", "manufacturer": "某厂", "method": "喷雾",
        "product": field.bean,
        "plot": field.plot, "quantity": Decimal("0.5"), "unit": "瓶", "interval_days": 5,
    }  # fmt: skip
    return record_use(producer=field, occurred_on=day, **{**given, **fields})


def pick(field, day, **fields):
    """One harvest of the field."""
    given = {"product": field.bean, "plot": field.plot, "quantity": Decimal(100), "unit": "公斤"}
    return record_harvest(producer=field, occurred_on=day, **{**given, **fields})


def buy(field, day=MONDAY, **fields):
    """One purchase."""
    given = {
        "kind": "pesticide",
        "name": "自配药",
        "quantity": Decimal(10),
        "unit": "瓶",
        "supplier": "农资店",
    }
    return record_purchase(producer=field, occurred_on=day, **{**given, **fields})
