"""The farm, and a day that stands still until a test moves it."""

import datetime

import pytest

from tests.archives.portal.farm import make_farm

NOW = datetime.datetime(2026, 11, 21, 10, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))


class Clock:
    """The platform's clock."""

    def __init__(self):
        self.now = NOW

    def forward(self, **delta):
        """Let time pass."""
        self.now += datetime.timedelta(**delta)


@pytest.fixture(autouse=True)
def moment(monkeypatch):
    """The clock that the services read."""
    clock = Clock()
    monkeypatch.setattr("agricredit.foundation.common.clock.now", lambda: clock.now)
    return clock


@pytest.fixture
def farm(db):
    """An owner at the portal."""
    return make_farm()
