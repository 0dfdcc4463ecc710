"""Officers with enforcement certificates, plans and tasks."""

import datetime

import factory

from supervision.models import EnforcementCertificate, Plan, Task, TaskKind
from tests.factories.accounts import UserFactory
from tests.factories.archives import ProducerFactory


class EnforcementCertificateFactory(factory.django.DjangoModelFactory):
    """A county officer's certificate, valid till the end of 2028."""

    class Meta:
        model = EnforcementCertificate

    user = factory.SubFactory(UserFactory)
    number = factory.Sequence(lambda n: f"GD{n:08d}")
    authority = "遂溪县农业农村局"
    valid_until = datetime.date(2028, 12, 31)


class PlanFactory(factory.django.DjangoModelFactory):
    """The county's plan for 2026, two inspections a producer at most."""

    class Meta:
        model = Plan
        django_get_or_create = ("region_code", "year")

    region_code = "440823"
    year = 2026
    made_at = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


class TaskFactory(factory.django.DjangoModelFactory):
    """An inspection due at the end of November 2026."""

    class Meta:
        model = Task

    plan = factory.SubFactory(PlanFactory)
    producer = factory.SubFactory(ProducerFactory)
    kind = TaskKind.INSPECTION
    month = 11
    due_on = datetime.date(2026, 11, 30)
