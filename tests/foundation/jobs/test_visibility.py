"""Who sees which jobs."""

import pytest
from django.contrib.auth.models import AnonymousUser

from agricredit.foundation.jobs.models import Job
from tests.factories.jobs import JobFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(django_user_model):
    people = {
        "city": ("city_officer", "4408"),
        "county": ("county_officer", "440802"),
        "foreign": ("county_officer", "320703"),
        "producer": ("producer", ""),
        "system": ("system_admin", ""),
        "audit": ("audit_admin", ""),
    }
    users = {
        name: django_user_model.objects.create_user(name, role=role, region_code=code)
        for name, (role, code) in people.items()
    }
    JobFactory(title="市", region_code="4408")
    JobFactory(title="区", region_code="440802")
    JobFactory(title="外", region_code="320703")
    JobFactory(title="平台", region_code="")
    JobFactory(title="自己", region_code="320703", created_by=users["producer"])
    return lambda name: set(Job.objects.visible_to(users[name]).values_list("title", flat=True))


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("city", {"市", "区"}),
        ("county", {"区"}),
        ("foreign", {"外", "自己"}),
        ("producer", {"自己"}),
        ("system", {"平台"}),
        ("audit", set()),
    ],
)
def test_jobs_by_role(seen, name, titles):
    assert seen(name) == titles


def test_visitors_see_none(seen):
    assert not Job.objects.visible_to(AnonymousUser()).exists()
