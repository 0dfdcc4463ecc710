"""Two producers in one county: enough for the ledger, without the archives' own services."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

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


@pytest.fixture
def narrow(monkeypatch):
    """Tiles of 4 leaves, so that three levels fit into a test."""
    for module in ("tiles", "verification"):
        monkeypatch.setattr(f"archives.services.{module}.WIDTH", 4)


def leave_a_gap() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('archives_creditevent', 'id'))")
