"""A farm on which everything is recorded at noon of one day: fixtures of the tests of records."""

import datetime
from decimal import Decimal

import pytest

from archives.models import CreditEvent
from archives.services.records import (
    record_harvest,
    record_purchase,
    record_use,
)
from tests.factories.archives import PlotFactory, ProducerFactory, ProducerProductFactory, ProductFactory

MONDAY = datetime.date(2026, 11, 2)


def day(n):
    return MONDAY + datetime.timedelta(days=n)


@pytest.fixture(autouse=True)
def _noon(noon):
    """All of it happens on one day."""


@pytest.fixture
def farm():
    producer = ProducerFactory(key="FARM")
    producer.bean = ProductFactory(name="长豇豆", code="010101")
    ProducerProductFactory(producer=producer, product=producer.bean)
    producer.plot = PlotFactory(producer=producer)
    return producer


@pytest.fixture
def purchase(farm):
    return record_purchase(
        producer=farm,
        occurred_on=MONDAY,
        kind="pesticide",
        name="阿维菌素",
        ingredient="阿维菌素",
        registration_number="PD20091234",
        batch_number="20260901",
        manufacturer="某农化公司",
        supplier="某农资店",
        quantity=Decimal("10"),
        unit="瓶",
    )


@pytest.fixture
def use(farm):
    def make(**fields):
        return record_use(
            **{
                "producer": farm,
                "occurred_on": MONDAY,
                "kind": "pesticide",
                "name": "阿维菌素",
                "manufacturer": "某农化公司",
                "method": "喷雾",
                "product": farm.bean,
                "plot": farm.plot,
                "quantity": Decimal("0.5"),
                "unit": "瓶",
                "interval_days": 5,
                **fields,
            }
        )

    return make


@pytest.fixture
def harvest(farm):
    def make(n, **fields):
        return record_harvest(
            **{
                "producer": farm,
                "occurred_on": day(n),
                "product": farm.bean,
                "plot": farm.plot,
                "quantity": Decimal("120.5"),
                "unit": "公斤",
                **fields,
            }
        )

    return make


def events(row):
    """kind → (outcome, value) of the events that a record posted and that are not reversed."""
    found = CreditEvent.objects.filter(
        uid__startswith=f"{row.uid}:", reverses__isnull=True, reversals__isnull=True
    )
    return {e.event_kind.name: (e.outcome_name, e.value) for e in found}


def refused(error):
    return {fault.field: fault.message for fault in error.value.faults}
