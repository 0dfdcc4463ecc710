"""Two producers in one county: enough for the ledger, without the archives' own services."""

from __future__ import annotations

from datetime import date

import pytest

from archives.models import Producer, Region


def make_producer(key: str, **fields) -> Producer:
    given = {
        "name": f"主体{key}",
        "kind": "family_farm",
        "nature": "individual_business",
        "sectors": ["crops"],
        "region_id": "440825",
        "registered_on": date(2020, 1, 1),
    }
    return Producer.objects.create(key=key, **given | fields)


@pytest.fixture
def region(db) -> Region:
    return Region.objects.create(code="440825", name="徐闻县", full_name="广东省湛江市徐闻县", level="county")


@pytest.fixture
def farm(region) -> Producer:
    return make_producer("P1")


@pytest.fixture
def other_farm(region) -> Producer:
    return make_producer("P2")
