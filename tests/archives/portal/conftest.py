"""The farm, and a day that stands still."""

import datetime

import pytest

from tests.archives.portal.farm import make_farm

NOW = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("agricredit.foundation.common.clock.now", lambda: NOW)


@pytest.fixture
def farm(db):
    """An owner at the portal."""
    return make_farm()
