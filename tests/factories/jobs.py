"""Job rows for tests."""

import factory

from agricredit.foundation.common import clock
from agricredit.foundation.jobs.models import ExportFile, Job, State
from tests.factories.accounts import UserFactory


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


class ExportFileFactory(factory.django.DjangoModelFactory):
    """A list that is being made into a file."""

    class Meta:
        model = ExportFile

    listing = "archives.producer"
    title = "生产主体"
    format = "xlsx"
    asked_by = factory.SubFactory(UserFactory)
    asked_at = factory.LazyFunction(clock.now)
