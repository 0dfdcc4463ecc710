"""Visits that another floor asks for stand in the plan beside its own, and survive its making."""

import datetime

import pytest

from supervision.models import Plan, Task
from supervision.services import plans, requested
from tests.factories.archives import ProducerFactory
from tests.factories.supervision import PlanFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def november(monkeypatch):
    monkeypatch.setattr(requested, "today", lambda: datetime.date(2026, 11, 22))
    monkeypatch.setattr(plans, "today", lambda: datetime.date(2026, 11, 22))


def test_each_idle_producer_gets_one_task_in_the_plan_that_covers_it():
    plan = PlanFactory()
    here, closed = ProducerFactory(), ProducerFactory(status="closed")
    away = ProducerFactory(region="440825")
    ids = [here.pk, closed.pk, away.pk]
    assert requested.visit_idle(producer_ids=ids) == 2
    assert requested.visit_idle(producer_ids=ids) == 0
    task = Task.objects.get(producer=here)
    assert (task.plan, task.kind, task.cause, task.due_on) == (
        plan, "guidance", "idle", datetime.date(2026, 12, 31),
    )  # fmt: skip
    assert Task.objects.get(producer=away).plan == Plan.objects.get(region_code="440825")
    plans.make(region_code="440823", year=2026)
    assert Task.objects.filter(pk=task.pk).exists()


def test_who_is_to_be_visited_anyway_gets_no_second_task():
    TaskFactory(producer=(producer := ProducerFactory()), due_on=datetime.date(2026, 11, 30))
    assert requested.visit_idle(producer_ids=[producer.pk]) == 0


def test_december_asks_for_january(monkeypatch):
    monkeypatch.setattr(requested, "today", lambda: datetime.date(2026, 12, 3))
    producer = ProducerFactory()
    assert requested.visit_idle(producer_ids=[producer.pk]) == 1
    task = Task.objects.get()
    assert (task.plan.year, task.month, task.due_on) == (2027, 1, datetime.date(2027, 1, 31))
