"""Job rows for tests."""

import factory

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import Job, State


class JobFactory(factory.django.DjangoModelFactory):
    """A queued job of a kind that nothing runs."""

    class Meta:
        model = Job

    kind = "tests.nothing"
    title = factory.Sequence(lambda n: f"任务{n}")
    state = State.QUEUED
    created_at = factory.LazyFunction(clock.now)
    not_before = factory.LazyFunction(clock.now)
    heartbeat_at = factory.Maybe("is_running", factory.LazyFunction(clock.now), None)
    attempts = factory.Maybe("is_running", 1, 0)

    class Params:
        is_running = factory.LazyAttribute(lambda job: job.state == State.RUNNING)
