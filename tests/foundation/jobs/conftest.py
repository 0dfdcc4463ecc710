"""The kinds of job are registered; the outbox starts each test with nobody listening."""

import pytest

from agricredit.foundation.jobs import outbox
from agricredit.foundation.jobs.services import queueing
from tests.foundation.jobs import kinds  # noqa: F401 - importing registers


@pytest.fixture(autouse=True)
def _nobody_listens(monkeypatch):
    monkeypatch.setattr(outbox, "_subscriptions", {})
    queueing.breaker.resting_until = 0.0
    yield
    queueing.breaker.resting_until = 0.0
